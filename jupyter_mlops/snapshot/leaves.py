"""What recipes do with the leaves of a column: cut, take, join, patch, and compare bit by bit.

Comparison is of bits, never of values: NaN differs from itself as a value, 0.0 equals -0.0, and both must
come back as they were.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jupyter_mlops.snapshot.columns import Array, Arrow, Leaf, Objects, Raw, Value
from jupyter_mlops.snapshot.digest_arrow import fixed_bytes, nulls_of, one_array
from jupyter_mlops.snapshot.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_UNBOUNDED = 1 << 62
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}
_text_kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)


def new_walk() -> Walk:
    """A walk without limits: what is stored is digested whole."""
    return Walk(_UNBOUNDED, _UNBOUNDED)


def key_of(leaf: Leaf) -> str:
    """The content digest of a leaf: its name in the store."""
    return leaf.fold(new_walk()).hex()


def is_text(kind: Any) -> bool:
    """True for Arrow's four types of strings and bytes (not views)."""
    return any(matches(kind) for matches in _text_kinds)


def is_fixed(kind: Any) -> bool:
    """True for Arrow's types whose elements are all of the same number of whole bytes."""
    primitive = (
        pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_fixed_size_binary(kind)
    )
    return primitive and not pa.types.is_boolean(kind)


def rows_of(leaf: Leaf) -> int | None:
    """How many rows a leaf can be cut into; None if it cannot."""
    if isinstance(leaf, Value) or (isinstance(leaf, Raw | Objects) and not leaf.values.ndim):
        return None
    return len(leaf.values)


@singledispatch
def cut(leaf: Leaf, start: int, stop: int) -> Leaf:
    """The rows of a leaf from `start` up to `stop`, without a copy."""
    raise AssertionError(f"{type(leaf).__name__} has no rows")


@cut.register(Raw)
@cut.register(Objects)
def _(leaf: Raw | Objects, start: int, stop: int) -> Leaf:
    return type(leaf)(leaf.values[start:stop])


@cut.register
def _(leaf: Arrow, start: int, stop: int) -> Leaf:
    return Arrow(leaf.values.slice(start, stop - start))


@singledispatch
def take(leaf: Leaf, index: Array) -> Leaf:
    """The rows of a leaf at these positions, in that order."""
    raise AssertionError(f"{type(leaf).__name__} has no rows")


@take.register(Raw)
@take.register(Objects)
def _(leaf: Raw | Objects, index: Array) -> Leaf:
    return type(leaf)(leaf.values[index])


@take.register
def _(leaf: Arrow, index: Array) -> Leaf:
    values = leaf.values
    if pa.types.is_string_view(values.type) or pa.types.is_binary_view(values.type):
        wide = pa.large_string() if pa.types.is_string_view(values.type) else pa.large_binary()
        # Arrow cannot take from views.
        return Arrow(values.cast(wide).take(pa.array(index)).cast(values.type))
    return Arrow(one_array(values.take(pa.array(index))))


def join(leaves: Sequence[Leaf]) -> Leaf:
    """Leaves of one kind and dtype, one after the other, in memory of their own."""
    first = leaves[0]
    if isinstance(first, Arrow):
        return Arrow(pa.concat_arrays([cast("Arrow", leaf).values for leaf in leaves]))
    if isinstance(first, Value):
        return first
    if not first.values.ndim:
        return type(first)(first.values.copy())
    whole = [cast("Raw | Objects", leaf).values for leaf in leaves]
    # Without a place to put it, the result would be in the machine's byte order.
    out = np.empty((sum(map(len, whole)), *first.values.shape[1:]), first.values.dtype)
    return type(first)(np.concatenate(whole, out=out))


@singledispatch
def patched(leaf: Leaf, positions: Array, values: Leaf) -> Leaf:
    """A copy of a leaf with other values at some positions, which are in ascending order."""
    raise AssertionError(f"{type(leaf).__name__} has no rows")


@patched.register(Raw)
@patched.register(Objects)
def _(leaf: Raw | Objects, positions: Array, values: Leaf) -> Leaf:
    copy = leaf.values.copy()
    copy[positions] = cast("Raw | Objects", values).values
    return type(leaf)(copy)


@patched.register
def _(leaf: Arrow, positions: Array, values: Leaf) -> Leaf:
    # One gather from old and new: its index is the row itself, or behind the old rows the new value.
    index = np.arange(len(leaf.values), dtype=np.int64)
    index[positions] = len(leaf.values) + np.arange(len(positions))
    return take(join([leaf, values]), index)


def differing(one: Leaf, other: Leaf) -> NDArray[np.int64] | None:
    """The rows in which two leaves of the same length differ in any bit of content.

    None if they cannot be compared row by row: another kind, dtype or length, or elements that are
    only known to differ somewhere.
    """
    if type(one) is not type(other) or rows_of(one) != rows_of(other) or rows_of(one) is None:
        return None
    if isinstance(one, Raw) and isinstance(other, Raw):
        return _raw_differing(one.values, other.values)
    if isinstance(one, Arrow) and isinstance(other, Arrow):
        if not one.values.type.equals(other.values.type):
            return None
        if is_text(one.values.type):
            return _text_differing(one.values, other.values)
        if is_fixed(one.values.type):
            return _fixed_differing(one.values, other.values)
    return np.empty(0, np.int64) if key_of(one) == key_of(other) else None


def alike(one: Leaf, other: Leaf) -> bool:
    """True if two leaves of rows have the same kind and dtype."""
    if rows_of(one) is None or rows_of(other) is None:
        return False
    return differing(cut(one, 0, 0), cut(other, 0, 0)) is not None


def _raw_differing(one: Array, other: Array) -> NDArray[np.int64] | None:
    # dtype.str alone is the same for all dtypes of fields.
    if one.dtype != other.dtype or one.dtype.str != other.dtype.str or one.shape[1:] != other.shape[1:]:
        return None
    if one.dtype.hasobject:
        return None
    if not one.nbytes:
        return np.empty(0, np.int64)
    return _unequal(_words(one) != _words(other))


def _words(values: Array) -> Array:
    """The bits of an array as the widest integers that fit: (rows, words)."""
    plain = np.ascontiguousarray(values).reshape(len(values), -1)
    size = plain.dtype.itemsize
    return plain.view(_WORDS.get(size, np.uint8))


def _unequal(differ: Array) -> NDArray[np.int64]:
    return np.flatnonzero(differ.any(axis=1) if differ.ndim > 1 else differ)


def _fixed_differing(one: Any, other: Any) -> NDArray[np.int64]:
    if not len(one):
        return np.empty(0, np.int64)
    differ = (_words(fixed_bytes(one)) != _words(fixed_bytes(other))).any(axis=1)
    return _unequal(differ | _null_differs(one, other))


def _text_differing(one: Any, other: Any) -> NDArray[np.int64]:
    # Text has no values that differ from themselves, so here Arrow's comparison is one of bits.
    values = pc.fill_null(pc.not_equal(one, other), False)
    return _unequal(values.to_numpy(zero_copy_only=False) | _null_differs(one, other))


def _null_differs(one: Any, other: Any) -> Any:
    nulls = nulls_of(one), nulls_of(other)
    if nulls[0] is None and nulls[1] is None:
        return np.False_
    none = np.zeros(len(one), bool)
    return (none if nulls[0] is None else nulls[0]) ^ (none if nulls[1] is None else nulls[1])
