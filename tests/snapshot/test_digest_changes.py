"""A digest changes with any cell, name, order, dtype or index, and with nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snapshot_samples import COLUMNS, ROWS

from jupyter_mlops.snapshot import SnapshotStore, digest

names = st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=4)
labels = st.one_of(st.text(max_size=3), st.integers(0, 3), st.tuples(st.integers(0, 1), st.text(max_size=1)))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Frames with repeated names, rows taken in any order and number, and any kind of index."""
    kinds = draw(names)
    rows = draw(st.lists(st.integers(0, ROWS - 1), max_size=8))
    frame = pd.concat([pd.Series(COLUMNS[kind]) for kind in kinds], axis=1).iloc[rows]
    frame.columns = pd.Index([draw(labels) for _ in kinds], dtype=object, tupleize_cols=False)
    index = draw(st.sampled_from(["range", "kept", "text", "times", "levels"]))
    if index == "range":
        frame = frame.reset_index(drop=True)
    elif index == "text":
        frame.index = pd.Index([f"r{row}" for row in rows], dtype="str", name="id")
    elif index == "times":
        frame.index = pd.date_range("2020", periods=len(rows), tz="UTC")
    elif index == "levels":
        frame.index = pd.MultiIndex.from_arrays([rows, range(len(rows))], names=["row", None])
    return frame


def _rename(frame: pd.DataFrame) -> pd.DataFrame:
    changed = frame.copy(deep=False)
    changed.columns = pd.Index([*frame.columns[:-1], "renamed column"], dtype=object, tupleize_cols=False)
    return changed


def _drop_row(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:-1]


def _repeat_row(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[[0, *range(len(frame))]]


def _add_column(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, pd.Series(range(len(frame)), index=frame.index, name="new")], axis=1)


def _drop_column(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:, 1:]


def _shift_index(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.RangeIndex(100, 100 + len(frame)), axis=0)


def _name_index(frame: pd.DataFrame) -> pd.DataFrame:
    changed = frame.copy(deep=False)
    changed.index = frame.index.set_names([f"level {level}" for level in range(frame.index.nlevels)])
    return changed


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(frame=frames())
def test_whatever_is_put_comes_back_with_its_digest(frame: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(Path(folder))
        snapshot = store.put(frame)
        back = store.get(snapshot.digest)
        pd.testing.assert_frame_equal(back, frame, check_exact=True, check_freq=True)
        assert digest(frame) == digest(back) == snapshot.digest
        assert store.put(back).stored_bytes == 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    frame=frames().filter(len),
    change=st.sampled_from(
        [_rename, _drop_row, _repeat_row, _add_column, _drop_column, _shift_index, _name_index]
    ),
)
def test_any_operation_changes_the_digest(frame: pd.DataFrame, change: Any) -> None:
    assert digest(change(frame)) != digest(frame)
    assert digest(frame.copy(deep=True)) == digest(frame)


CELLS: dict[str, Any] = {
    "int64": 77,
    "float64": 77.0,
    "bool": None,
    "Int64": 77,
    "boolean": False,
    "str": "other",
    "string": "other",
    "string[python]": "other",
    "category": "z",
    "ordered category": "c",
    "datetime64[s]": pd.Timestamp("1999"),
    "datetime with zone": pd.Timestamp("1999", tz="Europe/Berlin"),
    "timedelta": pd.Timedelta("5D"),
    "period": pd.Period("1999Q1"),
    "interval": pd.Interval(50, 51),
    "arrow int": 77,
    "arrow string": "other",
    "objects of many types": "other",
}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("row", [0, 3, ROWS - 1])
def test_any_cell_changes_the_digest(name: str, row: int) -> None:
    frame = pd.DataFrame({"other": 1, "values": pd.Series(COLUMNS[name])})
    changed = frame.copy()
    value = not frame["values"][row] if CELLS[name] is None else CELLS[name]
    if name == "boolean":
        value = bool(pd.isna(frame["values"][row]) or not frame["values"][row])
    if name == "ordered category" and frame["values"][row] == "c":
        value = "a"
    changed.iloc[row, 1] = value
    assert digest(changed) != digest(frame)
    changed.iloc[row, 1] = frame["values"][row]
    assert digest(changed) == digest(frame)


@pytest.mark.parametrize(
    "missing", ["Int64", "str", "string", "category", "arrow int", "arrow string", "boolean"]
)
def test_a_cell_that_goes_missing_changes_the_digest(missing: str) -> None:
    frame = pd.DataFrame({"values": pd.Series(COLUMNS[missing])})
    changed = frame.copy()
    changed.iloc[0, 0] = None
    assert digest(changed) != digest(frame)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.array([0.0]), np.array([-0.0])),
        (np.array([1], dtype="i4"), np.array([1], dtype="i8")),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.array([1.0]), pd.Series([1.0])),
        (pd.Series(["a"], dtype="str"), pd.Series(["a"], dtype=object)),
        (pd.Series([1], dtype="int64"), pd.Series([1], dtype="Int64")),
        (pd.Series(["ab", "c"]), pd.Series(["a", "bc"])),
        (pd.Series([None, "a"], dtype="str"), pd.Series(["", "a"], dtype="str")),
        (pd.Series([None, np.nan], dtype=object), pd.Series([np.nan, None], dtype=object)),
        (pd.Series([1, 1.0, True], dtype=object), pd.Series([1.0, 1, True], dtype=object)),
        (pd.Categorical(["a"], categories=["a", "b"]), pd.Categorical(["a"], categories=["a"])),
        (pd.Categorical(["a"], ordered=True), pd.Categorical(["a"], ordered=False)),
        (pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"b": [2], "a": [1]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[1])),
        (pd.date_range("2020", periods=2, tz="UTC"), pd.date_range("2020", periods=2, tz="Etc/GMT")),
        (pd.date_range("2020", periods=2, unit="s"), pd.date_range("2020", periods=2, unit="ns")),
    ],
)
def test_what_looks_alike_but_is_not_has_different_digests(first: Any, second: Any) -> None:
    assert digest(first) is not None
    assert digest(first) != digest(second)


def test_the_order_in_memory_of_an_array_does_not_matter() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    assert digest(array) == digest(np.asfortranarray(array)) == digest(array[::-1][::-1])
    assert digest(array.T) != digest(array)


def test_padding_between_the_fields_of_an_array_is_no_content() -> None:
    kind = np.dtype([("a", "i1"), ("b", "f8")], align=True)
    first = np.frombuffer(b"\0" * kind.itemsize * 2, dtype=kind)
    second = np.frombuffer((b"\0" + b"\xff" * 7 + b"\0" * 8) * 2, dtype=kind)
    assert digest(first) == digest(second)
    assert digest(first) != digest(np.ones(2, dtype=kind))
