"""Which rows of a parent became which rows of a child: one index for the whole frame, or none.

Found by the labels of the index, else by a column of unique values, else by whole rows. A wrong answer costs
time only: every recipe made with it is compared bit by bit before it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from jupyter_mlops.snapshot.columns import Array, Arrow, Leaf, Raw
from jupyter_mlops.snapshot.digest_arrow import fixed_bytes
from jupyter_mlops.snapshot.leaves import cut, differing, is_fixed, is_text, rows_of, take

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_WIDTHS = (1, 2, 4, 8)
_PROBE = 4096
_KEYS = 4  # columns of each kind that are tried as key
Pair = tuple[Leaf, Leaf]


def find_rows(
    parent: Any, child: Any, pairs: Sequence[Pair], parent_rows: int, child_rows: int
) -> NDArray[np.int64] | None:
    """For each row of the child its row in the parent; None if rows stayed where they were, or are new.

    Args:
        parent: the index of the parent (pandas), or None.
        child: the index of the child, or None.
        pairs: columns of parent and child that have the same place and kind, in that order.
        parent_rows: rows of the parent.
        child_rows: rows of the child.
    """
    telling = [pair for pair in pairs if _tells(pair[1])]
    if not telling or not parent_rows or not child_rows:
        return None
    common = min(parent_rows, child_rows)
    stayed = _agreeing(telling, np.arange(common), common)
    if stayed >= 0.5:
        return np.arange(child_rows) if child_rows < parent_rows else None
    for rows in _guesses(parent, child, telling):
        if _agreeing(telling, rows, child_rows) > stayed:
            return rows
    return None


def _tells(leaf: Leaf) -> bool:
    """False for columns that look the same in any order."""
    probe = cut(leaf, 0, _PROBE)
    different = differing(probe, take(probe, np.zeros(rows_of(probe) or 0, np.int64)))
    return different is not None and len(different) > 0


def _agreeing(pairs: Sequence[Pair], rows: Array, child_rows: int) -> float:
    """The share of columns that are the same in a sample of the rows, if these are the rows."""
    sample = np.unique(np.linspace(0, child_rows - 1, min(_PROBE, child_rows)).astype(np.int64))
    same = 0
    for old, new in pairs:
        different = differing(take(old, rows[sample]), take(new, sample))
        same += different is not None and not len(different)
    return same / len(pairs)


def _guesses(parent: Any, child: Any, pairs: Sequence[Pair]) -> Iterator[NDArray[np.int64]]:
    yield from _found(label_positions(parent, child))
    for old, new in _likely_keys(pairs):
        yield from _found(label_positions(_as_index(old), _as_index(new)))
    hashes = _row_hashes([old for old, _ in pairs]), _row_hashes([new for _, new in pairs])
    if hashes[0] is None or hashes[1] is None:
        return
    first = pd.Index(hashes[0])
    places = np.flatnonzero(~first.duplicated())  # equal rows are interchangeable
    found = first[places].get_indexer(pd.Index(hashes[1]))
    if (found >= 0).all():
        yield places[found]


def label_positions(parent: Any, child: Any) -> NDArray[np.int64] | None:
    """Where each label of one index is in another, -1 if it is not; None if labels do not name rows there."""
    if parent is None or child is None or parent.nlevels != child.nlevels:
        return None
    try:
        positions: NDArray[np.int64] | None = parent.get_indexer(child) if parent.is_unique else None
    except Exception:  # noqa: BLE001 - labels can be any objects, without a hash or an order, and raise anything
        return None
    return positions


def _found(rows: Array | None) -> Iterator[NDArray[np.int64]]:
    if rows is not None and (rows >= 0).all():
        yield rows.astype(np.int64, copy=False)


def _likely_keys(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Columns that may have no value twice, numbers before text, because they are faster."""
    plain = [pair for pair in pairs if isinstance(pair[0], Raw) and pair[0].values.ndim == 1]
    numbers = [pair for pair in plain if cast("Raw", pair[0]).values.dtype.itemsize == 8]
    texts = [pair for pair in pairs if isinstance(pair[0], Arrow) and is_text(pair[0].values.type)]
    for kind in (numbers, texts):
        unique = (pair for pair in kind if _as_index(cut(pair[0], 0, _PROBE)).is_unique)
        yield from (pair for pair, _ in zip(unique, range(_KEYS), strict=False))


def _as_index(leaf: Leaf) -> Any:
    """A column of numbers, by their bits, or of text as an index."""
    if isinstance(leaf, Arrow):
        return pd.Index(pd.arrays.ArrowExtensionArray(leaf.values))
    values: Any = leaf.values if isinstance(leaf, Raw) else None
    return pd.Index(np.ascontiguousarray(values).view(np.int64))


def _row_hashes(leaves: Sequence[Leaf]) -> NDArray[np.uint64] | None:
    """One number for each row, from all columns that have a quick one; None if none has."""
    total: Any = None
    for leaf in leaves:
        numbers = _numbers(leaf)
        if numbers is not None:
            total = (numbers if total is None else total ^ numbers) * np.uint64(0x9E3779B97F4A7C15)
            total ^= total >> np.uint64(29)
    return total  # type: ignore[no-any-return]


def _numbers(leaf: Leaf) -> Any:
    if isinstance(leaf, Raw) and leaf.values.ndim == 1 and leaf.values.dtype.itemsize in _WIDTHS:
        bits = np.ascontiguousarray(leaf.values).view(f"u{leaf.values.dtype.itemsize}")
        return bits.astype(np.uint64)
    if isinstance(leaf, Arrow) and is_fixed(leaf.values.type) and leaf.values.type.bit_width // 8 in _WIDTHS:
        raw = np.ascontiguousarray(fixed_bytes(leaf.values))
        return raw.view(f"u{raw.shape[1]}")[:, 0].astype(np.uint64)
    if isinstance(leaf, Arrow) and is_text(leaf.values.type):
        coded = leaf.values.dictionary_encode()
        words = np.array(coded.dictionary.to_pylist(), dtype=object)
        hashes = np.append(pd.util.hash_array(words, categorize=False), np.uint64(0))
        return hashes[coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)]
    return None
