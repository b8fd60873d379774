"""How much memory frozen values keep alive: each buffer once, however many versions share it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.freezing import Live, Pickled, kind_of_table, sparse_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PER_VALUE = 16 << 10  # the frozen value itself, its blocks and labels
_PER_OBJECT = 64  # an element of an object column, beside its pointer: a short text


class HeldMemory:
    """The sum over values that were added and not removed yet."""

    def __init__(self) -> None:
        self._uses: Counter[int] = Counter()
        self._sizes: dict[int, int] = {}
        self.bytes = 0

    def more(self, buffers: Mapping[int, int]) -> int:
        """How many bytes `bytes` would grow by."""
        return sum(size for address, size in buffers.items() if not self._uses[address])

    def add(self, buffers: Mapping[int, int]) -> None:
        """Count a value's buffers."""
        self.bytes += self.more(buffers)
        self._uses.update(buffers)
        self._sizes.update(buffers)

    def remove(self, buffers: Mapping[int, int]) -> None:
        """Count them no more."""
        self._uses.subtract(buffers)
        for address in [address for address in buffers if not self._uses[address]]:
            del self._uses[address]
            self.bytes -= self._sizes.pop(address)


def buffers_of(value: Any) -> dict[int, int]:
    """Address and bytes of all memory that a frame, series, array or table keeps alive."""
    if isinstance(value, Live):
        return {id(value): _PER_VALUE}  # the notebook holds it itself
    if isinstance(value, Pickled):
        return {id(value): len(value.data)}
    if kind_of_table(value) in {"polars frame", "polars series"}:
        return {id(value): int(value.estimated_size())}
    found = {id(value): _PER_VALUE}
    for part in _parts(value):
        found.update(_buffers(part))
    return found


def _parts(value: Any) -> Iterator[Any]:
    """The arrays in a value."""
    if kind_of_table(value) == "sparse":
        yield from sparse_parts(value)
        return
    pandas = sys.modules.get("pandas")
    if pandas is None or not issubclass(type(value), pandas.DataFrame | pandas.Series):
        yield value
        return
    blocks = getattr(getattr(value, "_mgr", None), "blocks", None)
    if blocks is None:  # another inside of pandas
        yield from (
            (value.iloc[:, at].array for at in range(value.shape[1])) if value.ndim == 2 else [value.array]
        )
    else:
        yield from (block.values for block in blocks)
    if not isinstance(value.index, pandas.RangeIndex):
        yield value.index.array if value.index.nlevels == 1 else value.index


def _buffers(array: Any) -> Iterator[tuple[int, int]]:
    numpy = sys.modules["numpy"]
    inner = [
        getattr(array, name, None) for name in ("_ndarray", "_data", "_mask", "_codes", "_left", "_right")
    ]
    arrow = getattr(array, "_pa_array", array)
    if isinstance(array, numpy.ndarray):
        while isinstance(array.base, numpy.ndarray):  # a view keeps all of its base
            array = array.base
        size = array.nbytes + (array.size * _PER_OBJECT if array.dtype == object else 0)
        yield (array.__array_interface__["data"][0] or id(array)), size
    elif hasattr(arrow, "chunks") or hasattr(arrow, "buffers"):
        for chunk in getattr(arrow, "chunks", None) or [arrow]:
            yield from ((each.address, each.size) for each in chunk.buffers() if each is not None)
    elif any(isinstance(part, numpy.ndarray) for part in inner):
        for part in inner:
            if isinstance(part, numpy.ndarray):
                yield from _buffers(part)
        categories = getattr(getattr(array, "dtype", None), "categories", None)
        if categories is not None:
            yield from _buffers(categories.array)
    else:
        yield id(array), int(getattr(array, "nbytes", 0))
