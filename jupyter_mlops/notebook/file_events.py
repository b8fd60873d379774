"""From the announcements of one cell to what it did with each file; what came first decides."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.notebook.file_paths import entry, real, source
from jupyter_mlops.notebook.opened import WRITING, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.lineage.record import WriteKind
    from jupyter_mlops.notebook.opened import Event, Heard, Signature


@dataclass
class Use:
    """What one cell did with one file; `kind` is None if it only read it."""

    reads: bool = False
    kind: WriteKind | None = None
    digest: str | None = None


class Uses:
    """What one cell did with files so far; for each path, what came first decides.

    Args:
        written: the files and folders that cells of this session wrote before.
        is_foreign: says which paths are no work of the notebook's.
    """

    def __init__(self, written: AbstractSet[str], is_foreign: Callable[[str], bool]) -> None:
        self._written = written
        self._is_foreign = is_foreign
        self.found: dict[str, Use] = {}
        self.connected: dict[str, Signature | None] = {}
        """Databases that were opened, as they were then."""

    def follow(self, heard: Heard, folder: str) -> None:
        """Take in what was announced; paths were relative to `folder` when the cell began."""
        for event in heard.events:
            if event.name in {"child", "os.putenv", "os.unsetenv"}:
                continue
            place = source(os.path.join(folder, event.path))
            if event.name == "os.chdir":
                folder = place if os.path.isdir(place) else folder
            elif not self._is_foreign(place):
                path, link = real(place), entry(place)
                if link != path and link in self._written:
                    self.read(link)
                if not self._is_foreign(path):
                    self._follow(event, path, entry(os.path.join(folder, event.other)))

    def _follow(self, event: Event, path: str, other: str) -> None:  # noqa: PLR0912 - one line per event
        match event.name:
            case "open" if os.path.isdir(path):
                pass  # `tempfile` names the folder first
            case "open" if event.flags & WRITING:
                is_new = event.flags & os.O_TRUNC or event.before is None
                (self.bind if is_new else self.change)(path)
            case "open":
                self.read(path)
            case "os.truncate":
                self.change(path)
            case "sqlite3.connect":
                if not event.path.startswith(("file:", ":memory:")) and event.path:
                    self._connect(event, path)
            case "os.remove" | "os.rmdir" | "shutil.rmtree":
                for gone in self._at_or_below(path):
                    self.delete(gone)
            case "os.rename":
                self._rename(path, other)
            case "os.link" | "os.symlink":
                self.read(path)
                self.bind(other)
            case "os.mkdir":
                (self.read if event.flags else self.bind)(path)
            case "os.listdir" | "os.scandir":
                for known in self._written:
                    if os.path.dirname(known) == path:
                        self.read(known)

    def compare(self, path: str, old: Signature | None, *, replaces: bool) -> None:
        """Decide by size, time and inode what was done to a file that was not heard of."""
        now = signature(path)
        if old == now:
            if now is not None or path in self._written:
                self.read(path)
        elif now is None:
            self.delete(path)
        elif old is None or replaces:
            self.bind(path)
        else:
            self.change(path)

    def read(self, path: str) -> None:
        """Opened or listed as it is."""
        use = self._use(path)
        use.reads |= use.kind != "bind"

    def bind(self, path: str) -> None:
        """Made, or emptied first: what it was before does not matter."""
        self._use(path).kind = "bind"

    def change(self, path: str) -> None:
        """Written to; what was there stays in part."""
        use = self._use(path)
        if use.kind != "bind":
            use.reads, use.kind = True, "change"

    def delete(self, path: str) -> None:
        """Removed, or moved away."""
        use = self._use(path)
        if use.kind == "bind" and not use.reads and path not in self._written:
            del self.found[path]  # it came and went
        else:
            use.reads |= use.kind != "bind"
            use.kind = "delete"

    def _connect(self, event: Event, path: str) -> None:
        if event.before is None:
            self.bind(path)
        elif signature(path) != event.before:
            self.change(path)
        else:
            self.read(path)
        self.connected[path] = signature(path)

    def _rename(self, path: str, other: str) -> None:
        for old in list(self._at_or_below(path)):
            made_here = old in self.found and self.found[old].kind == "bind"
            if not made_here:
                self.read(old)
            self.bind(other + old[len(path) :])
            self.delete(old)

    def _at_or_below(self, path: str) -> Iterator[str]:
        yield path
        for known in {*self._written, *self.found}:
            if known.startswith(path + os.sep):
                yield known

    def _use(self, path: str) -> Use:
        folder = os.path.dirname(path)
        if folder in self._written and folder not in self.found:  # a folder that a cell made
            self.found[folder] = Use(reads=True)
        return self.found.setdefault(path, Use())
