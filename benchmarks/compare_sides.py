"""The widgets that show runs: the code of their cells, and the environment of their kernel."""

from __future__ import annotations

from dataclasses import dataclass

METRICS = 30

FRAME = f"""\
import numpy as np
import pandas as pd

def frame(rows):
    random = np.random.default_rng(rows)
    metrics = {{f"metric_{{i:02}}": random.random(rows) for i in range({METRICS})}}
    return pd.DataFrame({{"run": [f"run-{{i:05}}" for i in range(rows)]}} | metrics)
"""

_NOTE_ENDS = """
import time

def _ended(result):
    with open("ends.txt", "a") as ends:
        ends.write(f"{time.time()}\\n")

get_ipython().events.register("post_run_cell", _ended)
"""
"""When a cell ended, by the clock that the browser reads as well."""

CLOSE = """\
from ipywidgets import Widget
Widget.close_all()"""
"""Else a page that is opened later on the same kernel would load what earlier ones have shown."""


@dataclass(frozen=True)
class Side:
    """One way to show a frame of runs.

    Attributes:
        title: its name in tables.
        prepare: what runs before any clock, on each page.
        show: the cell that is measured; the frame is called `runs`.
        is_peer: its kernel has the peers' environment.
    """

    title: str
    prepare: str
    show: str
    is_peer: bool = True

    def cells(self, rows: int) -> tuple[str, str, str]:
        """The cells of its notebook: prepare, show, close."""
        return f"{FRAME}{_NOTE_ENDS}\n{self.prepare}\nruns = frame({rows})", self.show, CLOSE


OURS = "ours"
SIDES = {
    OURS: Side("ours", "from jupyter_mlops import compare", "compare(runs)", is_peer=False),
    "itables": Side(
        "itables",
        "import itables\nitables.init_notebook_mode(all_interactive=False, connected=False)",
        "itables.show(runs, maxBytes=0)",
    ),
    "ipydatagrid": Side("ipydatagrid", "from ipydatagrid import DataGrid", "DataGrid(runs)"),
    "quak": Side("quak", "import quak", "quak.Widget(runs)"),
    "table": Side(
        "plotly, table",
        "import plotly.graph_objects as go",
        "go.FigureWidget(go.Table(header={'values': list(runs)}, cells={'values': [runs[c] for c in runs]}))",
    ),
    "parallel": Side(
        "plotly, parallel, 10 axes",
        "import plotly.graph_objects as go",
        "go.FigureWidget(go.Parcoords(dimensions="
        "[{'label': c, 'values': runs[c]} for c in list(runs)[1:11]]))",
    ),
}
