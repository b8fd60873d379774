"""Put a whole folder in place at once: written beside the target, then renamed."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.bundle.runtime.manifest import MANIFEST
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX = ".exporting"


def check_target(target: Path, *, force: bool) -> Path:
    """The absolute target, if a bundle may be put there.

    Raises:
        BadInputError: something is there and `force` is off; it is no bundle; or it is a folder that work,
            the home folder or the whole system lives in.
    """
    place = target.expanduser().resolve()
    if any(base.is_relative_to(place) for base in (Path.cwd(), Path.home())):
        raise BadInputError(
            f"{place} holds the current or the home folder, so it cannot become a bundle.",
            "Name a new folder for the bundle.",
        )
    if not place.exists():
        return place
    if not force:
        raise BadInputError(
            f"{place} already exists.",
            "Name another folder, or replace it with `--force` (in Python: force=True).",
        )
    if not place.is_dir() or (any(place.iterdir()) and not (place / MANIFEST).is_file()):
        raise BadInputError(
            f"{place} is not a bundle: it has no {MANIFEST}, so it is not replaced.",
            "Name another folder, or remove this one yourself.",
        )
    return place


@contextmanager
def put_in_place(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when all went well it becomes `target`, else it is removed.

    What is at `target` stays there until the new folder is whole. A process that is killed leaves at most a
    hidden folder, which the next export to the same target removes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_over(target)
    mark = f".{target.name}.{_owner(os.getpid())}.{secrets.token_hex(4)}"
    fresh, old = (target.with_name(f"{mark}.{role}{_SUFFIX}") for role in ("new", "old"))
    fresh.mkdir()
    try:
        yield fresh
        _swap(fresh, target, old)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _swap(fresh: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _remove_left_over(target: Path) -> None:
    import psutil

    for left in target.parent.glob(f".{_escaped(target.name)}.*{_SUFFIX}"):
        owner = left.name.removeprefix(f".{target.name}.")
        process = owner.partition("@")[0]
        # On a shared disk another machine may be exporting: only our own dead processes are cleaned up after.
        ours = process.isdigit() and owner.startswith(_owner(int(process)) + ".")
        if ours and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _owner(process: int) -> str:
    return f"{process}@{platform.node()}"


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
