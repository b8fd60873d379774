"""A snapshot says what its columns are and how much of them is missing, and never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from snapshot_samples import COLUMNS

from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path)


@pytest.mark.parametrize("name", [name for name in COLUMNS if not name.startswith("sparse")])
def test_the_missing_values_of_every_dtype_are_counted(name: str, store: SnapshotStore) -> None:
    values = pd.Series(COLUMNS[name], name="values")
    frame = pd.DataFrame({"values": values, "x": 1})
    (column, other) = store.put(frame).profile
    assert (column.name, column.missing) == ("values", int(values.isna().sum()))
    assert (other.name, other.dtype, other.missing) == ("x", "int64", 0)
    (alone,) = store.put(values).profile
    assert alone.missing == column.missing


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("float64", "float64"),
        ("Int64", "Int64"),
        ("str", "str"),
        ("category", "category"),
        ("datetime with zone", "datetime64[us, Europe/Berlin]"),
        ("period", "period[Q-DEC]"),
        ("arrow decimal", "decimal128(10, 2)"),
        ("objects that are text", "object"),
    ],
)
def test_dtypes_are_named_as_their_library_names_them(name: str, dtype: str, store: SnapshotStore) -> None:
    assert store.put(pd.DataFrame({"a": pd.Series(COLUMNS[name])})).profile[0].dtype == dtype


def test_tables_have_profiles_and_arrays_have_none(store: SnapshotStore) -> None:
    frame = pl.DataFrame({"a": [1, None], "b": pl.Series(["secret", "x"], dtype=pl.Enum(["secret", "x"]))})
    found = store.put(frame).profile
    assert [(column.name, column.missing) for column in found] == [("a", 1), ("b", 0)]
    assert "secret" not in str(found)
    assert store.put(pa.table({"a": [1, None, None]})).profile[0].missing == 2
    assert store.put(np.arange(3)).profile == store.put({"a": 1}).profile == ()


def test_a_profile_is_kept_with_the_value_and_renewed_when_rows_are_forgotten(store: SnapshotStore) -> None:
    frame = pd.DataFrame({"who": ["a", "b", "c"], "x": [1.0, np.nan, np.nan]}, index=[5, 6, 7])
    snapshot = store.put(frame)
    fresh = SnapshotStore(store.path)
    assert fresh.describe(snapshot.digest).profile == snapshot.profile
    assert fresh.describe(snapshot.digest).rows == 3
    store.forget({"who": "c"})
    left = fresh.describe(snapshot.digest)
    assert (left.rows, left.profile[1].missing) == (2, 1)


def test_a_manifest_without_a_profile_can_be_read(store: SnapshotStore) -> None:
    assert store.describe(store.put([1]).digest).profile == ()
