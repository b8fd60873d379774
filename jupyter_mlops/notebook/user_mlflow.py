"""What the user's own MLflow code does in a cell: seen from beside it, without importing or changing MLflow.

MLflow asks `run_tags` each time its fluent API makes a run (`tracking/users_runs.py` is the plugin it knows),
so that run is known by its tags from the moment it exists, also if the kernel dies within the cell. What was
active before and after the cell tells the rest. Nothing is asked of a store: a look costs microseconds.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import sys
from dataclasses import dataclass
from threading import get_ident
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import UserLogging
from jupyter_mlops.settings import same_store, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

SESSION_TAG = "mlops.session"
EXECUTION_TAG = "mlops.execution"
_NAME_TAG = "mlflow.runName"
_FLUENT = "mlflow.tracking.fluent"
_LOGS = re.compile(r"\b(?:log_\w+|set_tags?|evaluate)\s*\(")
_STARTS = re.compile(r"\bstart_run\s*\(")
_ASKS_FOR_ACTIVE = re.compile(r"\bactive_run\b")
_NEAR = 4  # frames between MLflow's function that opens a run by itself and the one that asks for tags


@dataclass
class _Cell:
    """The cell that runs now."""

    execution: str
    source: str
    active: str | None
    """Id of the run that was active when it began."""
    last: str | None
    made: int = 0
    made_elsewhere: bool = False
    opened: str | None = None
    """Name of the run that MLflow opened by itself."""

    def resumed(self, used: str | None, *, failed: bool) -> bool:
        """True if it went on with the run `used`, made before it: of that, MLflow tells nobody."""
        before = self.active or self.last
        return used != before or (used is not None and not failed and bool(_STARTS.search(self.source)))


class UserMlflow:
    """Watches the user's own runs of one session; `announce` is called before the first of them exists."""

    def __init__(self, session: str, store: str, announce: Callable[[], None]) -> None:
        self._session, self._store = session, store
        self._announce: Callable[[], None] | None = announce
        self._executions = itertools.count(1)
        self._cells: dict[int, _Cell] = {}  # by thread: subshells run cells beside the main one
        self._to_end: str | None = None
        self.goes_on = False
        """The cell after the one that runs is tracked too: `begin` will be called before it."""

    def begin(self, source: str) -> None:
        """Call before a cell's first statement.

        A run that MLflow opened by itself in the cell before is no longer active then, unless this cell asks
        for the active run.
        """
        if self._to_end and not _ASKS_FOR_ACTIVE.search(source):
            _deactivate(self._to_end, "FINISHED")
        self._to_end = None
        run = _active_run()
        active = run.info.run_id if run else None
        self._cells[get_ident()] = _Cell(str(next(self._executions)), source, active, _last_run())

    def run_tags(self, label: str) -> dict[str, str]:
        """The tags, name included, of a run that MLflow makes now for the cell that runs; else none.

        Args:
            label: what the run is called if the user's code does not name it.
        """
        # a thread of the user's runs no cell: what it makes belongs to the one that began last
        cell = self._cells.get(get_ident()) or next(reversed(list(self._cells.values())), None)
        start = _starting_run(sys._getframe(1))
        if cell is None or start is None:
            return {}
        if not same_store(_store_in_use(), self._store):
            cell.made_elsewhere = True
            return {}
        if self._announce is not None:
            announce, self._announce = self._announce, None
            announce()
        cell.made += 1
        name = label if cell.made == 1 else f"{label} {cell.made}"
        if _opens_by_itself(start):
            cell.opened = name
        return {SESSION_TAG: self._session, EXECUTION_TAG: cell.execution, _NAME_TAG: name}

    def finish(self, *, failed: bool) -> tuple[UserLogging | None, bool]:
        """Call after a cell: what its MLflow code did, and whether that alone makes the cell a run."""
        cell = self._cells.pop(get_ident(), None)
        if cell is None or _FLUENT not in sys.modules:
            return None, False
        run, last = _active_run(), _last_run()
        active = run.info.run_id if run else None
        other: str | None = None
        into = cell.active
        resumed = not cell.made and cell.resumed(active or last, failed=failed)
        if resumed:
            into = active or last
        if cell.made_elsewhere or (into and not same_store(_store_in_use(), self._store)):
            other, into = (active or last) if cell.made_elsewhere else into, None
        logged = bool(cell.made or cell.made_elsewhere or resumed)
        if not logged and (into or other):
            logged = _LOGS.search(cell.source) is not None
        if not (logged or into or other):
            return None, False
        ends = self._opened(cell, run)
        if ends and (failed or not self.goes_on):
            _deactivate(ends, "FAILED" if failed else "FINISHED")
        elif ends:
            self._to_end = ends
        store = without_secrets(_store_in_use()) if other else None
        return UserLogging(cell.execution, cell.made, into, ends, store, other), logged

    @staticmethod
    def _opened(cell: _Cell, run: Any) -> str | None:
        """The id of the run that MLflow opened by itself in the cell, if it is the one still active."""
        if cell.opened is None or run is None:
            return None
        tags: Mapping[str, str] = run.data.tags
        is_it = tags.get(EXECUTION_TAG) == cell.execution and tags.get(_NAME_TAG) == cell.opened
        return str(run.info.run_id) if is_it else None


def has_open_run() -> bool:
    """True while the user's MLflow code has an active run."""
    return _active_run() is not None


def _active_run() -> Any:
    fluent = sys.modules.get(_FLUENT)
    try:
        return fluent.active_run() if fluent else None
    except AttributeError:  # it is being imported, or is another MLflow than we know
        return None


def _last_run() -> str | None:
    """Id of the run that was active last; MLflow's public function would ask the store."""
    try:
        found: str | None = sys.modules[_FLUENT]._last_active_run_id.get()
    except (KeyError, AttributeError):
        return None
    return found


def _store_in_use() -> str:
    return str(sys.modules["mlflow"].get_tracking_uri())


def _starting_run(frame: FrameType | None) -> FrameType | None:
    """The frame of MLflow's `start_run`, if it is what asks: tags are also asked for data and models."""
    for _ in range(_NEAR):
        if frame is None:
            return None
        if frame.f_code.co_name == "start_run" and frame.f_globals.get("__name__") == _FLUENT:
            return frame
        frame = frame.f_back
    return None


def _opens_by_itself(start: FrameType) -> bool:
    """True if a ``log_…`` without an active run called `start_run`, not the user's code or autologging."""
    frame = start.f_back
    for _ in range(_NEAR):
        if frame is None or frame.f_code.co_name == "start_run":
            return False
        if frame.f_code.co_name == "_get_or_start_run" and frame.f_globals.get("__name__") == _FLUENT:
            return True
        frame = frame.f_back
    return False


def _deactivate(run_id: str, status: str) -> None:
    """Take the run from MLflow's stack of active ones; its end is written to the store in the background.

    Nothing is done if it is not the only active one: then the user's code has gone on with it.
    """
    fluent: Any = sys.modules[_FLUENT]
    with contextlib.suppress(AttributeError):
        stack = fluent._active_run_stack.get()
        if [run.info.run_id for run in stack] != [run_id]:
            return
        if run_id in fluent.run_id_to_system_metrics_monitor:  # a thread of MLflow's must be told
            fluent.end_run(status)
            return
        stack.pop()
        fluent._last_active_run_id.set(run_id)
        os.environ.pop("MLFLOW_RUN_ID", None)
