"""Six values of every dtype that a frame may hold, by name."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

ROWS = 6


def _arrow(values: list[Any], kind: pa.DataType) -> Any:
    return pd.array(values, dtype=pd.ArrowDtype(kind))


def _objects(*values: Any) -> pd.Series:
    column = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        column[position] = value
    return pd.Series(column, dtype=object)


_PLAIN = {
    kind: np.arange(ROWS).astype(kind)
    for kind in ("int8", "int64", "uint16", "float16", "float32", "complex128")
}

COLUMNS: dict[str, Any] = {
    **_PLAIN,
    "uint64": np.array([2**64 - 1, 0, 1, 2, 3, 4], dtype="u8"),
    "float64": np.array([1.5, np.nan, 0.0, -0.0, np.inf, -np.inf]),
    "bool": np.array([True, False] * 3),
    "Int64": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
    "UInt8": pd.array([1, None, 3, 4, 5, 6], dtype="UInt8"),
    "Float32": pd.array([1, None, 3, 4, 5, 6], dtype="Float32"),
    "boolean": pd.array([True, None] * 3, dtype="boolean"),
    "str": pd.array(["ä", None, "", "b", "c", "x\0y"], dtype="str"),
    "string": pd.array(["ä", None, "", "b", "c", "d"], dtype="string"),
    "string[python]": pd.array(["ä", None, "", "b", "c", "d"], dtype="string[python]"),
    "category": pd.Categorical(["a", "b", None, "a", "b", "a"], categories=["b", "a", "z"]),
    "ordered category": pd.Categorical(list("abcabc"), categories=list("cba"), ordered=True),
    "category of numbers": pd.Categorical([3, 1, 2, 3, 1, 2]),
    "category of intervals": pd.cut(pd.Series(range(ROWS)), 3),
    "datetime64[s]": pd.date_range("2020", periods=ROWS, unit="s"),
    "datetime64[ns]": pd.to_datetime(
        ["2020-01-01", None, "1969-12-31 23:59:59.999999999", *["2021"] * 3], format="mixed"
    ),
    "datetime with zone": pd.date_range("2020-10-24", periods=ROWS, freq="6h", tz="Europe/Berlin"),
    "datetime in UTC": pd.date_range("2020", periods=ROWS, tz="UTC"),
    "datetime with offset": pd.date_range("2020", periods=ROWS, tz=dt.timezone(dt.timedelta(hours=2))),
    "timedelta": pd.to_timedelta([1, 2, None, 4, 5, 6], unit="s"),
    "period": pd.period_range("2020", periods=ROWS, freq="Q"),
    "interval": pd.interval_range(0, ROWS),
    "interval of dates": pd.arrays.IntervalArray.from_breaks(
        pd.date_range("2020", periods=ROWS + 1), closed="left"
    ),
    "sparse": pd.arrays.SparseArray([0, 0, 1, 0, 2, 0]),
    "sparse NaN": pd.arrays.SparseArray([np.nan, 1.0] * 3),
    "arrow int": _arrow([1, None, 3, 4, 5, 6], pa.int32()),
    "arrow bool": _arrow([True, None, False] * 2, pa.bool_()),
    "arrow string": _arrow(["a", None, "", "ö", "c", "d"], pa.string()),
    "arrow binary": _arrow([b"a", None, b"", b"\0", b"c", b"d"], pa.binary()),
    "arrow date": _arrow([dt.date(2020, 1, 1), None] * 3, pa.date32()),
    "arrow timestamp": _arrow([dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None] * 3, pa.timestamp("ms", "UTC")),
    "arrow decimal": _arrow([decimal.Decimal("1.10"), None] * 3, pa.decimal128(10, 2)),
    "arrow dictionary": _arrow(["a", "b", None] * 2, pa.dictionary(pa.int32(), pa.string())),
    "arrow list": _arrow([[1], None, [], [2, 3], [4], [5]], pa.list_(pa.int64())),
    "arrow fixed list": _arrow([[1, 2], None] * 3, pa.list_(pa.int64(), 2)),
    "arrow struct": _arrow(
        [{"a": 1, "b": "x"}, None] * 3, pa.struct([("a", pa.int64()), ("b", pa.string())])
    ),
    "arrow map": _arrow([[("a", 1)], None] * 3, pa.map_(pa.string(), pa.int64())),
    "arrow null": _arrow([None] * ROWS, pa.null()),
    "objects that are text": _objects(*"abcdef"),
    "objects of many types": _objects(None, np.nan, b"x", [1, {"a": (1, 2)}], "s", 10**400),
    "objects of dates": _objects(
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        dt.date(2020, 1, 1),
        dt.time(1),
        None,
        dt.timedelta(1),
        pd.Timestamp("2020"),
    ),
    "objects of pandas": _objects(
        pd.Timestamp("2020-07-01", tz="Europe/Berlin"),
        pd.NaT,
        pd.Timedelta(1),
        pd.Period("2020"),
        pd.Interval(0, 1),
        1,
    ),
    "objects with NA": _objects(pd.NA, "a", pd.NA, "b", True, -0.0),
    "objects of numbers": _objects(
        decimal.Decimal("1E+5"), 1j, float("inf"), np.float32(3), uuid.UUID(int=5), np.int8(1)
    ),
    "objects of sets": _objects({1, 2}, frozenset("ab"), zoneinfo.ZoneInfo("UTC"), (), {}, []),
}
