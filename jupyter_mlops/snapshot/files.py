"""Files of the store, written whole or not at all, with errors that name the file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from jupyter_mlops.errors import StoreError

_TEMPORARY = ".writing-"


def write_atomically(path: Path, data: bytes) -> int:
    """Write a file under a name of its own and then give it its name; returns its size.

    Raises:
        StoreError: the folder or the disk does not take it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # the name must not reach the disk before the content
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            f"The snapshot store could not write {path} ({error.strerror or type(error).__name__}).",
            "Free space on that disk or make the folder writable, then run the cell again.",
        ) from error
    return len(data)


def read_whole(path: Path) -> bytes:
    """The content of a file.

    Raises:
        StoreError: it is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"The snapshot store could not read {path} ({error.strerror or type(error).__name__}).",
            "Bring the file back from a backup, or run the cell again that made this value.",
        ) from error


def damaged(path: Path) -> StoreError:
    """The error for a file that is not what was written."""
    return StoreError(
        f"{path} is damaged: its checksum does not match its content.",
        "Delete that file and run the cell again that made this value; it is then written anew.",
    )


def bytes_under(folder: Path) -> int:
    """The size of all finished files under a folder."""
    files = (path for path in folder.rglob("*") if not path.name.startswith(_TEMPORARY))
    return sum(path.stat().st_size for path in files if path.is_file())
