"""Columns that say nearly the same: each of them looks unimportant while the other is there."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_ALIKE = 0.8
_MOST_ROWS, _MOST_COLUMNS, _MOST_CODES = 2_000, 40, 50
_MOST_TOLD = 3


def related_note(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[str, ...]:
    """A sentence that names pairs of `columns` of which one nearly tells the other, if there are any."""
    head = frame.iloc[np.linspace(0, len(frame) - 1, min(len(frame), _MOST_ROWS)).astype(int)]
    codes = {name: _codes(head[name]) for name in columns[:_MOST_COLUMNS]}
    pairs = [
        (one, other) for one, other in combinations(codes, 2) if _alike(codes[one], codes[other]) >= _ALIKE
    ]
    if not pairs:
        return ()
    told = "; ".join(f"{one} and {other}" for one, other in pairs[:_MOST_TOLD])
    more = f"; and {len(pairs) - _MOST_TOLD} more pairs" if len(pairs) > _MOST_TOLD else ""
    return (f"{told}{more} say nearly the same: each looks less important than both are",)


def _codes(column: pd.Series[Any]) -> tuple[bool, np.ndarray[Any, Any]]:
    """Ranks of numbers and times, codes of all else; missing cells are a value of their own."""
    from pandas.api import types

    is_ordered = (
        types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column)
    ) and not types.is_bool_dtype(column)
    if is_ordered:
        ranks = column.rank().to_numpy(dtype=float, na_value=np.nan)
        return True, np.where(np.isnan(ranks), 0, ranks)
    return False, column.astype("string").fillna("").astype("category").cat.codes.to_numpy().astype(int)


def _alike(one: tuple[bool, np.ndarray[Any, Any]], other: tuple[bool, np.ndarray[Any, Any]]) -> float:
    """From 0 to 1: rank correlation, correlation ratio of ranks by code, or Cramér's V."""
    (one_ordered, left), (other_ordered, right) = one, other
    if len(set(left.tolist())) < 2 or len(set(right.tolist())) < 2:
        return 0.0
    if one_ordered and other_ordered:
        return abs(float(np.corrcoef(left, right)[0, 1]))
    if not one_ordered and not other_ordered:
        return _cramers_v(left, right)
    return _ratio(right, left) if one_ordered else _ratio(left, right)


def _ratio(codes: np.ndarray[Any, Any], ranks: np.ndarray[Any, Any]) -> float:
    if codes.max() >= _MOST_CODES:  # as many codes as rows tell anything
        return 0.0
    counts = np.bincount(codes)
    means = np.bincount(codes, ranks) / np.maximum(counts, 1)
    return float(np.sqrt((counts * (means - ranks.mean()) ** 2).sum() / ((ranks - ranks.mean()) ** 2).sum()))


def _cramers_v(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> float:
    if max(left.max(), right.max()) >= _MOST_CODES:
        return 0.0
    table = np.zeros((left.max() + 1, right.max() + 1))
    np.add.at(table, (left, right), 1)
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    chi2 = float(((table - expected) ** 2 / expected).sum())
    return float(np.sqrt(chi2 / (table.sum() * (min(table.shape) - 1))))
