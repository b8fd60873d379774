"""What every entry shares: its options and report, the registry, and interleaved repetitions.

An entry is a module of this package with a docstring, whose first line is its title, and a function
``measure(options) -> Report``. Naming it in `ENTRIES` is all it takes to add one.
"""

from __future__ import annotations

import importlib
import os
import platform
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.tables import Table

ENTRIES = (
    "cell_cost",
    "compare",
    "drift",
    "drift_concept",
    "drift_multivariate",
    "drift_performance",
    "lab",
    "large_frame",
    "peers",
    "serving",
    "slices",
    "snapshots",
)
_PACKAGES = ("jupyter-mlops", "mlflow", "ipython", "pandas", "numpy", "scikit-learn", "pyarrow")
T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """What the command line says; `repeats` is how often each side runs."""

    repeats: int
    say: Callable[[str], None]
    is_quick: bool = False
    """Only find out whether it works at all: a small part of the work is enough."""


@dataclass(frozen=True)
class Report:
    """Tables to print, notes that belong under them, and all measurements as plain data."""

    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    data: Mapping[str, Any]


class Entry(Protocol):
    """The module of one benchmark."""

    __doc__: str | None

    def measure(self, options: Options) -> Report:
        """Run it."""


def load(name: str) -> Entry:
    """The entry of that name, imported now: an entry may need packages that others do not."""
    return cast("Entry", importlib.import_module(f"benchmarks.{name}"))


def title(entry: Entry) -> str:
    """The first line of the entry's docstring."""
    return (entry.__doc__ or "").strip().partition("\n")[0]


def interleave(sides: Mapping[str, Callable[[], T]], repeats: int) -> dict[str, list[T]]:
    """Run A B A B …: what the machine does meanwhile meets both sides, and position i pairs with i."""
    found: dict[str, list[T]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            found[name].append(side())
    return found


def machine() -> dict[str, Any]:
    """What a reader must know of the place to read the numbers."""
    return {
        "system": platform.system(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in _PACKAGES},
    }
