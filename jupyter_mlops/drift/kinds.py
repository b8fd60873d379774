"""What a column holds, seen from its values: an object column of numbers is a column of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Family = Literal[
    "number",
    "boolean",
    "text",
    "time",
    "time with zone",
    "duration",
    "other",
    "empty",
    "nested",
    "unsupported",
]

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

# Types that say it at once, by NumPy's letters.
LETTERS: dict[str, Family] = {
    "i": "number",
    "u": "number",
    "f": "number",
    "b": "boolean",
    "M": "time",
    "m": "duration",
}

# Pairs that are not equal and yet have a common ground.
COMMON: dict[frozenset[Family], Family] = {
    frozenset({"number", "boolean"}): "number",
    frozenset({"text", "other"}): "other",
}


def family_of(values: pd.Series) -> Family:
    """The family of values without missing ones; "other" is compared by type and text."""
    import numpy as np
    import pandas as pd

    if len(values) == 0:
        return "empty"
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in LETTERS:
        return LETTERS[values.dtype.kind]
    if isinstance(values.dtype, pd.StringDtype):
        return "text"
    family = FAMILIES.get(pd.api.types.infer_dtype(values, skipna=False), "other")
    return "time with zone" if family == "time" and _has_zone(values) else family


def common_family(reference: Family, current: Family) -> Family | None:
    """The family to compare two columns in, or None when the type changed."""
    if current in (reference, "empty"):
        return reference
    if reference == "empty":
        return current
    return COMMON.get(frozenset({reference, current}))


def _has_zone(values: pd.Series) -> bool:
    first = values.iloc[0]
    return getattr(first, "tzinfo", None) is not None
