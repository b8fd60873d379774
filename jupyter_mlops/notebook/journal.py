"""The session's journal: one JSON line per event, on disk before the next cell starts.

A line is ``<crc32 as 8 hex digits> <json>``. What a crash tore is recognised by its checksum and left
out; everything before it is whole. Appends cost about 0.1 ms with the sync.
"""

from __future__ import annotations

import errno
import json
import os
import zlib
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Journal:
    """Append-only event log of one kernel session; a single writer, any number of readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._torn = False  # the last write stopped half-way: start on a fresh line

    def append(self, event: Mapping[str, Any]) -> None:
        """Write one event and sync it to disk.

        Raises:
            StoreError: the file cannot be written or was removed; the event is not there. Or it is, if only
                the sync failed: readers must know an event that was written again.
        """
        text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
        body = text.encode("utf-8", "backslashreplace")
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        try:
            if self._handle is None:
                self._handle = self._open()
            elif self.is_gone:
                raise OSError(errno.ENOENT, "it was removed")
            if self._torn:
                line = b"\n" + line
            self._torn = True
            if os.write(self._handle, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._torn = False
            getattr(os, "fdatasync", os.fsync)(self._handle)
        except OSError as error:
            fix = "Free space or make the folder writable, or set MLOPS_PROJECT to another folder."
            if self.is_gone:
                fix = "`%mlops track on` begins a new one."
            raise StoreError(f"the journal {self.path} cannot be written ({error.strerror})", fix) from error

    @property
    def is_gone(self) -> bool:
        """True if the file was removed while it was being written: what is appended now, nobody reads."""
        return self._handle is not None and os.fstat(self._handle).st_nlink == 0

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        if os.fstat(handle).st_size:
            os.lseek(handle, -1, os.SEEK_END)
            self._torn = os.read(handle, 1) != b"\n"
        return handle

    def close(self) -> None:
        """Close the file; a later `append` opens it again."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class JournalReader:
    """Follows a journal while it grows: what was read once is not read again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        """Bytes that were read."""
        self._start = 0  # of the first line that may not be whole yet

    def new_events(self) -> list[dict[str, Any]]:
        """The whole events since the last call, in order; torn or damaged lines are left out.

        Raises:
            OSError: the file is there but cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._start)
                content = file.read()
        except FileNotFoundError:
            return []
        *lines, last = content.split(b"\n")
        events = [*map(_event, lines), _event(last)]
        self.size = self._start + len(content)
        # a last line may be whole but for its line end
        self._start = self.size if events[-1] is not None else self.size - len(last)
        return [event for event in events if event is not None]


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """The whole events of a journal, in order; torn or damaged lines are left out."""
    yield from JournalReader(path).new_events()


def _event(line: bytes) -> dict[str, Any] | None:
    checksum, _, body = line.partition(b" ")
    if not body or checksum != b"%08x" % zlib.crc32(body):
        return None
    event: dict[str, Any] = json.loads(body)
    return event
