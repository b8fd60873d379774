"""A drift result that shows itself: a figure in a notebook, a static table elsewhere, text in a terminal."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift import DriftResult
from jupyter_mlops.errors import StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.widgets.drift_figure import figure_spec
from jupyter_mlops.widgets.drift_static import as_html, as_text
from jupyter_mlops.widgets.static import esc, plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_PAGE = Path(__file__).parent / "drift_page.html"
# By itself plotly offers a button that uploads the chart, and with it the user's data, to its makers' cloud.
_CONFIG = {"showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False, "responsive": True}


class DriftReport(DriftResult):
    """A `DriftResult` with a face; all figures of the result are its own."""

    @classmethod
    def from_result(cls, result: DriftResult) -> DriftReport:
        """The same result, able to show itself."""
        return cls(**{field.name: getattr(result, field.name) for field in fields(result)})

    def figure(self) -> Figure:
        """Effects against their limit for the 15 worst columns, and histograms of the 6 worst."""
        from plotly.graph_objects import Figure

        return Figure(figure_spec(self))

    def to_html(self, path: str | Path) -> Path:
        """Write one page with the figure and the table of all columns that needs no network.

        Raises:
            StoreError: the page cannot be written there.
        """
        from plotly.offline import get_plotlyjs

        target = Path(path)
        parts = {
            "title": esc(plain(self.summary)),
            "table": as_html(self, rows=len(self.columns)),
            # "</script>" in a column name would end the element; JSON reads \u003c just as well.
            "figure": json.dumps(self._shown()).replace("<", "\\u003c"),
            "plotly": get_plotlyjs(),
        }
        page = re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _PAGE.read_text(encoding="utf-8"))
        try:
            write_atomically(target, page)
        except OSError as error:
            raise StoreError(
                f"The drift report could not be written to {target}: {error.strerror}.",
                "Name a file in a folder that exists and can be written.",
            ) from error
        return target

    def _shown(self) -> dict[str, Any]:
        """The figure with how it is to be shown, which plotly's own Figure does not take."""
        return figure_spec(self) | {"config": _CONFIG}

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The figure, static HTML and stable text; IPython applies `include` and `exclude` itself.

        The figure is plain JSON from counts: showing it needs no plotly in the kernel.
        """
        return {
            "application/vnd.plotly.v1+json": self._shown(),
            "text/html": as_html(self),
            "text/plain": repr(self),
        }
