"""A scratch view of the user's folders for a replay whose cells write files: the user's own stay as they are.

The view is made of folders and of links to the user's files. Files that a cell of the slice makes are left
out of it, and those that it changes are copied into it, so that the replay begins as the notebook did. Paths
relative to the notebook's folder, upwards too, then mean the view; absolute ones mean the user's files, which
the replay can read and not write.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.record import file_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.record import CellRecord

_MOST_ENTRIES = 20_000
"""Folders below the notebook's are made and filled with links up to here; then whole folders are linked."""


@dataclass(frozen=True)
class SliceFile:
    """A file that a slice uses; `path` is relative to the session's folder if it lies below it."""

    path: str
    is_made: bool
    """A cell of the slice makes it before any reads it."""
    is_written: bool
    digest: str | None = None
    """Of a file that no cell of the slice makes: what it held when it was first read, if that is known."""


def files_of(records: Iterable[CellRecord]) -> tuple[SliceFile, ...]:
    """The files that these executions use, sorted by path; what the first one did with a file decides."""
    found: dict[str, SliceFile] = {}
    for record in records:
        digests = {use.path: use.digest for use in record.files if use.mode == "read"}
        for name in (*record.reads, *record.writes):
            path = file_path(name)
            if path is None:
                continue
            write = record.writes.get(name)
            if path not in found:
                is_made = write is not None and write.kind == "bind" and name not in record.reads
                found[path] = SliceFile(path, is_made, write is not None, digests.get(path))
            elif write is not None:
                found[path] = SliceFile(path, found[path].is_made, True, found[path].digest)
    return tuple(found[path] for path in sorted(found))


def mirror(folder: Path, files: Sequence[SliceFile], scratch: Path) -> Path:
    """Make the view below `scratch`; returns what stands for `folder`, which is itself if nothing is written.

    Args:
        folder: where the notebook ran.
        files: those that the slice uses.
        scratch: an empty folder of ours.
    """
    written = [file for file in files if file.is_written]
    if not written:
        return folder
    start = os.path.realpath(folder)
    places = {os.path.normpath(os.path.join(start, file.path)): file for file in written}
    view = _View(
        scratch / "view",
        left_out={place for place, file in places.items() if file.is_made},
        copied={place for place, file in places.items() if not file.is_made},
    )
    for place in (start, *map(os.path.dirname, places)):
        view.open(place)
    view.fill(start)
    return view.at(start)


class _View:
    def __init__(self, root: Path, left_out: set[str], copied: set[str]) -> None:
        self._root = root
        self._left_out = left_out
        self._copied = copied
        self._opened: set[str] = set()
        self._entries = 0

    def at(self, place: str) -> Path:
        """Where a folder of the user's stands in the view."""
        return self._root / os.path.relpath(place, os.path.abspath(os.sep))

    def open(self, place: str) -> None:
        """Make the folder and all above it, with links to what lies in them."""
        if place in self._opened or self._is_left_out(place) or not os.path.isdir(place):
            return
        above = os.path.dirname(place)
        if above != place:
            self.open(above)
        self._opened.add(place)
        here = self.at(place)
        if here.is_symlink():  # the folder above had it as a link so far
            here.unlink()
        here.mkdir(parents=True, exist_ok=True)
        for entry in _entries(place):
            path = os.path.join(place, entry.name)
            self._entries += 1
            if path in self._copied and entry.is_file():
                shutil.copy2(path, here / entry.name)
            elif path not in self._left_out:
                os.symlink(path, here / entry.name)

    def _is_left_out(self, place: str) -> bool:
        return any(place == made or place.startswith(made + os.sep) for made in self._left_out)

    def fill(self, place: str) -> None:
        """Open what lies below the folder as well, hidden folders left out: some walk over no links."""
        for entry in _entries(place):
            is_folder = entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            if is_folder and self._entries < _MOST_ENTRIES:
                self.open(os.path.join(place, entry.name))
                self.fill(os.path.join(place, entry.name))


def _entries(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:  # a folder above that may be entered and not listed
        return []
