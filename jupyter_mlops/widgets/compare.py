"""Runs side by side in a notebook: a table that sorts, filters, and shows only what differs.

The kernel sends each column once, as bytes; the browser sorts and filters without asking back. Where there
is no browser the same choice is shown as static HTML or as text.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anywidget
import traitlets

from jupyter_mlops.errors import BadInputError, StoreError, did_you_mean
from jupyter_mlops.files import write_atomically
from jupyter_mlops.widgets.compare_columns import by_reference, columns_of
from jupyter_mlops.widgets.compare_static import Choice, as_html, as_text, look, shown_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from jupyter_mlops.tracking.run_table import RunTable

_HERE = Path(__file__).parent
# One ES module from five files: anywidget loads it from a blob address, where relative imports do not work.
_MODULE = "\n".join(
    (_HERE / name).read_text(encoding="utf-8")
    for name in ("dom.js", "compare_filter.js", "compare_columns.js", "compare_grid.js", "compare.js")
)
_STYLE = (_HERE / "compare.css").read_text(encoding="utf-8")


PAGE_ROWS = 200

_F = TypeVar("_F")
# traitlets' decorators, with the types that mypy does not read from there.
_validate: Callable[[str], Callable[[_F], _F]] = traitlets.validate
_observe: Callable[[str], Callable[[_F], _F]] = traitlets.observe


class Comparison(anywidget.AnyWidget):  # type: ignore[misc] # anywidget is not followed by mypy here
    """A table of runs.

    Args:
        table: the runs.
        sort: a column to sort by, best first; by default the order of `table`.
        filter: such as ``auc > 0.9 and depth < 6``; words alone are searched in run names. A filter that
            cannot be read shows a message and keeps every run.

    Attributes:
        selected: ids of the ticked runs.
        only_differences: hide parameters and information in which all shown runs agree.

    Raises:
        BadInputError: no column is called as `sort` says.
    """

    _esm = _MODULE
    _css = _STYLE

    filter = traitlets.Unicode("").tag(sync=True)
    sort = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    only_differences = traitlets.Bool(True).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode())
    _reverse = traitlets.Bool(False).tag(sync=True)
    _hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _ticked = traitlets.List(traitlets.Int()).tag(sync=True)  # rows: ids need not leave the kernel
    _columns = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(
        self,
        table: RunTable,
        sort: str | None = None,
        filter: str | None = None,  # noqa: A002 # what everyone calls it
    ) -> None:
        self.table = table
        self._parts = columns_of(table)
        super().__init__(_columns=[column.packed() for column in self._parts], sort=sort, filter=filter or "")

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
        self._reverse = False

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
        return Choice(self.filter, self.sort, self._reverse, self.only_differences, frozenset(self._hidden))

    def to_frame(self) -> pd.DataFrame:
        """The runs that the filter keeps, in the order shown, with every column.

        The index is the run's name. Parameters that are numbers in every run that has them become numbers;
        a name that two groups share is written ``metrics.lr`` and ``params.lr``.
        """
        import pandas as pd

        rows, _ = shown_rows(self._parts, len(self.table), self._choice())
        names = [column.name for column in self._parts[1:]]
        data: dict[str, Sequence[object]] = {"run_id": [self.table.run_ids[row] for row in rows]}
        for column in self._parts[1:]:
            shared = names.count(column.name) > 1 or column.name == "run_id"
            values = column.data()
            data[f"{column.group}.{column.name}" if shared else column.name] = [values[row] for row in rows]
        return pd.DataFrame(data, index=pd.Index([self.table.names[row] for row in rows], name="run"))

    def to_html(self, path: str | Path) -> Path:
        """Write one page with every run that sorts and filters without a kernel and loads nothing.

        Where scripts do not run it shows the static table. Run ids are not in it.

        Raises:
            StoreError: the page cannot be written there.
        """
        target = Path(path)
        state = {
            name: getattr(self, name)
            for name in ("filter", "sort", "only_differences", "_reverse", "_hidden", "_ticked", "_columns")
        }
        parts = {
            "style": _STYLE,
            "table": as_html(look(self._parts, len(self.table), self._choice()), PAGE_ROWS),
            # "</script>" in a name would end the element; JSON reads < just as well.
            "state": json.dumps(state, default=_base64).replace("<", "\\u003c"),
            "module": _MODULE,
        }
        page = (_HERE / "compare_page.html").read_text(encoding="utf-8")
        try:
            write_atomically(target, re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], page))
        except OSError as error:
            raise StoreError(
                f"The comparison could not be written to {target}: {error.strerror}.",
                "Name a file in a folder that exists and can be written.",
            ) from error
        return target

    def __repr__(self) -> str:
        return as_text(look(self._parts, len(self.table), self._choice(), self.table.volatile))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget, and for viewers without one the static table and the text."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = repr(self)
        data["text/html"] = as_html(look(self._parts, len(self.table), self._choice()))
        return data, metadata


def _base64(value: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode("ascii")}
