"""The same files in an object store, through pyarrow alone: S3 and what speaks as it does, Google, Azure.

An object appears whole or not at all, so nothing is written aside and renamed. There are no locks between
machines: while one of them collects garbage or forgets, no other may write.
"""

from __future__ import annotations

import contextlib
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.snapshot.remote_errors import unreadable_there, unwritable_there

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs"}
"""What pyarrow knows, and the package with which fsspec knows it: whoever installed that one wants it."""
_CONNECT_SECONDS = 5.0
_SILENT_SECONDS = 30.0  # of a connection on which nothing moves


class ArrowFiles:
    """A prefix in a bucket; the network is first asked when the first file is."""

    local = False

    def __init__(self, url: str) -> None:
        """Take the address.

        Raises:
            BadInputError: it names no bucket, or holds a password.
        """
        self.place = without_secrets(url).rstrip("/")
        scheme, _, path = url.partition("://")
        if scheme.startswith("s3") and "@" in path.partition("/")[0]:
            raise BadInputError(
                f"The address {self.place} of a snapshot store holds a key or a password.",
                "Leave it out, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.",
            )
        if not path.strip("/"):
            raise BadInputError(
                f"The address {url} of a snapshot store names no bucket.",
                f"Write {scheme}://BUCKET/PREFIX.",
            )
        self._scheme = scheme
        self._url = url
        self._listed: dict[str, Any] = {}

    def read(self, name: str) -> bytes:
        """The content of a file; StoreError if it is missing or the place does not answer."""
        try:
            with self._system.open_input_file(self._path(name)) as file:
                return bytes(file.readall())
        except Exception as error:  # OSError, and what a wrong setting makes pyarrow raise
            raise unreadable_there(self.place, name, error) from error

    def write(self, name: str, data: bytes) -> int:
        """Write a file whole or not at all; StoreError if the place does not take it."""
        try:
            with self._system.open_output_stream(self._path(name)) as file:
                file.write(data)
        except Exception as error:
            raise unwritable_there(self.place, name, error) from error
        return len(data)

    def exists(self, name: str) -> bool:
        """True if the file is there; StoreError if the place does not answer."""
        return bool(self._info(name).is_file)

    def delete(self, name: str) -> int:
        """Remove a file; returns how many bytes that freed."""
        try:
            found = self._info(name)
            if not found.is_file:
                return 0
            self._system.delete_file(found.path)
        except FileNotFoundError:
            return 0
        except Exception as error:
            raise unwritable_there(self.place, name, error) from error
        return int(found.size)

    def names(self, folder: str) -> Iterator[str]:
        """The files under a folder, in the order of their names."""
        from pyarrow.fs import FileSelector

        try:
            under = FileSelector(self._path(folder).rstrip("/"), recursive=True, allow_not_found=True)
            found = [info for info in self._system.get_file_info(under) if info.is_file]
        except Exception as error:
            raise unreadable_there(self.place, folder, error) from error
        self._listed = {info.path[len(self._root) + 1 :]: info for info in found}
        yield from sorted(self._listed)

    def size(self, name: str) -> int:
        """Bytes of a file; of one that was listed, without asking again."""
        return int((self._listed.get(name) or self._info(name)).size or 0)

    def modified(self, name: str) -> float:
        """When a file was written; of one that was listed, without asking again."""
        return float((self._listed.get(name) or self._info(name)).mtime_ns or 0) / 1e9

    def sweep(self) -> None:
        """Nothing: an upload that was broken off leaves no file."""

    def locked(self) -> contextlib.AbstractContextManager[object]:
        """Nothing: see the module."""
        return contextlib.nullcontext()

    def _info(self, name: str) -> Any:
        try:
            return self._system.get_file_info(self._path(name))
        except Exception as error:
            raise unreadable_there(self.place, name, error) from error

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @property
    def _system(self) -> Any:
        return self._opened[0]

    @property
    def _root(self) -> str:
        return self._opened[1]

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """The file system, and the bucket with the prefix."""
        from pyarrow import fs

        if not self._scheme.startswith("s3"):
            scheme = {"gcs": "gs"}.get(self._scheme, self._scheme)
            system, root = fs.FileSystem.from_uri(f"{scheme}{self._url[len(self._scheme) :]}")
            return system, str(root).rstrip("/")
        root = self._url.partition("://")[2].rstrip("/")
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if region is None and endpoint is None:
            region = fs.resolve_s3_region(root.partition("/")[0])
        system = fs.S3FileSystem(
            endpoint_override=endpoint,
            region=region,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_SILENT_SECONDS,
            allow_delayed_open=True,  # small files in one request
        )
        return system, root
