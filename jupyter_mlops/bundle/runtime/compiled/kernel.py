"""The C function that adds up trees: its library for this machine, and its arguments made ready once.

The libraries in `native/` are built from `trees.c`, which is beside them, the same for all models. Where none
fits, `forest.py` makes the same sums with NumPy, bit for bit, only slower.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from ctypes import byref, c_char, c_int64, c_void_p
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

_SYSTEMS = {"linux": ("linux", "so"), "darwin": ("macos", "dylib"), "win32": ("windows", "dll")}
_MACHINES = {
    ("linux", "x86_64"): "x86_64",
    ("linux", "aarch64"): "aarch64",
    ("macos", "x86_64"): "x86_64",
    ("macos", "arm64"): "arm64",
    ("windows", "amd64"): "x86_64",
}


def library_name() -> str | None:
    """The name in `native/` of this machine's library; None if there is none for it."""
    system, suffix = _SYSTEMS.get(sys.platform, ("", ""))
    machine = _MACHINES.get((system, platform.machine().lower()))
    return machine and f"trees-{system}-{machine}.{suffix}"


FEW = 16
"""Up to so many rows are added up before another thread is let run: that takes longer than they do."""


class Functions(NamedTuple):
    """The C function, called in two ways: with and without letting other threads run."""

    freely: Any
    at_once: Any


def load_kernel(path: Path) -> Functions | None:
    """The function of the library at `path`; None if it does not load here.

    Loading runs its code: the caller has compared the file with the manifest's digest.
    """
    try:
        found = Functions(ctypes.CDLL(str(path)).add_trees, ctypes.PyDLL(str(path)).add_trees)
    except (OSError, AttributeError):
        return None
    for function in found:
        function.restype = None
        function.argtypes = (c_void_p, c_void_p, c_int64, c_void_p)
    return found


class _Trees(ctypes.Structure):
    """`Trees` of `trees.c`."""

    _fields_ = (
        *((name, c_void_p) for name in ("nodes", "leaf", "values", "root", "depth", "sets")),
        *((name, c_int64) for name in ("trees", "features", "width", "outputs", "has_sets")),
    )


class Kernel:
    """The C function with one model's trees as its first argument."""

    def __init__(
        self, functions: Functions, arrays: Sequence[np.ndarray[Any, Any]], numbers: Sequence[int]
    ) -> None:
        self._functions = functions
        self._arrays = arrays  # kept: the structure holds only their addresses
        self._trees = _Trees(*(array.ctypes.data for array in arrays), *numbers)
        self._address = ctypes.addressof(self._trees)

    def __call__(self, matrix: np.ndarray[Any, Any], out: np.ndarray[Any, Any]) -> None:
        """Add to `out`; both are C-contiguous float64."""
        count = len(matrix)
        if 0 < count <= FEW and matrix.flags.writeable:  # four times as quick as .ctypes.data
            rows, sums = byref(c_char.from_buffer(matrix.data)), byref(c_char.from_buffer(out.data))
            self._functions.at_once(self._address, rows, count, sums)
        else:
            self._functions.freely(self._address, matrix.ctypes.data, count, out.ctypes.data)
