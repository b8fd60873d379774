"""Rows of two frames by a hash of their values, whatever the types of their columns are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    import pandas as pd

Hashes = npt.NDArray[np.uint64]


def row_hashes(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Hashes, Hashes]:
    """A number for each row; equal rows have equal numbers.

    Raises:
        Unable: the frames have other columns.
    """
    names = [str(name) for name in first.columns]
    if sorted(names) != sorted(str(name) for name in second.columns) or not names:
        raise Unable("training and hold-out rows have other columns")
    if len(set(names)) < len(names):
        raise Unable("several columns have one name")
    order = {str(name): place for place, name in enumerate(second.columns)}
    sums = [np.zeros(len(frame), np.uint64) for frame in (first, second)]
    for place, name in enumerate(names):
        ours, theirs = first.iloc[:, place], second.iloc[:, order[name]]
        for side, hashed in enumerate(_hashed(ours, theirs)):
            sums[side] = sums[side] * np.uint64(1_000_003) ^ hashed
    return sums[0], sums[1]


def _hashed(ours: pd.Series[Any], theirs: pd.Series[Any]) -> tuple[Hashes, Hashes]:
    from pandas.api import types

    numeric = all(types.is_numeric_dtype(side.dtype) for side in (ours, theirs))
    return _hash(ours, numeric=numeric), _hash(theirs, numeric=numeric)


def _hash(values: pd.Series[Any], *, numeric: bool) -> Hashes:
    """Numbers as floats; what else there is, as text."""
    import pandas as pd
    from pandas.util import hash_array

    if numeric:
        numbers = values.astype("float64").to_numpy(na_value=np.nan)
        numbers = np.where(np.isnan(numbers), np.nan, numbers + 0.0)
        return np.asarray(hash_array(numbers), np.uint64)
    try:
        codes, distinct = pd.factorize(values)
    except TypeError:
        codes, distinct = pd.factorize(values.map(repr))
    texts = np.asarray([*(str(value) for value in distinct), "\0missing"], object)
    return np.asarray(hash_array(texts, categorize=False), np.uint64)[codes]
