"""Files as hidden state: which ones a cell read, made, changed and removed, and what was in them.

Most of it is heard (`opened.py`). Libraries that open files without Python (Parquet, Polars, HDF5) are not,
so that every text or path the cell used which names a file is looked at before and after it; nor are child
processes, so that their folders are.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128

from jupyter_mlops.notebook.file_events import Use, Uses
from jupyter_mlops.notebook.file_paths import current_folder, foreign_folders, named_paths, real
from jupyter_mlops.notebook.opened import Heard, Signature, listen, scan, signature, stop

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGE_BYTES = 64 << 20
"""How much is read per cell for digests: files beyond it are told apart by size and time of the change."""
MOST_FILES = 1_000
"""Files of one cell that are recorded, if no cell of the session wrote them."""

_WATCHED = 16
_CLOCK_NS = 20_000_000  # file systems take their times from a clock that may be this much behind
_OUR_FOLDERS = {".mlops", "mlruns", "mlartifacts", ".git", ".ipynb_checkpoints", ".ipython", ".jupyter"}
_OUR_FILES = ("mlflow.db", ".coverage")
# These open files in C++, C or Rust; the second kind replaces what was there.
_READERS = {
    "read_parquet", "scan_parquet", "read_table", "ParquetFile", "ParquetDataset", "read_hdf", "HDFStore",
    "h5py", "duckdb", "polars", "scan_csv", "scan_ipc", "open_dataset", "zarr", "lmdb", "imread",
}  # fmt: skip
_REPLACERS = {
    "to_parquet", "write_parquet", "sink_parquet", "write_csv", "sink_csv", "write_ipc", "write_table",
    "write_feather", "write_json", "write_ndjson", "to_netcdf", "imwrite", "save_model",
}  # fmt: skip
BYPASSES = frozenset(_READERS | _REPLACERS)


@dataclass
class FilesBefore:
    """What was known of files when a cell began."""

    heard: Heard
    folder: str
    began: int
    seen: dict[str, Signature | None]
    mentions: set[str]
    scanned: dict[str, Signature]
    """Files in the folder, if the cell may use some that are not heard of, under names made of parts."""


@dataclass
class Files:
    """The files a session knows; paths are absolute and without links."""

    folder: str = field(default_factory=lambda: real(current_folder()))
    written: set[str] = field(default_factory=set)
    """Files and folders that cells of this session made, changed or removed."""
    _seen: dict[str, tuple[Signature | None, str | None]] = field(default_factory=dict)
    _open: dict[str, Signature | None] = field(default_factory=dict)
    _foreign: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        here = self.folder + os.sep
        self._foreign = tuple(place for place in foreign_folders() if not here.startswith(place))

    def is_foreign(self, path: str) -> bool:
        """True for files of Python, of the system, of caches and of ours: no work of the notebook's."""
        if path.startswith(self._foreign):
            return True
        folder, _, name = path.rpartition(os.sep)
        return name.startswith(_OUR_FILES) or not _OUR_FOLDERS.isdisjoint(folder.split(os.sep))

    def begin(self, texts: set[str], mentions: set[str], values: Iterable[Any]) -> FilesBefore:
        """Note the files a cell may use without being heard, and begin to hear it."""
        folder = current_folder()
        paths = {os.path.join(folder, path) for path in named_paths(texts, mentions, values)}
        seen = {path: signature(path) for path in paths}
        scanned = scan(folder) if mentions & BYPASSES else {}
        return FilesBefore(listen(), folder, time.time_ns(), seen, mentions, scanned)

    def finish(self, before: FilesBefore, values: Iterable[Any]) -> dict[str, Use]:
        """What the cell did, by path; `values` are those it bound, which may be paths too."""
        stop(before.heard)
        uses = Uses(self.written, self.is_foreign)
        uses.follow(before.heard, before.folder)
        for path, old in uses.connected.items():  # a database that stays open is written to later
            self._open.setdefault(path, old)
        heard = set(uses.found)
        replaces = bool(before.mentions & _REPLACERS)
        late = {os.path.join(before.folder, path): None for path in named_paths(set(), set(), values)}
        for path, old in {**late, **before.seen}.items():
            place = real(path)
            if place not in heard and not self.is_foreign(place):
                was = old if path in before.seen else self._as_it_was(place, before.began)
                uses.compare(place, was, replaces=replaces)
        for folder, old_files in before.heard.scans.items():
            self._compare_all(uses, heard, folder, old_files)
        if before.mentions & BYPASSES:
            self._compare_all(uses, heard, before.folder, before.scanned, replaces=replaces)
            if before.mentions & _READERS and not any(before.seen.values()):
                for path in self.written:
                    uses.read(path)
        if before.heard.scans:
            for path in self.written:  # a child process can read them all
                uses.read(path)
        for path, old in list(self._open.items()):
            if path not in uses.found and signature(path) != old:
                uses.change(path)
        return self._close(uses)

    def assume(self, texts: set[str], mentions: set[str]) -> list[str]:
        """Files that a cell which ran unseen may have used, as `finish` names them."""
        places = (real(os.path.join(self.folder, path)) for path in named_paths(texts, mentions, ()))
        found = [path for path in places if signature(path) and not self.is_foreign(path)]
        self.written.update(found)
        return [self.name(path) for path in found]

    def changed_outside(self, path: str, digest: str | None) -> bool:
        """True if a file that was only read now is not what it was when a cell last used it."""
        return path in self._seen and self._seen[path][1] != digest

    def name(self, path: str) -> str:
        """The path relative to the session's folder if it lies below it."""
        if path.startswith(self.folder + os.sep):
            return path[len(self.folder) + 1 :].replace(os.sep, "/")
        return path

    def _compare_all(
        self, uses: Uses, heard: set[str], folder: str, old: dict[str, Signature], *, replaces: bool = False
    ) -> None:
        """Find what changed in a folder that was not heard of."""
        now = scan(folder)
        for path in old.keys() | now.keys():
            place = real(path)
            if old.get(path) != now.get(path) and place not in heard and not self.is_foreign(place):
                uses.compare(place, old.get(path), replaces=replaces)

    def _as_it_was(self, path: str, began: int) -> Signature | None:
        """A file that was not looked at before the cell: as it was when last used, or to go by its time."""
        if path in self._seen:
            return self._seen[path][0]
        now = signature(path)
        return now if now and now[1] < began - _CLOCK_NS else None

    def _close(self, uses: Uses) -> dict[str, Use]:
        """Digests of what is there now; what came and went within the cell is left out."""
        made: dict[str, Use] = {}
        for path, use in uses.found.items():
            now = signature(path)
            is_folder = now is None and os.path.isdir(path)
            if now is None and not is_folder:
                if path not in self.written and not (use.kind == "delete" and use.reads):
                    continue
                if use.kind is not None:
                    use.kind = "delete"
            if is_folder and use.kind is None and path not in self.written:
                continue
            made[path] = use
        made = _most(made, self.written)
        budget = LARGE_BYTES
        for path, use in made.items():
            now = signature(path)
            if now:
                use.digest = self._digest(path, now, use, budget)
                budget -= now[0] if len(use.digest or "") == 32 else 0
        self._open = {path: old for path, old in self._open.items() if path not in made}
        written = {path for path, use in made.items() if use.kind}
        still_open = _still_open(written | self._open.keys()) if written or self._open else set()
        self._open = {path: signature(path) for path in still_open}
        self.written |= written
        return made

    def settle(self, path: str, digest: str | None) -> None:
        """Remember what a file held at the end of the cell that used it."""
        self._seen[path] = (signature(path), digest)

    def _digest(self, path: str, now: Signature, use: Use, budget: int) -> str | None:
        known = self._seen.get(path)
        if use.kind is None and known and known[0] == now:
            return known[1]
        return file_digest(path, now, budget)


