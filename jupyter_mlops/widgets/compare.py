"""Runs side by side in a notebook: a table that sorts, filters, and shows only what differs.

The kernel sends each column once, as bytes; the browser sorts and filters without asking back. Where there
is no browser the same choice is shown as static HTML or as text.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import traitlets

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError, did_you_mean
from jupyter_mlops.files import write_atomically
from jupyter_mlops.widgets.asking import AnsweringWidget, Answers, WithBuffers
from jupyter_mlops.widgets.compare_columns import TextColumn, by_reference, columns_of
from jupyter_mlops.widgets.compare_packing import pack, window
from jupyter_mlops.widgets.compare_page import PACKED, frame_of, page_of
from jupyter_mlops.widgets.compare_static import Choice, as_html, as_text, look, shown_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from jupyter_mlops.tracking.run_table import RunTable


_MIN_ID_CHARS = 4
_KEPT_IN_PAGE = (
    *("filter", "sort", "only_differences", "_reverse", "_hidden", "_ticked", "_gone", "_pins"),
    *("_summary", "_total"),
)

_F = TypeVar("_F")
# traitlets' decorators, with the types that mypy does not read from there.
_validate: Callable[[str], Callable[[_F], _F]] = traitlets.validate
_observe: Callable[[str], Callable[[_F], _F]] = traitlets.observe


class Comparison(AnsweringWidget):
    """A table of runs.

    Args:
        table: the runs.
        sort: a column to sort by, best first; by default the order of `table`.
        filter: such as ``auc > 0.9 and depth < 6``; words alone are searched in run names. A filter that
            cannot be read shows a message and keeps every run.
        answers: what its view can ask; runs come as ``run_ids`` (or one ``run_id``) in the arguments.

    Attributes:
        selected: ids of the ticked runs.
        only_differences: hide parameters and information in which all shown runs agree.

    Raises:
        BadInputError: no column is called as `sort` says.
    """

    _esm = PACKED

    filter = traitlets.Unicode("").tag(sync=True)
    sort = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    only_differences = traitlets.Bool(True).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode())
    _reverse = traitlets.Bool(False).tag(sync=True)
    _hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _ticked = traitlets.List(traitlets.Int()).tag(sync=True)  # rows: ids need not leave the kernel
    _columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    _rows = traitlets.Bytes(None, allow_none=True).tag(sync=True)  # which rows `_columns` has; all if None
    _exact = traitlets.Bool(True).tag(sync=True)
    _total = traitlets.Int().tag(sync=True)
    # What was changed since `_columns` was sent: rows that are gone, and texts by "group.name" and row.
    _gone = traitlets.List(traitlets.Int()).tag(sync=True)
    _edits = traitlets.Dict().tag(sync=True)
    _pins = traitlets.List(traitlets.Int()).tag(sync=True)
    _summary = traitlets.Bool(False).tag(sync=True)
    _hears_page = False

    def __init__(
        self,
        table: RunTable,
        sort: str | None = None,
        filter: str | None = None,  # noqa: A002 # what everyone calls it
        answers: Answers | None = None,
    ) -> None:
        self.table = table
        self._parts = columns_of(table)
        super().__init__(self._noting(answers or {}), sort=sort, filter=filter or "", _total=len(table))

    def open(self) -> None:
        """Tell the page of the widget with its runs: in a message of their own they could come too late."""
        self._fill()
        super().open()

    def _fill(self) -> None:
        """Hold what a notebook may keep: the runs that are asked for first, then the newest."""
        wanted, _ = shown_rows(self._parts, self._choice())
        if self.sort is None:
            wanted = wanted[::-1]
        newest = np.arange(len(self.table))[::-1]
        first = np.concatenate([wanted, newest[~np.isin(newest, wanted)]])
        held = window(self._parts, first)
        self._columns, self._rows, self._exact = held.columns, held.rows, held.exact

    def _noting(self, answers: Answers) -> Answers:
        """`answers`; what changes runs is shown when it is done."""
        noted = {
            "rename": lambda arguments: self._put("run", "name", arguments),
            "hypothesis": lambda arguments: self._put("info", "hypothesis", arguments),
            "archive": self._take,
            "delete": self._take,
        }

        def then(change: Callable[[Any], Any], note: Callable[[Any], None]) -> Callable[[Any], Any]:
            def answer(arguments: dict[str, Any]) -> Any:
                done = change(arguments)
                note(arguments)
                return done

            return answer

        return {
            name: then(answer, noted[name]) if name in noted else answer for name, answer in answers.items()
        }

    def _put(self, group: str, name: str, arguments: dict[str, Any]) -> None:
        """Show another text in a run's column."""
        row, text = arguments["row"], arguments["text"].strip()
        self._parts = [
            column.with_text(row, text or None)
            if isinstance(column, TextColumn) and (column.group, column.name) == (group, name)
            else column
            for column in self._parts
        ]
        key = f"{group}.{name}"
        self._edits = {**self._edits, key: {**self._edits.get(key, {}), str(row): text}}

    def _take(self, arguments: dict[str, Any]) -> None:
        """Runs leave the table (``on``), or come back."""
        rows = set(arguments["rows"])
        kept = [row for row in self._gone if row not in rows]
        self._gone = kept + sorted(rows) if arguments["on"] else kept

    def own_answers(self) -> Answers:
        """The exact columns of all runs, for a view that holds some of them."""
        return {"columns": self._all_columns}

    def _all_columns(self, _: dict[str, Any]) -> WithBuffers:
        rows = np.arange(len(self.table))
        columns = [pack(column, rows) for column in self._parts]
        buffers = [column.pop("numbers", b"") or column.pop("codes") for column in columns]
        return WithBuffers({"columns": columns}, buffers)

    def arguments_of(self, question: dict[str, Any]) -> dict[str, Any]:
        """Rows become run ids: ``rows`` → ``run_ids``, ``row`` → ``run_id``."""
        rows = question.get("rows", [])
        if "row" in question:
            rows = [question["row"]]
        if not all(isinstance(row, int) and 0 <= row < len(self.table) for row in rows):
            raise BadInputError("A run of the question is not in this comparison.", "Run the cell again.")
        run_ids = [self.table.run_ids[row] for row in rows]
        return {**question, "run_ids": run_ids, **({"run_id": run_ids[0]} if "row" in question else {})}

    @_validate("sort")
    def _known(self, proposal: dict[str, Any]) -> str | None:
        sort: str | None = proposal["value"]
        names = by_reference(self._parts)
        if sort is not None and sort not in names:
            raise BadInputError(
                f"No column of this comparison is called {sort[:80]!r}.{did_you_mean(sort, names)}",
                "Sort by the name of a metric, parameter or information, or by 'name'.",
            )
        return sort

    @_observe("sort")
    def _best_first(self, change: dict[str, Any]) -> None:
        if not self._hears_page:
            self._reverse = False

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the page has changed; where it has sorted, the direction is in it, too."""
        self._hears_page = True
        try:
            super().set_state(sync_data)
        finally:
            self._hears_page = False

    @_observe("_ticked")
    def _tell_ids(self, change: dict[str, Any]) -> None:
        self.selected = [self.table.run_ids[row] for row in change["new"]]

    @_observe("selected")
    def _tick_rows(self, change: dict[str, Any]) -> None:
        rows = {run_id: row for row, run_id in enumerate(self.table.run_ids)}
        self._ticked = [rows[run_id] for run_id in change["new"]]

    @_validate("selected")
    def _known_ids(self, proposal: dict[str, Any]) -> list[str]:
        chosen: list[str] = proposal["value"]
        if not set(chosen) <= set(self.table.run_ids):
            raise BadInputError(
                "A selected run is not in this comparison.", "Select by the ids in its `table.run_ids`."
            )
        return chosen

    def _choice(self) -> Choice:
        return Choice(
            self.filter,
            self.sort,
            self._reverse,
            self.only_differences,
            frozenset(self._hidden),
            frozenset(self._gone),
        )

    @property
    def filter_problem(self) -> str:
        """What is wrong with the filter, as a sentence; empty if it can be read."""
        return shown_rows(self._parts, self._choice())[1]

    @property
    def shown(self) -> list[str]:
        """Ids of the runs that the filter keeps, in the order shown."""
        return [self.table.run_ids[row] for row in shown_rows(self._parts, self._choice())[0]]

    def run_id_of(self, reference: str) -> str:
        """The id of a run of this comparison, by its name (the newest of that name) or id.

        Raises:
            NotFoundError: no such run here; the nearest name is offered.
        """
        if reference in self.table.run_ids:
            return reference
        names = [self._parts[0].text(row) for row in range(len(self.table))]
        for row in reversed(range(len(names))):
            if names[row] == reference:
                return self.table.run_ids[row]
        found = [run_id for run_id in self.table.run_ids if run_id.startswith(reference)]
        if len(reference) < _MIN_ID_CHARS or not found:
            raise NotFoundError(
                f"there is no run {reference[:80]!r} in this comparison.{did_you_mean(reference, names)}",
                "Name a run as the table does, or by its id.",
            )
        return found[-1]

    def to_frame(self) -> pd.DataFrame:
        """The runs that the filter keeps, in the order shown, with every column.

        The index is the run's name. Parameters that are numbers in every run that has them become numbers;
        a name that two groups share is written ``metrics.lr`` and ``params.lr``.
        """
        return frame_of(self._parts, shown_rows(self._parts, self._choice())[0], self.table.run_ids)

    def to_html(self, path: str | Path) -> Path:
        """Write one page with every run that sorts and filters without a kernel and loads nothing.

        Where scripts do not run it shows the static table. Run ids are not in it.

        Raises:
            StoreError: the page cannot be written there.
        """
        target = Path(path)
        state = {name: getattr(self, name) for name in _KEPT_IN_PAGE}
        page = page_of(self._parts, state, look(self._parts, self._choice()))
        try:
            write_atomically(target, page)
        except OSError as error:
            raise StoreError(
                f"The comparison could not be written to {target}: {error.strerror}.",
                "Name a file in a folder that exists and can be written.",
            ) from error
        return target

    def __repr__(self) -> str:
        return as_text(look(self._parts, self._choice(), self.table.volatile))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget, and for viewers without one the static table and the text."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = repr(self)
        data["text/html"] = as_html(look(self._parts, self._choice()))
        return data, metadata
