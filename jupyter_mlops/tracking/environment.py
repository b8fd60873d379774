"""What a session ran on: packages, notebook, user, git."""

from __future__ import annotations

import contextlib
import getpass
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def packages() -> dict[str, str]:
    """Installed distributions and their versions, by normalised name."""
    found = {
        (dist.metadata["Name"] or "").lower().replace("_", "-"): dist.version
        for dist in metadata.distributions()
    }
    return dict(sorted((name, version) for name, version in found.items() if name))


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
            [git, *words], cwd=folder, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