def _most(uses: dict[str, Use], written: set[str]) -> dict[str, Use]:
    """Those that cells wrote first, of the others not more than `MOST_FILES`."""
    ours = {path: use for path, use in uses.items() if use.kind or path in written}
    others = [(path, use) for path, use in uses.items() if path not in ours]
    return ours | dict(others[:MOST_FILES])


def file_digest(path: str, now: Signature, budget: int = LARGE_BYTES) -> str | None:
    """The xxh3-128 of a file's bytes, or size and time if there are too many; None if it cannot be read."""
    if now[0] > budget:
        return f"size {now[0]}, changed {now[1]}"
    try:
        whole = xxh3_128()
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                whole.update(block)
    except OSError:
        return None
    return whole.hexdigest()


def is_unchanged(path: str, recorded: str) -> bool:
    """True if a file still has the digest that a record holds."""
    now = signature(path)
    if now is None:
        return False
    return file_digest(path, now, -1 if recorded.startswith("size ") else now[0]) == recorded


def _still_open(paths: set[str]) -> set[str]:
    """Those of the files that this process still holds open; where that cannot be known, some of them."""
    try:
        with os.scandir("/proc/self/fd") as entries:
            held = {_link(entry.path) for entry in entries}
    except OSError:
        return set(sorted(paths)[-_WATCHED:])
    return paths & held


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
