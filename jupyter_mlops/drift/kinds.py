"""What a column holds, seen from its values: an object column of numbers is a column of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Family = Literal["number", "boolean", "text", "time", "time with zone", "duration", "other", "empty"]

# The words of pandas.api.types.infer_dtype, the one authority on object columns.
FAMILIES: dict[str, Family] = {
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "string": "text",
    "datetime64": "time",
    "datetime": "time",
    "date": "time",
    "period": "time",
    "timedelta64": "duration",
    "timedelta": "duration",
    "empty": "empty",
}

# Pairs that are not equal and yet have a common ground.
COMMON: dict[frozenset[Family], Family] = {
    frozenset({"number", "boolean"}): "number",
    frozenset({"text", "other"}): "other",
}


def family_of(values: pd.Series) -> Family:
    """The family of values without missing ones; "other" is compared by type and text."""
    from pandas.api.types import infer_dtype

    if len(values) == 0:
        return "empty"
    family = FAMILIES.get(infer_dtype(values, skipna=False), "other")
    return "time with zone" if family == "time" and _has_zone(values) else family


def common_family(reference: Family, current: Family) -> Family | None:
    """The family to compare two columns in, or None when the type changed."""
    if current in (reference, "empty"):
        return reference
    if reference == "empty":
        return current
    return COMMON.get(frozenset({reference, current}))


def without_categories(reference: pd.Series, current: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Plain columns for categorical ones.

    When both are categorical their categories become text, even numbers: somebody said so. When one is,
    as after a file that does not keep the type, its values count.
    """
    import pandas as pd

    both = all(isinstance(side.dtype, pd.CategoricalDtype) for side in (reference, current))
    return _plain(reference, as_text=both), _plain(current, as_text=both)


def _plain(side: pd.Series, *, as_text: bool) -> pd.Series:
    import pandas as pd

    if not isinstance(side.dtype, pd.CategoricalDtype):
        return side
    categories = side.cat.categories.astype(str) if as_text else side.cat.categories
    return pd.Series(categories.take(side.cat.codes.to_numpy()[side.notna().to_numpy()]))


def _has_zone(values: pd.Series) -> bool:
    first = values.iloc[0]
    return getattr(first, "tzinfo", None) is not None
