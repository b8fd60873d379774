"""Which folder or file a request means. Nothing outside of what Jupyter shows is named by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_core.paths import is_hidden
from jupyter_server.services.contents.fileio import FileManagerMixin
from jupyter_server.utils import ApiPath, to_os_path

from jupyter_mlops.errors import BadInputError, MlopsError, NotFoundError
from jupyter_mlops.settings import find_project

if TYPE_CHECKING:
    from jupyter_server.services.contents.manager import ContentsManager


class NotOnDiskError(MlopsError):
    """The files that Jupyter shows are not on a disk of the server's machine."""


def root_of(manager: ContentsManager) -> Path:
    """The folder that Jupyter shows, as it spells it.

    Raises:
        NotOnDiskError: it shows no folder of this machine.
    """
    if not isinstance(manager, FileManagerMixin):
        raise NotOnDiskError(
            "the files that Jupyter shows here are kept somewhere else, so they are in no project folder",
            "Work in a folder on the disk of the machine that runs Jupyter; the magics work everywhere.",
        )
    return Path(manager.root_dir)


def project_of(folder: str, root: Path, *, show_hidden: bool) -> Path:
    """The project of a folder that is named relative to the root, with ``/`` between its parts.

    It may begin above the root, as it does for the kernels of that folder.

    Raises:
        BadInputError: the folder is outside of the root.
        NotFoundError: there is no such folder, or it is hidden and Jupyter does not show those.
    """
    path = os_path(folder, root)
    found = inside(path, root)
    try:
        there = found.is_dir() and (show_hidden or not is_hidden(path, str(root)))
    except (OSError, ValueError):  # it cannot be looked at
        there = False
    if not there:
        raise NotFoundError("there is no such folder", "Reload the page: it may have been moved.")
    return find_project(found)


def os_path(path: str, root: Path) -> str:
    """Where a path of Jupyter's lies, spelled as it is asked for: no link is followed.

    Raises:
        BadInputError: it has a part ``..``, which may mean another folder where there are links.
    """
    if ".." in path.replace("\\", "/").split("/"):
        raise _outside()
    return to_os_path(ApiPath(path), str(root))


def inside(path: str, start: Path) -> Path:
    """`path` from `start`, if it stays inside of it; links are followed first.

    Raises:
        BadInputError: it leaves it, or is no path.
    """
    try:
        found = (start / path).resolve()
        stays = found.is_relative_to(start.resolve())
    except (OSError, ValueError):
        stays = False
    if not stays:
        raise _outside()
    return found


def _outside() -> BadInputError:
    return BadInputError(
        "the path leads out of the folder it belongs to",
        "Give a path below that folder, without `..`; links that lead out are not followed.",
    )


def new_folder(path: str, project: Path, *, show_hidden: bool) -> Path:
    """A folder to be made below the project's.

    Raises:
        BadInputError: it is not below the project's folder, or nobody would see it.
    """
    found = inside(path, project)
    parts = found.relative_to(project.resolve()).parts
    if not parts or (not show_hidden and any(part.startswith(".") for part in parts)):
        raise BadInputError(
            "a bundle needs a folder of its own that Jupyter shows",
            "Name a new folder below the project's, without a dot at its beginning.",
        )
    return found


def exists(path: Path) -> bool:
    """False also for what cannot be the name of a file."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
