"""The same files at a URL, through fsspec: SFTP, HDFS and what else it knows.

fsspec is imported here only, when the first store is opened by URL. There are no locks between machines:
while one of them collects garbage or forgets, no other may write.
"""

from __future__ import annotations

import contextlib
import importlib
import posixpath
import uuid
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.snapshot.files import TEMPORARY
from jupyter_mlops.snapshot.remote_errors import unreadable_there, unwritable_there

if TYPE_CHECKING:
    from collections.abc import Iterator

# An object appears there whole or not at all; elsewhere a file is written aside and then renamed.
_WHOLE_OBJECTS = frozenset(("memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "oci"))


class RemoteFiles:
    """A folder at an fsspec URL."""

    local = False

    def __init__(self, url: str) -> None:
        """Open the place.

        Raises:
            BadInputError: fsspec, or its part for that protocol, is missing or does not know the URL.
        """
        try:
            core: Any = importlib.import_module("fsspec.core")
            system, root = core.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            protocol = url.partition("://")[0]
            raise BadInputError(
                f"A snapshot store at a URL of kind {protocol!r} cannot be opened here.",
                "Install fsspec and its part for that protocol (s3fs, gcsfs, adlfs, …), or use a folder.",
            ) from error
        self._system: Any = system
        self._root = str(root).rstrip("/")
        self.place = without_secrets(url).rstrip("/")
        protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
        self._whole = not _WHOLE_OBJECTS.isdisjoint(protocols)

    def read(self, name: str) -> bytes:
        """The content of a file; StoreError if it is missing or the place does not answer."""
        try:
            return bytes(self._system.cat_file(self._path(name)))
        except Exception as error:  # each protocol has its own errors
            raise unreadable_there(self.place, name, error) from error

    def write(self, name: str, data: bytes) -> int:
        """Write a file whole or not at all; StoreError if the place does not take it."""
        path = self._path(name)
        try:
            if self._whole:
                self._system.pipe_file(path, data)
            else:
                self._system.makedirs(posixpath.dirname(path), exist_ok=True)
                aside = posixpath.join(posixpath.dirname(path), f"{TEMPORARY}{uuid.uuid4().hex}")
                self._system.pipe_file(aside, data)
                self._system.mv(aside, path)
        except Exception as error:
            raise unwritable_there(self.place, name, error) from error
        return len(data)

    def exists(self, name: str) -> bool:
        """True if the file is there; StoreError if the place does not answer."""
        try:
            return bool(self._system.exists(self._path(name)))
        except Exception as error:
            raise unreadable_there(self.place, name, error) from error

    def delete(self, name: str) -> int:
        """Remove a file; returns how many bytes that freed."""
        try:
            size = self.size(name)
            self._system.rm_file(self._path(name))
        except FileNotFoundError:
            return 0
        except Exception as error:
            raise unwritable_there(self.place, name, error) from error
        return size

    def names(self, folder: str) -> Iterator[str]:
        """The files under a folder, in the order of their names."""
        try:
            found = sorted(self._system.find(self._path(folder)))
        except Exception as error:
            raise unreadable_there(self.place, folder, error) from error
        for path in found:
            name = str(path)[len(self._root) :].lstrip("/")
            if not posixpath.basename(name).startswith("."):
                yield name

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return int(self._system.size(self._path(name)))

    def modified(self, name: str) -> float:
        """When a file was written; 0 where the place does not say."""
        try:
            return float(self._system.modified(self._path(name)).timestamp())
        except NotImplementedError:
            return 0.0

    def sweep(self) -> None:
        """Remove files that were written aside and never renamed."""
        for path in self._system.find(self._root):
            if posixpath.basename(str(path)).startswith(TEMPORARY):
                self._system.rm_file(path)

    def locked(self) -> contextlib.AbstractContextManager[object]:
        """Nothing: see the module."""
        return contextlib.nullcontext()

    def _path(self, name: str) -> str:
        return posixpath.join(self._root, name)
