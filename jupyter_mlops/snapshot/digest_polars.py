"""Digests of Polars frames and series, read through Arrow's C stream, which copies no numbers.

Polars is no dependency: its module is only looked up, and only when a value of it was met.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jupyter_mlops.snapshot.digest_arrow import fold_arrow
from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

_polars: Any = sys.modules["polars"]


@handles(_polars.DataFrame, whole=True)
def _frame(walk: Walk, value: Any) -> bytes:
    return walk.node("polars frame", walk.token(pa.table(value)))


@handles(_polars.Series, whole=True)
def _series(walk: Walk, value: Any) -> bytes:
    return walk.node("polars series", walk.token(value.name), fold_arrow(walk, pa.chunked_array(value)))
