"""Values of the libraries besides pandas that the store keeps as data, by name."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import sparse

_FLOATS = np.arange(6.0)
_ODD = np.dtype({"names": ["a", "b"], "formats": ["i4", "i2"], "offsets": [4, 0], "itemsize": 16})

ARRAYS: dict[str, np.ndarray[Any, Any]] = {
    "fields": np.array([("a", 1)], dtype=[("x", "U3"), ("y", "i8")]),
    "aligned fields": np.ones(3, dtype=np.dtype([("x", "i1"), ("y", "f8")], align=True)),
    "fields in fields": np.ones(3, dtype=[("a", [("b", "i4"), ("c", "f4", (2,))])]),
    "fields in another order": np.ones(3, dtype=_ODD),
    "records": np.ones(3, dtype=np.dtype((np.record, [("a", "i4")]))),
    "days": np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
    "moments of 25 s": np.array([1, 2], dtype="M8[25s]"),
    "durations": np.array([1, 2], dtype="m8[ns]"),
    "float16": _FLOATS.astype("f2"),
    "complex64": _FLOATS.astype("c8"),
    "long double": _FLOATS.astype(np.longdouble),
    "void": np.frombuffer(b"abcdef", "V2"),
    "text": np.array(["a", "ä\0b"]),
    "empty text": np.array(["", ""]),
    "bytes": np.array([b"a", b"b\0c"]),
    "strings": np.array(["a", "ä" * 40, ""], dtype=np.dtypes.StringDType()),
    "strings with None": np.array(["a", None], dtype=np.dtypes.StringDType(na_object=None)),
    "objects": np.array([[1, None], ["a", b"b"]], dtype=object),
    "no dimension": np.array(5),
    "no dimension, fields": np.array((1, 2.0), dtype=[("a", "i4"), ("b", "f8")]),
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((3, 0)),
    "big-endian": np.arange(3, dtype=">i8"),
    "big-endian text": np.array(["a"], dtype=">U3"),
    "Fortran's order": np.asfortranarray(_FLOATS.reshape(2, 3)),
    "moved axes": np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0),
    "backwards": np.arange(10)[::-2],
    "record array": np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    "matrix": np.matrix([[1, 2], [3, 4]]),
    "masked": np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9),
    "masked, hard": np.ma.array([1, 2, 3], mask=[0, 1, 0], hard_mask=True),
    "masked, no mask": np.ma.array([[1.0, 2.0]]),
    "masked fields": np.ma.array([(1, 2.0)], mask=[(True, False)], dtype=[("a", "i4"), ("b", "f8")]),
}

_DENSE = np.array([[0, 1.5, 0], [2, 0, 0], [0, 0, 3], [0, 0, 0]])
SPARSE: dict[str, Any] = {
    f"{form} {family}": getattr(sparse, f"{form}_{family}")(_DENSE)
    for form in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
    for family in ("array", "matrix")
} | {
    "one axis": sparse.coo_array(np.array([0, 1, 0, 2])),
    "three axes": sparse.coo_array(np.eye(8).reshape(4, 4, 4)),
    "rows of one axis": sparse.csr_array(np.array([0, 1.0, 0])),
    "not in order": sparse.csr_array(([1.0, 2.0], [2, 0], [0, 2]), shape=(1, 3)),
    "stored twice": sparse.coo_array(([1, 2], ([0, 0], [1, 1])), shape=(2, 2)),
    "stored zeros": sparse.csr_array(([0.0], [1], [0, 1]), shape=(1, 3)),
    "wide indices": sparse.csr_array((np.ones(1), np.zeros(1, "i8"), np.array([0, 1], "i8")), shape=(1, 3)),
    "booleans": sparse.csc_matrix(_DENSE > 1),
    "nothing": sparse.csr_matrix((0, 5)),
}
SPARSE["wide indices"].indices = SPARSE["wide indices"].indices.astype("i8")


def _ext(kind: Any, values: list[Any]) -> Any:
    return pa.ExtensionArray.from_storage(kind, pa.array(values, kind.storage_type))


TABLES: dict[str, Any] = {
    name: pa.table({"a": array})
    for name, array in {
        "numbers": pa.array([1, None, 3]),
        "texts": pa.array(["x", None, ""]),
        "views": pa.array(["a" * 20, None], pa.string_view()),
        "lists": pa.array([[1], None, []]),
        "list views": pa.array([[1], None], pa.list_view(pa.int8())),
        "structs": pa.array([{"q": [1.5]}, None]),
        "maps": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int8())),
        "dictionary": pa.array(["x", "y", None, "x"]).dictionary_encode(),
        "ordered dictionary": pa.DictionaryArray.from_arrays([1, None, 0], ["x", "y"], ordered=True),
        "dictionaries in lists": pa.array(
            [["x"], ["y", "x"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))
        ),
        "decimals": pa.array([decimal.Decimal(1)], pa.decimal256(50, 2)),
        "months": pa.array([pa.MonthDayNano([1, 2, 3])]),
        "half floats": pa.array(np.array([1.5], "f2")),
        "nothing but nulls": pa.nulls(2),
        "uuids": _ext(pa.uuid(), [b"0" * 16, None]),
        "JSON": _ext(pa.json_(), ['{"a": 1}', None]),
        "tensors": pa.FixedShapeTensorArray.from_numpy_ndarray(np.arange(8.0).reshape(2, 2, 2)),
        "short booleans": _ext(pa.bool8(), [1, None]),
        "no rows": pa.array([], pa.int8()),
    }.items()
} | {
    "chunks": pa.concat_tables([pa.table({"a": ["x"]}), pa.table({"a": ["y"]})]),
    "notes": pa.table({"a": [1]}).replace_schema_metadata({"k": "v"}),
    "never null": pa.table(
        {"a": [1]}, schema=pa.schema([pa.field("a", pa.int64(), nullable=False, metadata={"unit": "m"})])
    ),
    "a name twice": pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]),
    "nothing": pa.table({}),
    "a frame of pandas": pa.Table.from_pandas(pd.DataFrame({"a": [1]}, index=["x"])),
    "batch": pa.record_batch({"a": [1, None], "b": ["x", "y"]}),
    "array": pa.array([1, None]),
    "array in chunks": pa.chunked_array([["a"], ["b", None]]),
}

POLARS: dict[str, Any] = {
    name: pl.DataFrame({"a": series, "b": pl.Series(range(len(series)))})
    for name, series in {
        "numbers": pl.Series([1, None]),
        "small numbers": pl.Series([1], dtype=pl.UInt8),
        "large numbers": pl.Series([2**100, None, -(2**100)], dtype=pl.Int128),
        "large counts": pl.Series([2**127 + 5], dtype=pl.UInt128),
        "half floats": pl.Series([1.5], dtype=pl.Float16),
        "floats": pl.Series([1.5, float("nan"), None, -0.0]),
        "texts": pl.Series(["ä", None, ""]),
        "bytes": pl.Series([b"a", None]),
        "booleans": pl.Series([True, None]),
        "nulls": pl.Series([None, None]),
        "categorical": pl.Series(["x", "y", None], dtype=pl.Categorical),
        "enum": pl.Series(["x", "y", None], dtype=pl.Enum(["y", "x", "z"])),
        "moments": pl.Series([1593561600000, None]).cast(pl.Datetime("ms", "Europe/Berlin")),
        "naive moments": pl.Series([1593561600000000001]).cast(pl.Datetime("ns")),
        "dates": pl.Series([dt.date(2020, 1, 1), None]),
        "times": pl.Series([dt.time(1, 2, 3, 4)]),
        "durations": pl.Series([dt.timedelta(1)], dtype=pl.Duration("ms")),
        "decimals": pl.Series([decimal.Decimal("1.10")]),
        "lists": pl.Series([[1], None, []]),
        "lists of texts": pl.Series([["x", None], []]),
        "arrays": pl.Series([[1, 2], None], dtype=pl.Array(pl.Int8, 2)),
        "structs": pl.Series([{"b": {"c": [1, None]}}]),
        "categories in lists": pl.Series([["x"], ["y", "x"]], dtype=pl.List(pl.Categorical)),
        "enums in lists": pl.Series([["x"], ["y", "x"]], dtype=pl.List(pl.Enum(["x", "y"]))),
        "no rows": pl.Series([], dtype=pl.Datetime("us")),
    }.items()
} | {
    "chunks": pl.concat([pl.DataFrame({"a": ["x"]}), pl.DataFrame({"a": ["y"]})], rechunk=False),
    "nothing": pl.DataFrame(),
    "series": pl.Series("name", ["x", None]),
    "series without a name": pl.Series([1.5]),
}
