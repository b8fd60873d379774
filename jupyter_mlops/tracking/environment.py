"""What a session ran on: notebook, user, git."""

from __future__ import annotations

import contextlib
import getpass
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_PATCH = 1 << 20


def session_tags(session: Mapping[str, Any]) -> dict[str, str]:
    """MLflow's standard tags for the session's journal header: user, source, git commit and state."""
    folder = Path(session["folder"])
    tags = {
        "mlflow.source.type": "NOTEBOOK",
        "mlflow.source.name": str(session.get("notebook") or folder),
        "mlops.python": session["python"],
        "mlops.folder": str(folder),
        "mlops.session": session["id"],
        "mlops.owner": f"{session['host']}:{session['pid']}",
    }
    with contextlib.suppress(KeyError, OSError):  # a container's user without a name
        tags["mlflow.user"] = getpass.getuser()
    return tags | _git_tags(folder)


def uncommitted(folder: Path) -> str | None:
    """What differs from the commit in files that git knows, as a patch; None if nothing does.

    Notebooks are left out, as their outputs can hold data; a patch of more than 1 MB is its summary only.
    """
    words = ("diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv")
    others = ("--", ":/", ":(exclude,top)*.ipynb")
    patch = _git(folder, *words, *others)
    if len(patch) > _MAX_PATCH:
        patch = "larger than 1 MB, so only its summary is kept\n" + _git(folder, *words, "--stat", *others)
    return patch[:_MAX_PATCH] + "\n" if patch else None


def _git_tags(folder: Path) -> dict[str, str]:
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return {}
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"mlflow.source.git.commit": commit, "mlops.git.dirty": str(bool(changed)).lower()}


def _git(folder: Path, *words: str) -> str:
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        return ""
    try:
        done = subprocess.run(
            [git, "--no-optional-locks", *words],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip("\n") if done.returncode == 0 else ""
