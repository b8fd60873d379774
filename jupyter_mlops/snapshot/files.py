"""Files of the store, written whole or not at all, with errors that name the file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jupyter_mlops.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from filelock import FileLock

TEMPORARY = ".writing-"
_LOCK = ".lock"


class Files(Protocol):
    """Named files in one place. Names are relative, with slashes."""

    place: str
    local: bool  # looking whether a file is there costs nothing

    def read(self, name: str) -> bytes:
        """The content of a file; StoreError if it is missing or cannot be read."""

    def write(self, name: str, data: bytes) -> int:
        """Write a file whole or not at all; returns its size."""

    def exists(self, name: str) -> bool:
        """True if a finished file has that name."""

    def delete(self, name: str) -> int:
        """Remove a file, if it is there; returns how many bytes that freed."""

    def names(self, folder: str) -> Iterator[str]:
        """The finished files under a folder, at any depth."""

    def size(self, name: str) -> int:
        """Bytes of a file."""

    def modified(self, name: str) -> float:
        """When a file was written, in seconds; only the order matters."""

    def sweep(self) -> None:
        """Remove what writers that were killed left behind; only under the lock."""

    def locked(self) -> contextlib.AbstractContextManager[object]:
        """One writer at a time, where the place has locks."""


class LocalFiles:
    """A folder of this machine."""

    local = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            StoreError: it is missing or cannot be read.
        """
        path = self.folder / name
        try:
            return path.read_bytes()
        except OSError as error:
            raise unreadable(str(path), error) from error

    def write(self, name: str, data: bytes) -> int:
        """Write a file under a name of its own and then give it its name.

        Raises:
            StoreError: the folder or the disk does not take it.
        """
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
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
            raise unwritable(str(path), error) from error
        return len(data)

    def exists(self, name: str) -> bool:
        """True if a finished file has that name."""
        return (self.folder / name).exists()

    def delete(self, name: str) -> int:
        """Remove a file.

        Raises:
            StoreError: the folder does not let it go.
        """
        path = self.folder / name
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise unwritable(str(path), error) from error
        return size

    def names(self, folder: str) -> Iterator[str]:
        """The finished files under a folder, in the order of their names."""
        for path in sorted((self.folder / folder).rglob("*")):
            if path.is_file() and not path.name.startswith((TEMPORARY, _LOCK)):
                yield path.relative_to(self.folder).as_posix()

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return (self.folder / name).stat().st_size

    def modified(self, name: str) -> float:
        """When a file was written."""
        return (self.folder / name).stat().st_mtime

    def sweep(self) -> None:
        """Remove temporary files: under the lock, nobody is writing them."""
        for path in self.folder.rglob(f"{TEMPORARY}*"):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Wait for the store's lock and hold it; the system frees it if the process is killed.

        Raises:
            StoreError: the folder cannot be made or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            raise unwritable(str(self.folder / _LOCK), error) from error
        try:
            yield
        finally:
            self._lock.release()

    @cached_property
    def _lock(self) -> FileLock:
        """One object, so that a thread that holds the lock may ask for it again."""
        from filelock import FileLock

        return FileLock(self.folder / _LOCK)


def unwritable(where: str, error: Exception) -> StoreError:
    """The error for a place that does not take a file."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    return StoreError(
        f"The snapshot store could not write {where} ({reason}).",
        "Free space there or make the folder writable, then run the cell again.",
    )


def unreadable(where: str, error: Exception) -> StoreError:
    """The error for a file that is missing or cannot be read."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    return StoreError(
        f"The snapshot store could not read {where} ({reason}).",
        "Bring the file back from a backup, or run the cell again that made this value.",
    )


def not_what_it_says(where: str) -> StoreError:
    """The error for a file that is whole but leads to another content than its name says."""
    return StoreError(
        f"{where} does not give back what its name says.",
        "Delete that file and run the cell again that made this value; it is then written anew.",
    )


def damaged(where: str) -> StoreError:
    """The error for a file that is not what was written."""
    return StoreError(
        f"{where} is damaged: its checksum does not match its content.",
        "Delete that file and run the cell again that made this value; it is then written anew.",
    )
