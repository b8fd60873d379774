"""What runs have, as columns that hold only what is there: (run, name, value), in the order it was logged.

Ten thousand runs with thirty metrics are three arrays, which are read from disk and put side by side in
milliseconds. A store with thousands of metric names, of which each run has a few, stays as small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_MOST_SMALL = 1 << 16
_LARGEST = np.finfo(np.float64).max
"""What MLflow writes to databases in place of infinity."""
T = TypeVar("T")


def _no_rows() -> NDArray[np.int32]:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Entries:
    """Values of one kind.

    Args:
        names: of metrics, parameters, tags or data.
        words: the different texts; None for numbers.
        rows: per value, the run's row.
        keys: per value, where its name is in `names`.
        values: float64, or where the text is in `words`.
    """

    names: list[str] = field(default_factory=list)
    words: list[str] | None = None
    rows: NDArray[np.int32] = field(default_factory=_no_rows)
    keys: NDArray[np.int32] = field(default_factory=_no_rows)
    values: NDArray[Any] = field(default_factory=_no_rows)

    def __len__(self) -> int:
        return len(self.rows)

    def kept(self, mask: NDArray[np.bool_]) -> Entries:
        """Those that the mask keeps."""
        return Entries(self.names, self.words, self.rows[mask], self.keys[mask], self.values[mask])

    def of_rows(self, rows: Iterable[int], count: int) -> NDArray[np.bool_]:
        """Which entries belong to these rows of `count`."""
        chosen = np.zeros(count, dtype=np.bool_)
        chosen[list(rows)] = True
        found: NDArray[np.bool_] = chosen[self.rows]
        return found

    def listed(self) -> Iterator[tuple[int, str, Any]]:
        """Row, name and value of each, in the order logged."""
        words = self.words
        for row, key, value in zip(self.rows.tolist(), self.keys.tolist(), self.values.tolist(), strict=True):
            yield row, self.names[key], value if words is None else words[value]

    def columns(self, at: NDArray[np.int32], missing: float) -> Iterator[tuple[str, NDArray[Any]]]:
        """One array per name that one of the chosen runs has, in the order in which the names first appear.

        Args:
            at: per row, its place among the chosen runs; -1 if it is not chosen.
            missing: stands where a run has no value.
        """
        places = at[self.rows]
        here = places >= 0
        places, keys, values = places[here], self.keys[here], self.values[here]
        length = int(at.max(initial=-1)) + 1
        # the first appearance: by run, and within a run by the order logged
        first = np.full(len(self.names), np.iinfo(np.int64).max)
        np.minimum.at(first, keys, places.astype(np.int64) * max(1, len(here)) + np.flatnonzero(here))
        if len(self.names) < _MOST_SMALL:
            keys = keys.astype(np.uint16)  # sorted by counting, which takes a tenth
        order = np.argsort(keys, kind="stable")
        bounds = np.searchsorted(keys[order], np.arange(len(self.names) + 1))
        for key in np.argsort(first, kind="stable").tolist():
            chosen = order[bounds[key] : bounds[key + 1]]
            if len(chosen):
                column = np.full(length, missing, dtype=self.values.dtype)
                column[places[chosen]] = values[chosen]
                yield self.names[key], column


def numbers() -> Entries:
    """Numbers, none yet."""
    return Entries(values=np.empty(0, dtype=np.float64))


def texts() -> Entries:
    """Texts, none yet."""
    return Entries(words=[])


def gathered(found: Sequence[tuple[str, str, Any]], row_of: Mapping[str, int], *, as_text: bool) -> Entries:
    """Entries of what a store gave.

    Args:
        found: run id, name and value; of runs that are not known nothing is taken.
        row_of: the rows of known runs by id.
        as_text: for parameters, tags and data; else numbers, where None is NaN.
    """
    if not found:
        return texts() if as_text else numbers()
    run_ids, names, values = zip(*found, strict=True)
    rows = np.fromiter(map(row_of.get, run_ids, repeat(-1)), dtype=np.int32, count=len(run_ids))
    known_names, keys = _coded(names)
    words: list[str] | None = None
    read: NDArray[Any]
    if as_text:
        words, read = _coded(values)
        words = ["" if word is None else str(word) for word in words]
    else:
        read = as_logged(values)
    entries = Entries(known_names, words, rows, keys, read)
    return entries if (rows >= 0).all() else entries.kept(rows >= 0)


def as_logged(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Numbers of a database as they were logged: None is NaN, and the largest number infinity."""
    read = np.array(values, dtype=np.float64)
    read[read >= _LARGEST] = np.inf
    read[read <= -_LARGEST] = -np.inf
    return read


def joined(parts: Sequence[Entries]) -> Entries:
    """Entries one after another, with names and texts held once; those that nobody has are left out."""
    if not parts:
        raise ValueError("nothing to join")
    names: dict[str, int] = {}
    words: dict[str, int] | None = None if parts[0].words is None else {}
    keys, values = [], []
    for part in parts:
        keys.append(_moved(part.keys, part.names, names))
        if part.words is None or words is None:
            values.append(part.values)
        else:
            values.append(_moved(part.values, part.words, words))
    return Entries(
        list(names),
        None if words is None else list(words),
        np.concatenate([part.rows for part in parts]),
        np.concatenate(keys),
        np.concatenate(values),
    )


def _coded(values: Iterable[T]) -> tuple[list[T], NDArray[np.int32]]:
    """The different values in the order they first appear, and per value its place there."""
    values = list(values)
    at = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return list(at), np.fromiter(map(at.__getitem__, values), dtype=np.int32, count=len(values))


def _moved(codes: NDArray[Any], own: Sequence[str], shared: dict[str, int]) -> NDArray[np.int32]:
    """Codes into `own` as codes into `shared`, which learns the words that are used."""
    used = np.zeros(len(own) + 1, dtype=np.bool_)
    used[codes] = True
    places = [
        shared.setdefault(word, len(shared)) if is_used else 0
        for word, is_used in zip(own, used.tolist(), strict=False)
    ]
    moved: NDArray[np.int32] = np.array([*places, 0], dtype=np.int32)[codes]
    return moved
