"""The tokens of long lists of one kind of plain value, all at once: the same bytes as one by one, sooner."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Leaf = Callable[[Any], bytes]

WORTH_IT = 64
"""Values from which on looking whether they are alike is cheaper than what it saves."""
_STR, _INT, _FLOAT = id(str), id(int), id(float)
_NEVER_EQUAL = frozenset((_STR, _INT, id(type(None))))  # to each other: so they can be keys of one dict
_HEAD = 9  # a tag and eight bytes that tell the length


def tokens_alike(values: Sequence[Any], leaves: Mapping[int, Leaf]) -> bytes | None:
    """The tokens of plain values one after the other; None if they are not alike.

    Args:
        values: of any types.
        leaves: gives the token of a value by the id of its type.
    """
    # by identity: a metaclass of the user's is not asked for a hash
    kinds = set(map(id, map(type, values)))
    if kinds == {_FLOAT}:
        return _of_floats(values)
    if not kinds <= _NEVER_EQUAL:
        return None
    if kinds == {_INT}:
        found = _of_ints(values)
        if found is not None:
            return found
    table = {value: leaves[id(type(value))](value) for value in set(values)}
    return b"".join(map(table.__getitem__, values))


def _of_floats(values: Sequence[float]) -> bytes | None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    rows: NDArray[Any] = numpy.empty((len(values), 9), numpy.uint8)
    rows[:, 0] = ord("f")
    rows[:, 1:] = numpy.array(values, "<f8").view(numpy.uint8).reshape(-1, 8)
    return rows.tobytes()


def _of_ints(values: Sequence[int]) -> bytes | None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    try:
        numbers = numpy.array(values, "<i8")
    except OverflowError:
        return None
    if numbers.min() == numpy.iinfo("<i8").min:  # needs nine bytes
        return None
    sizes = 1 + numpy.searchsorted(2 ** numpy.arange(7, 63, 8), numpy.abs(numbers), side="right")
    rows: NDArray[Any] = numpy.zeros((len(values), _HEAD + 8), numpy.uint8)
    rows[:, 0] = ord("i")
    rows[:, 1] = sizes
    rows[:, _HEAD:] = numbers.view(numpy.uint8).reshape(-1, 8)
    used = numpy.arange(_HEAD + 8) < _HEAD + sizes[:, None]
    return bytes(rows[used].tobytes())
