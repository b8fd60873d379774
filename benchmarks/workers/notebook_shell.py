"""A shell for whole notebooks: nothing is drawn anywhere, and no other machine is reached."""

from __future__ import annotations

import ast
import json
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOCAL = ("127.0.0.1", "::1", "localhost")


class CellError(Exception):
    """A cell of the notebook failed."""


def task() -> dict[str, Any]:
    """What this process was asked to do; it goes to the folder that the cells are to run in."""
    found: dict[str, Any] = json.loads(Path("task.json").read_text("utf-8"))
    return found


def answer(found: dict[str, Any], home: Path) -> None:
    """Hand the result to the process that started this one, and end: threads of cells have nothing to do."""
    (home / "result.json").write_text(json.dumps(found), "utf-8")
    sys.stdout.flush()
    os._exit(0)


def notebook_shell() -> Any:
    """A shell in which every form of ``%matplotlib`` works, with history in memory."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class NotebookShell(InteractiveShell):
        """A shell without windows."""

        def enable_gui(self, gui: object = None) -> None:
            """There are no windows."""

        def enable_matplotlib(self, gui: object = None) -> tuple[str, str]:
            """Figures are drawn nowhere."""
            return "agg", "agg"

        def enable_pylab(self, gui: object = None, import_all: bool = True) -> tuple[str, str, list[str]]:
            """The names of ``%pylab``, without windows."""
            from IPython.core.pylabtools import import_pylab

            names: dict[str, Any] = {}
            import_pylab(names, import_all)
            self.user_ns.update(names)
            return "agg", "agg", []

    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    sys.path.insert(0, "")
    sys.addaudithook(_stay_here)
    return NotebookShell.instance(config=config)


def seed(number: int) -> None:
    """Give both global generators a state that depends on `number` alone."""
    import numpy as np

    random.seed(number)
    np.random.seed(number)


def run_cells(
    shell: Any, sources: Sequence[str], *, seeded: bool = False, numbered: bool = False, stop: bool = True
) -> None:
    """Run cells in order, as a front end does.

    Args:
        shell: where.
        sources: their texts.
        seeded: seed the global generators before each cell.
        numbered: give each cell its number as its id.
        stop: at the first that fails.

    Raises:
        CellError: one failed.
    """
    for number, source in enumerate(sources, start=1):
        if seeded:
            seed(number)
        error = run_cell(shell, source, number if numbered else None)
        if error is not None and stop:
            raise CellError(f"cell {number}: {type(error).__name__}")


def run_cell(shell: Any, source: str, number: int | None = None) -> BaseException | None:
    """Run one cell, with its number as its id if it is given; returns its error."""
    known = {} if number is None else {"cell_id": number}
    result = shell.run_cell(source, store_history=True, **known)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # as notebooks do
    error: BaseException | None = result.error_before_exec or result.error_in_exec
    return error


def count_statements(shell: Any, sources: Sequence[str]) -> int:
    """How many top-level statements the cells have together."""
    return sum(len(ast.parse(shell.transform_cell(source)).body) for source in sources)


def _stay_here(event: str, words: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        place = words[1] if event == "socket.connect" else words
        if isinstance(place, tuple) and place and place[0] not in _LOCAL:
            raise PermissionError("a benchmark reaches no other machine")
