"""Columns as standardised numbers, as the principal components need them: learned from some rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.multivariate.columns import Column, Floats

# Categories with so few values have a column for each, all others one column of their frequencies. In a frame
# of very many columns all have one: time goes with the cube of their number.
ONE_HOT, VERY_MANY = 10, 100
# Standard deviations at which values are cut, so that one wild value does not decide.
FARTHEST = 10.0


def standardised(
    columns: Sequence[Column], learned: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """All columns with mean 0 and variance 1 in the rows `learned`, missing values at the mean.

    What does not vary in those rows is left out. The parts of a category share the variance of 1.

    Returns:
        The standardised values, shape (rows, parts), and the place of each part's column, shape (parts,).
    """
    parts: list[Floats] = []
    owners: list[int] = []
    most = ONE_HOT if len(columns) <= VERY_MANY else 1
    for at, column in enumerate(columns):
        if column.kind == "number":
            found = [_scaled(column.values, learned)]
        else:
            found = [_scaled(part, learned) for part in _numbers(column.values, learned, most)]
        varying = [part for part in found if part is not None]
        parts += [part / np.sqrt(len(varying)) for part in varying]
        owners += [at] * len(varying)
    if not parts:
        return np.empty((len(learned), 0)), np.empty(0, dtype=np.int64)
    return np.column_stack(parts), np.array(owners)


def _numbers(codes: Floats, learned: npt.NDArray[np.bool_], most: int) -> list[Floats]:
    """A column of zeros and ones for each category, or if there are more than `most` one of frequencies."""
    missing = np.isnan(codes)
    whole = np.where(missing, 0, codes).astype(np.int64)
    size = int(whole.max()) + 1
    if size <= most:
        return [np.where(missing, np.nan, whole == code) for code in range(size)]
    counts = np.bincount(whole[learned & ~missing], minlength=size)
    return [np.where(missing, np.nan, counts[whole] / max(1, counts.sum()))]


def _scaled(values: Floats, learned: npt.NDArray[np.bool_]) -> Floats | None:
    """None for what does not vary, or is too large to say so."""
    known = values[learned & np.isfinite(values)]
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
        if not np.isfinite(deviation) or deviation <= abs(mean) * 1e-12:
            return None
        scaled = (values - mean) / deviation
    return np.clip(np.where(np.isfinite(values), scaled, 0.0), -FARTHEST, FARTHEST)
