"""Where a column's memory lies, read from its storage and never from a conversion, which would be new memory.

Imported when the first value of pandas is met, so pandas is there already.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

Array = np.ndarray[Any, Any]

_TEXT: Any = pd.arrays.ArrowStringArray
_SAMPLES = 32
_OFFSET = 8
"""Bytes in Arrow for each text, beside the text itself."""
WORTH_IT = 1 << 15
"""Bytes of a column from which on looking where it lies is cheaper than digesting it."""
_MASKED = (pd.arrays.IntegerArray, pd.arrays.FloatingArray, pd.arrays.BooleanArray)
_TIMES = (pd.arrays.DatetimeArray, pd.arrays.TimedeltaArray, pd.arrays.PeriodArray)
# What a NumPy array's memory may belong to in the end: to NumPy, or to Arrow, which does not write it again.
_OWNERS = ("NoneType", "PyCapsule")


@dataclass(frozen=True)
class Identity:
    """The place of a column: equal `key` and unchanged memory mean equal content.

    `sample` holds a few of its values. `memory` names the NumPy arrays that own what it lies in: what else
    refers to these can write there.
    """

    key: Hashable
    sample: bytes
    memory: tuple[int, ...] = ()


def identity_of(array: Any) -> Identity | None:  # noqa: PLR0911 - one line per kind of array
    """The identity of a column's array; None where it has none, or where looking costs no less.

    Python objects can change in place, an unknown extension array can lie anywhere, and Arrow's numbers can
    lie in an array of the user's: these are digested every time.
    """
    cls = type(array)
    if cls is np.ndarray:
        return None if array.dtype.hasobject else _in_numpy(array.dtype.str, (array,))
    if cls is _TEXT:
        return _in_arrow(array._pa_array)
    if cls in _TIMES:
        return _in_numpy(str(array.dtype), (array._ndarray,))
    if cls in _MASKED:
        return _in_numpy(str(array.dtype), (array._data, array._mask))
    if cls is pd.Categorical:
        if array.categories.dtype == object:
            return None
        kind = ("category", array.ordered, id(array.categories))  # whoever holds the memory holds these too
        return _in_numpy(kind, (array._ndarray,))
    return None


def _in_numpy(kind: Hashable, parts: tuple[Array, ...]) -> Identity | None:
    if parts[0].nbytes < WORTH_IT:
        return None
    key = (kind, *((_address(part), part.dtype.str, part.shape, part.strides) for part in parts))
    sample = b"".join(
        part[:: max(1, len(part) // _SAMPLES)].tobytes() + part[-1:].tobytes() for part in parts
    )
    return Identity(key, sample, tuple(id(_owner(part)) for part in parts))


def _in_arrow(values: Any) -> Identity | None:
    if len(values) * _OFFSET < WORTH_IT:
        return None
    chunks = tuple(
        (chunk.offset, len(chunk), *(part and part.address for part in chunk.buffers()))
        for chunk in values.chunks
    )
    return Identity((str(values.type), chunks), b"")


def _address(values: Array) -> int:
    return int(values.__array_interface__["data"][0])


def _owner(values: Array) -> Array:
    """The array at the end of a chain of views."""
    while isinstance(values.base, np.ndarray):
        values = values.base
    return values


def size_of(manager: Any) -> int:
    """Bytes of a frame's or series's columns, without what Python objects in them take."""
    return sum(_bytes(block.values) for block in manager.blocks)


def _bytes(values: Any) -> int:
    if type(values) is _TEXT:  # which reads all offsets when it is asked
        buffers = (part for chunk in values._pa_array.chunks for part in chunk.buffers())
        return sum(part.size for part in buffers if part is not None)
    return int(values.nbytes)


def exclusive_memory(manager: Any, arrays: Iterable[Any] = ()) -> set[int]:
    """Ids of the arrays that own a frame's memory and that nothing but blocks of pandas refers to.

    Everything in Python that can write into an array refers to it: views, memoryviews, tensors, buffers of
    Arrow, and the user's own name for it. So references are counted. Those of pandas are known, because
    blocks and indexes that share memory know of each other.

    Args:
        manager: the frame's block manager.
        arrays: views of its columns that whoever asks has made.
    """
    views: dict[int, set[int]] = {}
    for array in arrays:
        for name in _storages(array):
            part = _storage(array, name)
            views.setdefault(id(part.base), set()).add(id(part))
    return {
        id(owner)
        for owner, sharing in _owners(manager)
        if _others(owner, sharing, views.get(id(owner), set())) == _WHO_ASKS
    }


def _owners(manager: Any) -> Iterator[tuple[Array, list[Any]]]:
    """The arrays that own the memory of blocks, each with everything of pandas that shares it."""
    seen: set[int] = set()
    for block in manager.blocks:
        sharing: list[Any] | None = None
        for name in _storages(block.values):
            number = id(_owner(_storage(block.values, name)))
            if number in seen:
                continue
            seen.add(number)
            if sharing is None:
                sharing = [other for ref in block.refs.referenced_blocks if (other := ref()) is not None]
            yield _owner(_storage(block.values, name)), sharing


def _others(owner: Array, sharing: list[Any], views: set[int]) -> int:
    """References to an array but for those of pandas and `views`; negative if that cannot be known."""
    if type(owner) is not np.ndarray or type(owner.base).__name__ not in _OWNERS:
        return -1
    known = _of_pandas(owner, sharing, views)
    return -1 if known is None else sys.getrefcount(owner) - known


def _of_pandas(owner: Array, sharing: list[Any], views: set[int]) -> int | None:
    """How many references to an array are those of pandas and `views`; None if that cannot be known."""
    holders: set[tuple[int, str]] = set()
    views = set(views)
    for other in sharing:
        values: Any = other.values
        if isinstance(other, pd.Index):
            values = cast("Any", other)._data
        for name in _storages(values):
            array = _storage(values, name)
            if array is owner:
                holders.add((id(values) if name else id(other), name))
            elif array.base is owner:
                views.add(id(array))
            elif _owner(array) is owner:
                return None
    return len(holders) + len(views)


def _storages(values: Any) -> tuple[str, ...]:
    """Names of the NumPy arrays in a block's values; an empty one for the values themselves."""
    if type(values) in _MASKED:
        return ("_data", "_mask")
    return ("",) if isinstance(values, np.ndarray) else ("_ndarray",) if hasattr(values, "_ndarray") else ()


def _storage(values: Any, name: str) -> Array:
    return cast("Array", getattr(values, name) if name else values)


# Its own references, counted in the same way on memory that is surely nobody else's.
_WHO_ASKS = min({_others(owner, sharing, set()) for owner, sharing in _owners(pd.Series([0.0])._mgr)})
