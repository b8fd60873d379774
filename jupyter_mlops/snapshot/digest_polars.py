"""Digests of Polars frames and series, read as Arrow, which copies no numbers.

Polars is no dependency: its module is only looked up, and only when a value of it was met.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.digest_arrow import fold_arrow
from jupyter_mlops.snapshot.polars_columns import to_arrow, type_form
from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

_polars: Any = sys.modules["polars"]


@handles(_polars.DataFrame, whole=True)
def _frame(walk: Walk, value: Any) -> bytes:
    columns = value.get_columns()
    head = (value.height, *((column.name, type_form(column.dtype)) for column in columns))
    return walk.node(
        "polars frame", walk.tokens(head), *(fold_arrow(walk, to_arrow(column)) for column in columns)
    )


@handles(_polars.Series, whole=True)
def _series(walk: Walk, value: Any) -> bytes:
    head = walk.tokens((value.name, type_form(value.dtype)))
    return walk.node("polars series", head, fold_arrow(walk, to_arrow(value)))
