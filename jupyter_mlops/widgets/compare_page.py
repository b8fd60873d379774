"""A comparison outside a notebook: as a page of its own, and as a data frame."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.widgets.compare_packing import pack
from jupyter_mlops.widgets.compare_static import Shown, as_html
from jupyter_mlops.widgets.modules import joined, packed, style
from jupyter_mlops.widgets.page import embedded, page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from jupyter_mlops.widgets.compare_columns import Column, Rows

MODULE = joined("compare")
_STYLES = ("compare", "compare_actions", "compare_diff", "compare_plots", "copying", "lineage")
STYLE = style(*_STYLES)
PACKED = packed("compare", *_STYLES)
"""What a notebook keeps of the module and its styles."""
PAGE_ROWS = 200


def page_of(columns: Sequence[Column], state: Mapping[str, Any], shown: Shown) -> str:
    """A page that holds every run and works without a kernel; where scripts do not run, the static table.

    Args:
        columns: of all runs.
        state: the widget's traits that say what is chosen.
        shown: what the static table has.
    """
    rows = np.arange(len(columns[0]))
    whole = {**state, "_columns": [pack(column, rows) for column in columns], "_exact": True}
    return page(
        "Comparison of runs",
        "compare_page",
        STYLE,
        table=as_html(shown, PAGE_ROWS),
        state=embedded(whole, _base64),
        module=MODULE,
    )


def frame_of(columns: Sequence[Column], rows: Rows, run_ids: Sequence[str]) -> pd.DataFrame:
    """These rows with every column; see `Comparison.to_frame`."""
    import pandas as pd

    names = [column.name for column in columns[1:]]
    data: dict[str, Any] = {"run_id": [run_ids[row] for row in rows]}
    for column in columns[1:]:
        shared = names.count(column.name) > 1 or column.name == "run_id"
        data[f"{column.group}.{column.name}" if shared else column.name] = column.data(rows)
    return pd.DataFrame(data, index=pd.Index([columns[0].text(row) for row in rows], name="run"))


def _base64(value: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode("ascii")}
