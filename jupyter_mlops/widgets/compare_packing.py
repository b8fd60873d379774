"""What the browser gets of a comparison's columns: numbers as bytes, each text once.

A notebook keeps what a widget holds, so what is held stays small: up to `EXACT` bytes of metrics all columns
are there as they are. Beyond that, metrics are float32, and of the runs as many as fit `SAVED`; the view asks
for the exact columns when the kernel is free.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.widgets.compare_columns import Column, NumberColumn, Rows, TextColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT = 200_000
SAVED = 800_000
"""Bytes: of metrics in memory, and of everything in a saved notebook, where bytes are base64."""
_BASE64 = 4 / 3


@dataclass(frozen=True)
class Window:
    """The runs that a widget holds.

    Args:
        columns: packed columns.
        rows: their row numbers, little-endian int32; None when all are there.
        exact: False if metrics are float32.
    """

    columns: list[dict[str, Any]]
    rows: bytes | None
    exact: bool


def window(columns: Sequence[Column], first: Rows) -> Window:
    """The columns of all runs, or of the `first` that fit, in the order of the table."""
    numbers = sum(isinstance(column, NumberColumn) for column in columns)
    total = len(columns[0])
    exact = numbers * total * 8 <= EXACT
    each = _bytes_each(columns, first) + numbers * (8 if exact else 4) * _BASE64
    fits = max(1, int(SAVED / each))
    exact = exact and fits >= total
    rows = np.arange(total) if fits >= total else np.sort(first[:fits])
    packed = [pack(column, rows, exact=exact) for column in columns]
    return Window(packed, None if len(rows) == total else rows.astype("<i4").tobytes(), exact)


def pack(column: Column, rows: Rows, *, exact: bool = True) -> dict[str, Any]:
    """A column's `rows` for the browser: float64 or float32, or texts with codes as small as they can be."""
    told = {"group": column.group, "name": column.name}
    if isinstance(column, NumberColumn):
        data = column.values[rows].astype("<f8" if exact else "<f4").tobytes()
        return {**told, "lower": column.lower, "whole": column.whole, "single": not exact, "numbers": data}
    if not isinstance(column, TextColumn):
        raise TypeError(type(column).__name__)
    codes = column.codes[rows]
    used = np.unique(codes[codes >= 0])
    words = [column.words[code] for code in used]
    size = 1 if len(words) < 128 else 2 if len(words) < 32_768 else 4
    codes = np.where(codes < 0, -1, np.searchsorted(used, codes)).astype(f"<i{size}")
    return {**told, "numeric": column.numeric, "words": words, "size": size, "codes": codes.tobytes()}


def _bytes_each(columns: Sequence[Column], rows: Rows) -> float:
    """About the bytes that the texts of one run take in a saved notebook, by a sample."""
    sample = rows[:: max(1, len(rows) // 200)]
    each = 1.0
    for column in columns:
        if isinstance(column, TextColumn) and len(sample):
            words = [len(json.dumps(column.text(row))) + 2 for row in sample]
            different = len(np.unique(column.codes[sample])) / len(sample)
            each += 2 * _BASE64 + different * sum(words) / len(sample)
    return each
