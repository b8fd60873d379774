"""What a manifest says about the columns of a value: type and count of missing values, never a value.

Least and greatest values and categories are somebody's values, and would outlive a row that is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_mlops.snapshot.columns import Arrow, Objects, Raw
from jupyter_mlops.snapshot.forms import has_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.snapshot.columns import Leaf
    from jupyter_mlops.snapshot.taken import Taken
    from jupyter_mlops.snapshot.trees import Tree

_MOST_REMEMBERED = 10_000
_NOT_A_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True)
class ColumnProfile:
    """One column of a frame, series or table.

    Attributes:
        name: its label, as text.
        dtype: its type, as text, without categories.
        missing: how many values are missing; None where that cannot be said from the column alone.
    """

    name: str
    dtype: str
    missing: int | None


class Profiler:
    """Counts what is missing, once for each column that is stored: a column that stayed costs nothing."""

    def __init__(self) -> None:
        self._known: dict[str, int | None] = {}

    def __call__(self, taken: Taken) -> tuple[ColumnProfile, ...]:
        """The profile of a frame, series or table; empty for other values."""
        if taken.kind == "array" or not has_rows(taken.kind):
            return ()
        return tuple(
            ColumnProfile(str(label), _dtype(tree, taken.read), self._missing(tree, taken.read))
            for label, tree in zip(taken.labels, taken.body, strict=True)
        )

    def _missing(self, tree: Tree, read: Callable[[str], Leaf]) -> int | None:
        if isinstance(tree, str):
            return self._counted(tree, lambda: _missing_in(read(tree)))
        kind, children = tree["kind"], tree["children"]
        if kind == "sparse":
            return None
        if kind == "masked":
            return self._counted(
                f"mask {children[1]}", lambda: int(np.count_nonzero(_raw(read(children[1]))))
            )
        if kind == "categorical":
            return self._counted(
                f"codes {children[0]}", lambda: int(np.count_nonzero(_raw(read(children[0])) < 0))
            )
        if kind == "period":
            return self._counted(
                f"period {children[0]}", lambda: int(np.count_nonzero(_raw(read(children[0])) == _NOT_A_TIME))
            )
        return self._missing(children[0], read)

    def _counted(self, key: str, count: Callable[[], int | None]) -> int | None:
        if key not in self._known:
            while len(self._known) >= _MOST_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = count()
        return self._known[key]


def _raw(leaf: Leaf) -> Any:
    return getattr(leaf, "values", None)


def _missing_in(leaf: Leaf) -> int | None:
    if isinstance(leaf, Arrow):
        return int(leaf.values.null_count)
    if isinstance(leaf, Raw) and leaf.values.dtype.kind in "biuSUV":
        return 0
    return int(np.count_nonzero(pd.isna(leaf.values))) if isinstance(leaf, Raw | Objects) else None


def _dtype(tree: Tree, read: Callable[[str], Leaf]) -> str:
    if isinstance(tree, str):
        leaf = read(tree)
        return str(leaf.values.type if isinstance(leaf, Arrow) else getattr(_raw(leaf), "dtype", "object"))
    if tree["kind"] == "arrow":
        return _dtype(tree["children"][0], read)
    named = {"categorical": "category", "text": "str"}.get(tree["kind"], tree["kind"])
    return str(tree["meta"].get("dtype", named))
