"""Every dtype comes back from the store as it was, and its digest sees every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from snapshot_samples import COLUMNS, ROWS

from jupyter_mlops.snapshot import SnapshotStore, digest, is_storable

if TYPE_CHECKING:
    from pathlib import Path

every_dtype = pytest.mark.parametrize("name", COLUMNS)


def frame_of(name: str) -> pd.DataFrame:
    return pd.DataFrame({"values": pd.Series(COLUMNS[name])})


@every_dtype
def test_a_column_comes_back_equal(name: str, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    frame = frame_of(name)
    assert is_storable(frame)
    snapshot = store.put(frame)
    back = store.get(snapshot.digest)
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    assert snapshot.digest == digest(frame) == digest(back)
    assert (snapshot.kind, snapshot.rows, snapshot.columns) == ("dataframe", ROWS, 1)


@every_dtype
def test_an_index_and_a_series_come_back_equal(name: str, tmp_path: Path) -> None:
    # pandas has no index of float16; it must still come back as a series.
    index = pd.RangeIndex(ROWS) if name == "float16" else pd.Index(COLUMNS[name], name=("a", 1))
    store = SnapshotStore(tmp_path)
    series = pd.Series(pd.Series(COLUMNS[name]).array, index=index, name=7)
    back = store.get(store.put(series).digest)
    pd.testing.assert_series_equal(back, series, check_exact=True, check_freq=True)
    assert digest(back) == digest(series)


@every_dtype
def test_layout_in_memory_does_not_matter(name: str) -> None:
    frame = frame_of(name)
    part = frame.iloc[1:5]
    joined = pd.concat([frame.iloc[1:3], frame.iloc[3:5]])
    joined["values"] = joined["values"].astype(frame["values"].dtype)
    assert digest(part) == digest(part.copy(deep=True)) == digest(joined)
    assert digest(part) != digest(frame)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "arrow null"])
def test_another_order_of_the_values_is_another_digest(name: str) -> None:
    frame = frame_of(name)
    moved = frame.iloc[::-1].set_axis(frame.index)
    assert digest(moved) != digest(frame)


@every_dtype
def test_no_rows_keep_their_dtype(name: str, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    empty = frame_of(name).iloc[:0]
    pd.testing.assert_frame_equal(store.get(store.put(empty).digest), empty)


def test_all_dtypes_have_different_digests() -> None:
    digests = {name: digest(frame_of(name)) for name in COLUMNS}
    assert None not in digests.values()
    assert len(set(digests.values())) == len(COLUMNS)


def test_one_frame_of_all_dtypes_with_repeated_and_odd_names_comes_back(tmp_path: Path) -> None:
    frame = pd.concat([frame_of(name) for name in COLUMNS], axis=1)
    frame.columns = pd.Index(
        ["twice", "twice", 3, 2.5, None, ("a", 1), *range(len(COLUMNS) - 6)], dtype=object
    )
    frame.index = pd.MultiIndex.from_product([["a", "b"], [1, 2, 3]], names=["letter", None])
    frame.attrs = {"source": "survey", "years": [2020, 2021]}
    store = SnapshotStore(tmp_path)
    back = store.get(store.put(frame).digest)
    pd.testing.assert_index_equal(back.index, frame.index, exact=True)
    pd.testing.assert_index_equal(back.columns, frame.columns, exact=True)
    assert list(back.dtypes) == list(frame.dtypes)
    assert back.attrs == frame.attrs
    assert digest(back) == digest(frame)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame(columns=["a"]),
        pd.DataFrame(columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
        pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, np.nan)])),
        pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2020", periods=2, freq="ME")),
        pd.DataFrame(np.arange(6).reshape(2, 3)),
    ],
    ids=[
        "nothing",
        "rows only",
        "columns only",
        "labels in levels",
        "missing in an index",
        "frequency",
        "matrix",
    ],
)
def test_unusual_shapes_come_back(frame: pd.DataFrame, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    back = store.get(store.put(frame).digest)
    pd.testing.assert_frame_equal(back, frame, check_freq=True, check_index_type=True, check_column_type=True)
    assert digest(back) == digest(frame)


def test_levels_that_a_filter_left_behind_are_no_content() -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)]))
    alone = pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([("x", 1)]))
    assert digest(frame.iloc[:1]) == digest(alone)


def test_a_restored_frame_can_be_changed(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    snapshot = store.put(pd.DataFrame({"a": [1.0, 2.0], "b": pd.array([1, None], dtype="Int64")}))
    back = store.get(snapshot.digest)
    back.loc[0, "a"] = 5.0
    back.loc[1, "b"] = 7
    assert back["a"].tolist() == [5.0, 2.0]
    assert digest(store.get(snapshot.digest)) == snapshot.digest


def test_values_under_a_mask_or_a_null_are_no_content() -> None:
    integers = [pd.arrays.IntegerArray(np.array([1, under]), np.array([False, True])) for under in (7, 8)]
    assert digest(integers[0]) == digest(integers[1])
    masked = [np.ma.array([1.0, under], mask=[False, True]) for under in (7, 8)]
    assert digest(masked[0]) == digest(masked[1])
    assert digest(masked[0]) != digest(np.ma.array([1.0, 7], mask=[False, False]))
