"""A process that can read the user's files and not write them.

Two guards, because neither sees everything: an audit hook refuses what Python itself opens and removes,
with a clear error; on Linux the kernel (Landlock) refuses what libraries write in C++ and what child
processes do. Only our scratch folder, temporary files, caches and devices stay writable.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

NO_WRITES = "mlops: a replay does not write the user's files"

_CACHES = (".cache", ".config", ".local", ".matplotlib", "scikit_learn_data")
_CHANGES_FILES = {
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "shutil.rmtree",
}  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC

# From linux/landlock.h; the call numbers are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_WRITE_ACCESS = 1 << 1 | sum(1 << bit for bit in range(4, 13))  # write, remove, make
_MOVE_ACCESS, _TRUNCATE_ACCESS = 1 << 13, 1 << 14  # since versions 2 and 3


def make_read_only(scratch: Path, folder: Path) -> None:
    """From now on, and for child processes, only `scratch` and temporary places can be written.

    None of these if the user's `folder` lies in it.

    Call it before any thread starts: the kernel restricts the calling thread and what that one starts.
    """
    writable = _writable(scratch.resolve(), folder.resolve())
    _restrict_in_kernel(writable)
    _refuse_in_python(writable)


def _writable(scratch: Path, folder: Path) -> list[Path]:
    home = Path.home()
    places = [Path(tempfile.gettempdir()), Path("/dev"), Path("/proc"), *(home / name for name in _CACHES)]
    found = [place.resolve() for place in places if place.exists()]
    return [scratch, *(place for place in found if not folder.is_relative_to(place))]


def _refuse_in_python(writable: list[Path]) -> None:
    def may_write(target: str | bytes | os.PathLike[str]) -> bool:
        place = Path(os.path.realpath(os.fsdecode(target)))
        if place.suffix == ".pyc" or "__pycache__" in place.parts:
            return True
        return any(place.is_relative_to(root) for root in writable)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            targets = [path] if isinstance(flags, int) and flags & _WRITING else []
        elif event in _CHANGES_FILES:
            targets = list(arguments[:2])
        else:
            return
        for target in targets:
            if isinstance(target, str | bytes | os.PathLike) and not may_write(target):
                raise PermissionError(NO_WRITES)

    sys.addaudithook(hook)


def _restrict_in_kernel(writable: list[Path]) -> None:
    """Do nothing where the kernel has no Landlock (before Linux 5.13, other systems)."""
    if sys.platform != "linux":
        return
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    if version < 1:
        return
    access = _WRITE_ACCESS | (_MOVE_ACCESS if version >= 2 else 0) | (_TRUNCATE_ACCESS if version >= 3 else 0)
    attributes = struct.pack("=Q", access)
    rules = call(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return
    try:
        for place in writable:
            handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
            call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", access, handle), 0)
            os.close(handle)
        if ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
