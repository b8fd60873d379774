"""A small file that people change while the server runs."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from .problems import StartError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


class Reread(Generic[T]):
    """What `read` makes of a file, made again when the file changes. A broken file changes nothing.

    Args:
        file: where it is; whether it may be absent is up to `read`.
        read: raises StartError when the content makes no sense.
        seconds: how often to look, at most.

    Raises:
        StartError: it makes no sense to begin with.
    """

    def __init__(self, file: Path, read: Callable[[Path], T], seconds: float) -> None:
        self.file = file
        self._read = read
        self._seconds = seconds
        self._seen = self._signature()
        self._content = read(file)
        self._next_look = monotonic() + seconds

    def now(self) -> T:
        """The content of the file, at most `seconds` old."""
        moment = monotonic()
        if moment >= self._next_look:
            self._next_look = moment + self._seconds
            self._look()
        return self._content

    def replace(self, content: T) -> None:
        """Use this content from now on, until the file is another than it is now."""
        self._seen = self._signature()
        self._content = content

    def _look(self) -> None:
        signature = self._signature()
        if signature == self._seen:
            return
        self._seen = signature  # also of a broken file: it is complained about once
        try:
            self._content = self._read(self.file)
        except StartError as problem:
            sys.stderr.write(f"error: {problem.what} What it said before still holds.\n{problem.fix}\n")
            sys.stderr.flush()

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            status = self.file.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
