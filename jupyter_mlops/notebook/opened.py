"""Hears what the running cell does to files, to the environment's variables and to other processes, and what
it asks for.

Python announces these to audit hooks. A hook cannot be removed and an error in it would end the user's
call, so there is one per process, it only notes what it is told, and only while a cell is recorded.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.asked import ASKING, asked_by_child, asked_by_event, asked_by_opening
from jupyter_mlops.notebook.commands import only_looks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

Signature = tuple[int, int, int]
"""Size, time of the last change (ns) and inode of a file: equal as long as nobody wrote it."""

WRITING = os.O_WRONLY | os.O_RDWR
_CHILDREN = frozenset(
    ("subprocess.Popen", "os.system", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec")
)
_NOTED = _CHILDREN | ASKING | {
    "open", "os.rename", "os.remove", "os.truncate", "os.mkdir", "os.rmdir", "os.link", "os.symlink",
    "shutil.rmtree", "os.listdir", "os.scandir", "sqlite3.connect", "os.chdir", "os.putenv", "os.unsetenv",
}  # fmt: skip
_IMPORTS = "<frozen importlib"  # it lists the folders of modules
_REPEATABLE = frozenset(("open", "os.listdir", "os.scandir", "sqlite3.connect", "os.putenv"))
_RELATIVE = frozenset(("os.remove", "os.rmdir", "os.mkdir"))
"""Their last argument is an open folder that the path is relative to, or -1."""
_MOST_EVENTS = 100_000
_SCANNED = 2_000
_HIDDEN_FOLDERS = (".", "__pycache__", "node_modules", "mlruns", "mlartifacts")


@dataclass(frozen=True)
class Event:
    """One announcement: its name, the path it is about, a second path, and what lay there before."""

    name: str
    path: str
    other: str = ""
    flags: int = 0
    before: Signature | None = None


@dataclass
class Heard:
    """What was heard during one cell."""

    events: list[Event] = field(default_factory=list)
    known: set[tuple[str, str, int]] = field(default_factory=set)
    """What need not be noted twice: a loop that reads the same files again and again."""
    scans: dict[str, dict[str, Signature]] = field(default_factory=dict)
    """Files in the folder of each child process as they were when the first one started."""
    asked: set[str] = field(default_factory=set)
    """What was asked of the world outside (`asked.py`)."""


_listeners: list[Heard] = []
_own = threading.local()  # what we open ourselves is not the cell's
_is_installed = False


def listen() -> Heard:
    """Begin to note; every thread of this process is heard. End it with `stop`."""
    global _is_installed  # noqa: PLW0603 - a hook is there for as long as the process is
    if not _is_installed:
        sys.addaudithook(_hook)
        _is_installed = True
    heard = Heard()
    _listeners.append(heard)
    return heard


def stop(heard: Heard) -> None:
    """Note no more in `heard`."""
    _listeners[:] = [other for other in _listeners if other is not heard]


def note_asked(words: Iterable[str]) -> None:
    """Note that the cells which run now asked for this."""
    for heard in _listeners:
        heard.asked.update(words)


def signature(path: str) -> Signature | None:
    """What tells a regular file from its later states; None if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino) if S_ISREG(found.st_mode) else None


@contextmanager
def unheard() -> Iterator[None]:
    """What this thread does meanwhile is our own work, and not the cell's."""
    before = getattr(_own, "looks", False)
    _own.looks = True
    try:
        yield
    finally:
        _own.looks = before


def scan(folder: str) -> dict[str, Signature]:
    """The files in a folder and in its direct sub-folders, at most `_SCANNED`; hidden ones left out."""
    with unheard():
        return _scan(folder)


def _scan(folder: str) -> dict[str, Signature]:
    found: dict[str, Signature] = {}
    waiting = [(folder, 0)]
    while waiting:
        place, depth = waiting.pop()
        try:
            entries = os.scandir(place)
        except OSError:
            continue
        with entries:
            for entry in entries:
                if entry.name.startswith(_HIDDEN_FOLDERS) or len(found) >= _SCANNED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth == 0:
                        waiting.append((entry.path, 1))
                elif seen := signature(entry.path):
                    found[entry.path] = seen
    return found


def _hook(name: str, arguments: tuple[Any, ...]) -> None:
    if not _listeners or name not in _NOTED or getattr(_own, "looks", False):
        return
    try:
        if name in ASKING:
            note_asked(asked_by_event(name, arguments, sys._getframe(1)))
        elif name == "subprocess.Popen" and only_looks(arguments[1]):
            return
        elif name in _CHILDREN:
            _note_child(name, arguments)
            note_asked(asked_by_child(name, arguments, sys._getframe(1)))
        else:
            event = _event(name, arguments)
            if event:
                for heard in _listeners:
                    _note(heard, event)
                if name == "open":
                    note_asked(asked_by_opening(event.path, sys._getframe(1)))
    except Exception:  # noqa: BLE001, S110 - it would end the user's call
        pass


def _note(heard: Heard, event: Event) -> None:
    key = (event.name, event.path, event.flags)
    if event.name in _REPEATABLE:
        if key in heard.known or len(heard.known) >= _MOST_EVENTS:
            return
        heard.known.add(key)
    else:
        heard.known.clear()
    heard.events.append(event)


def _event(name: str, arguments: tuple[Any, ...]) -> Event | None:  # noqa: PLR0911 - one per kind
    path = _text(arguments[0] if arguments else None)
    if name == "open":
        flags = arguments[2]
        if path is None or not isinstance(flags, int) or _is_rmtree(sys._getframe(2)):
            return None
        return Event(name, path, flags=flags, before=signature(path) if flags & WRITING else None)
    if name in {"os.listdir", "os.scandir"}:
        if sys._getframe(2).f_code.co_filename.startswith(_IMPORTS):
            return None
        return Event(name, "." if path is None else path)
    if path is None:
        return None
    if name in _RELATIVE and arguments[-1] != -1:  # to another folder: part of a `shutil.rmtree`
        return None
    if name in {"os.rename", "os.link", "os.symlink"}:
        return Event(name, path, _text(arguments[1]) or "", before=signature(path))
    if name in {"os.mkdir", "os.rmdir", "shutil.rmtree"}:
        return Event(name, path, flags=os.path.isdir(path))
    if name in {"os.putenv", "os.unsetenv"}:
        return Event(name, path)  # never the value
    return Event(name, path, before=signature(path))


def _is_rmtree(frame: FrameType) -> bool:
    """True where `shutil.rmtree`, which announces itself, opens a folder relative to another one."""
    return frame.f_code.co_name.startswith("_rmtree") and frame.f_code.co_filename == shutil.__file__


def _note_child(name: str, arguments: tuple[Any, ...]) -> None:
    folder = _text(arguments[2]) if name == "subprocess.Popen" else None
    folder = os.path.realpath(folder or ".")
    for heard in _listeners:
        heard.events.append(Event("child", folder))
        if folder not in heard.scans:
            heard.scans[folder] = scan(folder)


def _text(path: object) -> str | None:
    if type(path) is str:
        return path
    if type(path) is bytes:
        return os.fsdecode(path)
    return str(path) if issubclass(type(path), PurePath) and type(path).__module__ == "pathlib" else None
