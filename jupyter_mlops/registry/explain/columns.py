"""Rows that somebody asks about, as the model's training knew its columns: names, order and dtypes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from jupyter_mlops.registry.evidence import Rows
    from jupyter_mlops.snapshot.schema import Schema

_MOST_NAMED = 10


def as_trained(rows: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """`rows` with the columns of `like` only, in their order and with their dtypes.

    A CSV file has neither categories nor times; other columns, such as the answer, are left out.

    Raises:
        BadInputError: no rows, columns are missing, or their cells cannot be read as in training; the columns
            are named.
    """
    if not len(rows):
        raise BadInputError("there are no rows to explain", "Give at least one row.")
    missing = [str(name) for name in like.columns if name not in rows.columns]
    if missing:
        raise BadInputError(
            f"the rows have no column {_listed(missing)}",
            "Give rows with all columns that the model was trained on, under the same names.",
        )
    if not rows.columns.is_unique:
        raise BadInputError("the rows have two columns of one name", "Rename or drop one of them.")
    return rows.assign(**{str(name): _typed(rows[name], dtype) for name, dtype in like.dtypes.items()})[
        list(like.columns)
    ]


def input_of(model: Any, rows: Rows) -> Rows:
    """`rows` with the columns that the model was fitted on; a hold-out may have more, such as its groups.

    Raises:
        BadInputError: one is missing.
    """
    names = getattr(model, "feature_names_in_", None)
    if names is None or list(names) == list(rows.features.columns):
        return rows
    missing = [str(name) for name in names if name not in rows.features.columns]
    if missing:
        raise BadInputError(
            f"{rows.said} has no column {_listed(missing)}, which the model needs",
            "Measure the model on rows with the columns that it was fitted on.",
        )
    return replace(rows, features=rows.features[list(names)])


def example_frame(records: Sequence[Mapping[str, Any]], schema: Schema) -> pd.DataFrame:
    """The example rows that a version carries, as a frame with the dtypes of its schema."""
    import pandas as pd

    frame = pd.DataFrame(list(records), columns=list(schema.names))
    for column in schema.columns:
        is_category = column.dtype == "category"
        dtype = pd.CategoricalDtype(list(column.categories or ())) if is_category else column.dtype
        frame[column.name] = _typed(frame[column.name], dtype)
    return frame


def _typed(cells: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    from pandas.api import types

    dtype = types.pandas_dtype(dtype)
    if cells.dtype == dtype:
        return cells
    has_missing = bool(cells.isna().any())
    try:
        if types.is_integer_dtype(dtype) and not types.is_extension_array_dtype(dtype):
            numbers = cells.astype(float)
            return numbers if has_missing or (numbers % 1 != 0).any() else numbers.astype(dtype)
        if types.is_bool_dtype(dtype) and not types.is_extension_array_dtype(dtype) and has_missing:
            raise ValueError  # a missing cell would become True
        return cells.astype(dtype)
    except (TypeError, ValueError):  # it names the cell's value, so nobody gets to see it
        raise BadInputError(
            f"the column {str(cells.name)!r} cannot be read as {dtype}, which it was in training",
            "Give its cells as they were in training.",
        ) from None


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(map(repr, names[:_MOST_NAMED])) + more
