"""Removing the rows of a person from every version, and everything that could bring them back.

A row is found by the values of the columns that were named, and followed from there through equal columns and
recipes, whether or not the value around it still has those columns. A value that loses rows becomes another
value; its old digest leads to the new one.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from jupyter_mlops.snapshot.collect import collect
from jupyter_mlops.snapshot.forms import form_of, has_rows
from jupyter_mlops.snapshot.manifests import (
    Manifest,
    digests,
    manifest_name,
    read_manifest,
    write_manifest,
)
from jupyter_mlops.snapshot.reach import columns_of, reach
from jupyter_mlops.snapshot.reading import Reader
from jupyter_mlops.snapshot.sealed import sealed, unsealed
from jupyter_mlops.snapshot.taken import stored
from jupyter_mlops.snapshot.tracing import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.taken import Taken

    Put = Callable[[Any, set[str]], str]
    Places = NDArray[np.int64]

_UNFINISHED = "forgetting.json"
_UNLABELLED = frozenset((
    "array", "masked array", "record array", "matrix", "index", "pandas array", "arrow array", "arrow chunks",
    "sparse", "object", "value",
))  # fmt: skip


@dataclass(frozen=True)
class Forgotten:
    """What `SnapshotStore.forget` did, or would do.

    Attributes:
        rows: for each value that had such rows, how many, by the digest it had.
        now: the digest of what is left of each; empty if nothing was written.
        unknown: values that have none of the named columns and nothing in common with one that has, so that
            the store cannot say whether they hold data of that person.
        places: for each value that had such rows, their positions.
        unlabelled: those of `unknown` that have no names for what they hold: arrays and objects.
    """

    rows: Mapping[str, int]
    now: Mapping[str, str]
    unknown: tuple[str, ...]
    places: Mapping[str, Places] = field(default_factory=dict)
    unlabelled: frozenset[str] = frozenset()


def find(files: Files, where: Mapping[str, Any]) -> tuple[dict[str, Places], Trace, list[str]]:
    """The rows to forget in each value, the columns they are in, and the values that nothing is known of.

    Raises:
        StoreError: a file is missing or damaged.
    """
    trace = Trace(files)
    values = {name: value for name in digests(files) if (value := _open(files, name)) is not None}
    named = {name: _matching(value, where) for name, value in values.items()}
    rows = {name: places for name, places in named.items() if places is not None}
    changed = True
    while changed:
        for name, value in values.items():
            own = [key for key in value.row_leaves if trace.records[key].rows == value.rows]
            places = np.unique(np.concatenate([rows.get(name, _NONE), *map(trace.places, own)]))
            rows[name] = places
        marks = [
            trace.mark(key, rows[name])
            for name, value in values.items()
            if len(rows[name])
            for key in value.row_leaves
            if trace.records[key].rows == value.rows
        ]
        changed = trace.spread() or any(marks)
    found = {name: places for name, places in rows.items() if len(places)}
    unknown = [name for name in values if named[name] is None and name not in found]
    return found, trace, unknown


_NONE = np.empty(0, np.int64)


def unlabelled(files: Files, names: Iterable[str]) -> frozenset[str]:
    """Those values that have no names for what they hold."""
    return frozenset(name for name in names if read_manifest(files, name).kind in _UNLABELLED)


def forget(files: Files, put: Put, where: Mapping[str, Any], also: Collection[str] = ()) -> Forgotten:
    """Do it; under the lock. `put` stores a value without making it from the columns it is told to avoid.

    The values in `also` are removed altogether.

    If it is interrupted, the values are as they were, or the next call of this or of `collect` ends it.
    """
    finish(files)
    found, trace, unknown = find(files, where)
    avoid = trace.dependents()
    now: dict[str, str] = {}
    for name in digests(files):
        value = _open(files, name)
        if value is None:
            continue
        if name in found:
            now[name] = put(without(value.value(), found[name]), avoid)
        elif not avoid.isdisjoint(reach(files, columns_of(files, name))):
            put(value.value(), avoid)  # the same value, but no longer made from what has to go
    gone = [name for name in also if name not in now and files.exists(manifest_name(name))]
    files.write(_UNFINISHED, sealed({"now": now, "gone": gone}))
    finish(files)
    rows = {name: len(places) for name, places in found.items()}
    return Forgotten(rows, now, tuple(name for name in unknown if name not in gone), found)


def finish(files: Files) -> None:
    """Lead old digests to what is left of their values, and remove the files behind them."""
    if not files.exists(_UNFINISHED):
        return
    begun = unsealed(files.read(_UNFINISHED), f"{files.place}/{_UNFINISHED}")
    for name in begun.get("gone", []):
        files.delete(manifest_name(name))
    for old, new in begun["now"].items():
        left = read_manifest(files, new)
        write_manifest(files, old, Manifest(left.kind, left.rows, left.columns, None, [], "forgotten", new))
    collect(files, None)
    files.delete(_UNFINISHED)


def _open(files: Files, digest: str) -> Taken | None:
    manifest = read_manifest(files, digest)
    return stored(manifest, Reader(files).checked) if manifest.now is None else None


def _matching(value: Taken, where: Mapping[str, Any]) -> Places | None:
    """The rows that have these values; None if a column is missing."""
    columns = [_column(value, name) for name in where]
    if not columns or any(column is None for column in columns):
        return None
    matches = [
        _is_in(pd.Series(column), _listed(wanted))
        for column, wanted in zip(columns, where.values(), strict=True)
    ]
    return np.flatnonzero(np.logical_and.reduce(matches))


def _column(value: Taken, name: str) -> Any:
    if value.kind in {"array", "arrow array", "arrow chunks"} or not has_rows(value.kind):
        return None
    if name in value.labels:
        column = value.column(value.labels.index(name))
        return pd.Series(column.to_pylist(), dtype=object) if isinstance(column, pa.Array) else column
    if value.index is None:
        return None
    return value.index.get_level_values(name) if name in value.index.names else None


def _is_in(column: pd.Series[Any], wanted: list[Any]) -> NDArray[np.bool_]:
    """Where the column has one of the values; what cannot be compared with it is not in it."""
    found = np.zeros(len(column), bool)
    for kind in {type(value) for value in wanted}:
        values = [value for value in wanted if type(value) is kind]
        with contextlib.suppress(TypeError, ValueError, NotImplementedError, pa.ArrowException):
            found |= column.isin(values).to_numpy(dtype=bool)
    return found


def _listed(wanted: Any) -> list[Any]:
    return list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]


def without(value: Any, places: Places) -> Any:
    """A value without some of its rows, and without the categories that only they had."""
    stay = np.ones(len(value), bool)
    stay[places] = False
    if isinstance(value, np.ndarray):
        return value[stay]
    form = form_of(type(value))
    if form is not None and form.keep_rows is not None:
        return form.keep_rows(value, stay)
    left = value[stay]
    if isinstance(left, pd.Series):
        left = _narrow(value, left)
    else:
        for position in range(left.shape[1]):
            before, after = value.iloc[:, position], left.iloc[:, position]
            if isinstance(after.dtype, pd.CategoricalDtype):
                left.isetitem(position, _narrow(before, after))
    if isinstance(left.index, pd.CategoricalIndex):
        left.index = pd.CategoricalIndex(_narrow(value.index.to_series(), left.index.to_series()))
    return left


def _narrow(before: pd.Series[Any], after: pd.Series[Any]) -> pd.Series[Any]:
    if not isinstance(after.dtype, pd.CategoricalDtype):
        return after
    gone = set(before.cat.remove_unused_categories().cat.categories)
    gone -= set(after.cat.remove_unused_categories().cat.categories)
    return after.cat.remove_categories(sorted(gone, key=list(before.cat.categories).index)) if gone else after
