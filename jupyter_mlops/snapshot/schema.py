"""What a model's input frame looks like, as JSON: the contract between training and serving.

Types are read from dtypes and whole columns, never from a sample: a column of whole numbers with one missing
cell is ``number`` when pandas stores it as float64, and ``integer`` when it is ``Int64``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

TYPES = ("integer", "number", "boolean", "string", "datetime")
MAX_CATEGORIES = 100
"""A string column with more distinct values than this is free text or an identifier: no list."""

_BY_CONTENT = {
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
    "boolean": "boolean",
    "string": "string",
    "datetime": "datetime",
    "datetime64": "datetime",
}


@dataclass(frozen=True)
class Column:
    """One column: its JSON type, its pandas dtype in training, and what training saw in it.

    ``minimum`` and ``maximum`` are those of the finite numbers, ``missing_share`` is in [0, 1], and
    ``categories`` are the sorted distinct values, for text and categoricals with few of them.
    """

    name: str
    type: str
    nullable: bool
    dtype: str
    minimum: int | float | None = None
    maximum: int | float | None = None
    missing_share: float | None = None
    categories: tuple[str | int | float | bool, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this column; what training did not see is left out."""
        described: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "nullable": self.nullable,
            "dtype": self.dtype,
        }
        for key in ("minimum", "maximum", "missing_share"):
            value = getattr(self, key)
            if value is not None:
                described[key] = value
        if self.categories is not None:
            described["categories"] = list(self.categories)
        return described

    @classmethod
    def from_dict(cls, described: Mapping[str, Any]) -> Column:
        """Read what `to_dict` wrote. Raises BadInputError when it is something else."""
        name, kind = described.get("name"), described.get("type")
        if not isinstance(name, str) or kind not in TYPES:
            raise _not_a_schema()
        categories = described.get("categories")
        return cls(
            name=name,
            type=kind,
            nullable=bool(described.get("nullable", False)),
            dtype=str(described.get("dtype", "")),
            minimum=described.get("minimum"),
            maximum=described.get("maximum"),
            missing_share=described.get("missing_share"),
            categories=None if categories is None else tuple(categories),
        )


