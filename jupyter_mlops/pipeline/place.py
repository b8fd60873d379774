"""The folder of a project: put in place whole, and never over what somebody has changed."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import platform
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = ".pipeline.json"
"""Digests of the files as they were written: a file with another content is somebody's work."""
_SUFFIX = ".making"


def check_place(target: Path) -> Path:
    """The absolute folder, if a project may be put there: a new or empty one, or an unchanged project.

    Raises:
        BadInputError: something else is there, or files of the project were changed; one is named.
    """
    place = target.expanduser().resolve()
    if any(base.is_relative_to(place) for base in (Path.cwd(), Path.home())):
        raise BadInputError(
            f"{place} holds the current or the home folder, so it cannot become a pipeline project",
            "Name a new folder for the project.",
        )
    if not place.exists():
        return place
    if not place.is_dir():
        raise BadInputError(f"{place} is a file", "Name a new folder for the project.")
    if not any(place.iterdir()):
        return place
    try:
        written: dict[str, str] = json.loads((place / MANIFEST).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            f"{place} is not empty, and no pipeline project", "Name a new folder for the project."
        ) from error
    changed = [name for name, known in written.items() if _digest(place / name) not in {known, None}]
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise BadInputError(
            f"{changed[0]}{more} in {place} was changed since the pipeline was written",
            "Name another folder, and bring your changes over; or remove this one yourself.",
        )
    return place


@contextmanager
def put_in_place(place: Path) -> Iterator[Path]:
    """Give an empty folder beside `place` to fill; when all went well it takes its place, else it is removed.

    What others put into the project, such as its store of runs, moves along. A killed process leaves a
    hidden folder, which the next one removes.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_over(place)
    mark = f".{place.name}.{os.getpid()}@{platform.node()}.{secrets.token_hex(4)}"
    fresh, old = (place.with_name(f"{mark}.{role}{_SUFFIX}") for role in ("new", "old"))
    fresh.mkdir()
    try:
        yield fresh
        files = sorted(path for path in fresh.rglob("*") if path.is_file())
        digests = {path.relative_to(fresh).as_posix(): _digest(path) for path in files}
        (fresh / MANIFEST).write_text(json.dumps({"files": digests}, indent=1) + "\n", "utf-8")
        _swap(fresh, place, old)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _swap(fresh: Path, place: Path, old: Path) -> None:
    if place.exists():
        place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    if old.exists():
        _bring_over(old, place)
        shutil.rmtree(old, ignore_errors=True)


def _remove_left_over(place: Path) -> None:
    """Folders of processes of this machine that are gone; those they had moved aside come back."""
    import psutil

    for left in place.parent.glob(f".{glob.escape(place.name)}.*{_SUFFIX}"):
        owner, _, rest = left.name.removeprefix(f".{place.name}.").partition("@")
        is_ours = owner.isdigit() and rest.startswith(f"{platform.node()}.")
        if not is_ours or psutil.pid_exists(int(owner)):
            continue
        if left.name.endswith(f".old{_SUFFIX}") and not place.exists():
            left.rename(place)
            continue
        if left.name.endswith(f".old{_SUFFIX}"):
            _bring_over(left, place)
        shutil.rmtree(left, ignore_errors=True)


def _bring_over(old: Path, place: Path) -> None:
    """Move what is not of the old project itself to where it was."""
    written = (
        set(json.loads((old / MANIFEST).read_text("utf-8"))["files"]) if (old / MANIFEST).exists() else set()
    )
    for path in sorted(old.rglob("*"), key=lambda path: len(path.parts)):
        name = path.relative_to(old)
        target = place / name
        if not path.exists() or name.as_posix() in {*written, MANIFEST} or "__pycache__" in name.parts:
            continue
        if not target.exists() and target.parent.is_dir():
            path.rename(target)


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
