"""An InteractiveShell as a kernel has it, with a clock around every cell, and the way results get home."""

from __future__ import annotations

import gc
import importlib
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

# Imported before the first clock starts: no side is charged for the libraries of the user's own code.
_USED = (
    "matplotlib.pyplot", "numpy", "pandas", "pandas.io.formats.style", "sklearn.compose", "sklearn.datasets",
    "sklearn.ensemble", "sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection",
    "sklearn.pipeline", "sklearn.preprocessing",
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """Seconds: on the wall, of all threads of the process, and of the thread that runs cells."""

    wall: float
    cpu: float
    thread: float


def make_shell() -> InteractiveShell:
    """A shell with its history in memory and the user's libraries imported; it has run one cell."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    for name in _USED:
        importlib.import_module(name)
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell: InteractiveShell = InteractiveShell.instance(config=config)
    run(shell, "0 + 0")  # IPython's own first-cell costs
    gc.collect()
    return shell


def run(shell: InteractiveShell, source: str) -> Cost:
    """Run one cell as a front end does.

    Raises:
        RuntimeError: the cell failed, so its time means nothing.
    """
    wall, cpu, thread = time.perf_counter(), time.process_time(), time.thread_time()
    result = shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
    cost = Cost(time.perf_counter() - wall, time.process_time() - cpu, time.thread_time() - thread)
    if not result.success:
        raise RuntimeError(f"a cell of the benchmark failed: {source.splitlines()[0]}")
    return cost


def run_all(shell: InteractiveShell, sources: Iterable[str]) -> list[dict[str, float]]:
    """Run cells back to back: no pause in which background work could hide."""
    return [asdict(run(shell, source)) for source in sources]


def peak_bytes() -> int:
    """The most memory this process has held (resident set)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def bytes_under(*places: Path) -> int:
    """Bytes of all files in folders, and of single files."""
    files = [file for place in places for file in (place.rglob("*") if place.is_dir() else [place])]
    return sum(file.stat().st_size for file in files if file.is_file())


def report(path: str, **found: Any) -> None:
    """Hand the measurements to the process that started this one; read only after this one has ended."""
    Path(path).write_text(json.dumps(found), "utf-8")