@dataclass(frozen=True)
class Schema:
    """The columns of a model's input, in the order the model was trained on."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)

    def to_dict(self) -> dict[str, Any]:
        """``{"columns": [{"name": …, "type": …, "nullable": …, …}, …]}``, ready for JSON."""
        return {"columns": [column.to_dict() for column in self.columns]}

    @classmethod
    def from_dict(cls, described: Mapping[str, Any]) -> Schema:
        """Read what `to_dict` wrote. Raises BadInputError when it is something else."""
        columns = described.get("columns")
        if not isinstance(columns, list) or not all(isinstance(column, Mapping) for column in columns):
            raise _not_a_schema()
        return cls(tuple(Column.from_dict(column) for column in columns))


def infer_schema(frame: pd.DataFrame, *, nullable: Collection[str] = ()) -> Schema:
    """The schema of `frame` (rows x columns), read from every cell.

    Args:
        frame: the model's input as it was in training, without the target.
        nullable: names of columns that may be missing in production though training had them all.

    Raises:
        BadInputError: no rows or columns; names that are no strings or not unique; columns that mix types,
            hold nested values, have only missing values, or a type JSON does not have.
    """
    _check_names(frame)
    if frame.shape[0] == 0:
        raise BadInputError(
            "The frame has no rows, so its columns have no types.", "Pass the frame the model was trained on."
        )
    _check_contents(frame)
    for name in nullable:
        if name not in frame.columns:
            raise BadInputError(
                f"There is no column {name!r} to make nullable.{did_you_mean(name, frame.columns)}",
                "Name columns of the frame.",
            )
    return Schema(tuple(_column(frame[name], name in nullable) for name in frame.columns))


def _column(series: pd.Series[Any], may_be_missing: bool) -> Column:
    missing = int(series.isna().sum())
    kind = _type_of(series)
    low, high = _range(series) if kind in {"integer", "number"} else (None, None)
    return Column(
        name=str(series.name),
        type=kind,
        nullable=missing > 0 or may_be_missing,
        dtype=str(series.dtype),
        minimum=low,
        maximum=high,
        missing_share=missing / len(series) if missing else None,
        categories=_categories(series, kind),
    )


def _type_of(series: pd.Series[Any]) -> str:
    """One of `TYPES`, or the empty string when JSON has no such type."""
    import pandas as pd
    from pandas.api import types

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _type_of(dtype.categories.to_series())
    if types.is_object_dtype(dtype):
        return _BY_CONTENT.get(types.infer_dtype(series, skipna=True), "")
    by_dtype: tuple[tuple[Callable[[Any], bool], str], ...] = (
        (types.is_bool_dtype, "boolean"),
        (types.is_integer_dtype, "integer"),
        (types.is_float_dtype, "number"),
        (types.is_datetime64_any_dtype, "datetime"),
        (types.is_string_dtype, "string"),
    )
    return next((name for fits, name in by_dtype if fits(dtype)), "")


def _range(series: pd.Series[Any]) -> tuple[int | float | None, int | float | None]:
    known = series.dropna()
    if str(known.dtype) == "category":
        known = known.astype(known.cat.categories.dtype)
    if known.empty:
        return None, None
    ends = [getattr(end, "item", lambda end=end: end)() for end in (known.min(), known.max())]
    if all(math.isfinite(end) for end in ends):
        return ends[0], ends[1]
    finite = [value for value in known.tolist() if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (None, None)


def _categories(series: pd.Series[Any], kind: str) -> tuple[str | int | float | bool, ...] | None:
    declared = getattr(series.dtype, "categories", None)
    if declared is None and kind != "string":
        return None
    if kind == "datetime":
        return None
    values = series.dropna().unique() if declared is None else declared
    return tuple(sorted(values.tolist())) if len(values) <= MAX_CATEGORIES else None


def _check_names(frame: pd.DataFrame) -> None:
    names = list(frame.columns)
    if not names:
        raise BadInputError("The frame has no columns.", "Pass the frame the model was trained on.")
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        raise BadInputError(
            f"{len(odd)} column names are not strings, the first is {odd[0]!r}.",
            "Name the columns before training, e.g. frame.columns = [str(name) for name in frame.columns].",
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInputError(
            f"Column names appear more than once: {_listed(twice)}.",
            "Rename or drop them: a request names each column once.",
        )


def _check_contents(frame: pd.DataFrame) -> None:
    """Refuse, with all their names at once, the columns that have no JSON type."""
    from pandas.api import types

    nested, mixed, empty, other = [], [], [], []
    for name in frame.columns:
        series = frame[name]
        if _type_of(series):
            continue
        content = types.infer_dtype(series, skipna=True)
        if content == "empty" or series.isna().all():
            empty.append(name)
        elif series.map(
            lambda value: isinstance(value, Collection) and not isinstance(value, str | bytes)
        ).any():
            nested.append(name)
        elif content.startswith("mixed"):
            mixed.append(name)
        else:
            other.append(f"{name} ({content if series.dtype == object else series.dtype})")
    complaints = (
        (nested, "hold lists, dicts or other nested values", "Turn them into flat columns before training."),
        (mixed, "mix types", "Give each one type, e.g. with astype or pd.to_numeric."),
        (empty, "have only missing values, so their type is unknown", "Drop them or give them a dtype."),
        (other, "have a type that JSON does not have", "Turn them into numbers, text or datetimes."),
    )
    for names, what, fix in complaints:
        if names:
            raise BadInputError(f"Columns that {what}: {_listed(names)}.", fix)


def _listed(names: list[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _not_a_schema() -> BadInputError:
    return BadInputError(
        "This is not a schema: it needs 'columns', each with a 'name' and a known 'type'.",
        "Make it with infer_schema(frame).to_dict().",
    )
