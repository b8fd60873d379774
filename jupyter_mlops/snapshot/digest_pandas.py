"""Digests of pandas' frames, series, indexes, arrays, scalars and dtypes.

Imported when the first value of pandas is met, so pandas is there already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.tseries.offsets import BaseOffset

from jupyter_mlops.snapshot.columns import column_of
from jupyter_mlops.snapshot.digest_numpy import fold_array
from jupyter_mlops.snapshot.digest_objects import attributes_token
from jupyter_mlops.snapshot.frames import Outline, frame_outline, index_outline, series_outline
from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

# Where pandas itself keeps the content and its caches; the rest of a subclass's attributes are its own.
_OF_PANDAS = frozenset(("_mgr", "_item_cache", "_attrs", "_flags", "_name", "_cache", "_cacher"))


@handles(pd.DataFrame, whole=True)
def _frame(walk: Walk, value: pd.DataFrame) -> bytes:
    return _fold(walk, value, pd.DataFrame, frame_outline)


@handles(pd.Series, whole=True)
def _series(walk: Walk, value: pd.Series[Any]) -> bytes:
    return _fold(walk, value, pd.Series, series_outline)


def _fold(walk: Walk, value: Any, base: Any, outline: Any) -> bytes:
    if type(value) is base:
        return _fold_outline(walk, outline(value), value._mgr)
    # A subclass may override anything that is used to read it, so it is read as the base.
    plain = base._from_mgr(value._mgr, value._mgr.axes)
    if base is pd.Series:
        plain._name = value._name
    content = _fold_outline(walk, outline(plain), value._mgr)
    return walk.node(
        "subclass", walk.token(type(value)), content, attributes_token(walk, value, skip=_OF_PANDAS)
    )


def _fold_outline(walk: Walk, outline: Outline, manager: Any = None) -> bytes:
    """Fold an outline; where columns may be known, the block manager says where they lie."""

    def fresh(array: Any) -> bytes:
        if (
            type(array) is np.ndarray
        ):  # most columns of small frames: what `column_of` finds costs more than they
            return fold_array(walk, array)
        return column_of(array).fold(walk)

    if manager is None or walk.columns is None:
        return outline.fold(walk, [fresh(array) for array in outline.arrays])
    return outline.fold(walk, walk.columns.fold(walk, manager, outline.arrays, fresh))


@handles(pd.Index, whole=True)
def _index(walk: Walk, value: pd.Index[Any]) -> bytes:
    return _fold_outline(walk, index_outline(value))


@handles(ExtensionArray, whole=True)
def _array(walk: Walk, value: ExtensionArray) -> bytes:
    return walk.node("extension array", column_of(value).fold(walk))


@handles(pd.Timestamp, pd.Timedelta, whole=True)
def _moment(walk: Walk, value: Any) -> bytes:
    zone = getattr(value, "tzinfo", None)
    return walk.node("moment", walk.tokens((value.asm8, zone, getattr(value, "fold", 0))))


@handles(type(pd.NaT), whole=True)
def _not_a_time(walk: Walk, value: object) -> bytes:
    return walk.node("NaT")


@handles(type(pd.NA), whole=True)
def _not_available(walk: Walk, value: object) -> bytes:
    return walk.node("NA")


@handles(pd.Period, whole=True)
def _period(walk: Walk, value: pd.Period) -> bytes:
    return walk.node("Period", walk.tokens((value.ordinal, value.freqstr)))


@handles(pd.Interval, whole=True)
def _interval(walk: Walk, value: pd.Interval[Any]) -> bytes:
    return walk.node("Interval", walk.tokens((value.left, value.right, value.closed)))


@handles(BaseOffset, whole=True)
def _offset(walk: Walk, value: BaseOffset) -> bytes:
    return walk.node("offset", walk.tokens((type(value), value.freqstr)))


@handles(ExtensionDtype, whole=True)
def _dtype(walk: Walk, value: ExtensionDtype) -> bytes:
    return walk.node("dtype", walk.tokens((type(value), str(value), getattr(value, "storage", None))))


@handles(pd.CategoricalDtype, whole=True)
def _categorical_dtype(walk: Walk, value: pd.CategoricalDtype) -> bytes:
    return walk.node("categorical dtype", walk.tokens((value.categories, value.ordered)))
