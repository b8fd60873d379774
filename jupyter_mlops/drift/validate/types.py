"""Types of columns as text, and which values are of another type than the rest."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

_TYPES: dict[str, tuple[type, ...]] = {
    "number": (int, float, Decimal, np.number),
    "boolean": (bool, np.bool_),
    "text": (str,),
    "time": (dt.date, np.datetime64),
    "time with zone": (dt.datetime,),
    "duration": (dt.timedelta, np.timedelta64),
}
_PLAIN = (
    (r"^(datetime64|timestamp).*", "datetime64"),
    (r"^(timedelta64|duration).*", "timedelta64"),
    (r"^boolean$", "bool"),
    (r"^double$", "float64"),
)
_BOOLEANS = (bool, np.bool_)


def plain_dtype(dtype: str, family: str) -> str:
    """A type without what files and libraries change on the way: units, zones, nullability, kinds of text."""
    text = dtype.lower().removesuffix("[pyarrow]")
    if family == "text" and text != "category":
        return "text"
    for pattern, plain in _PLAIN:
        text = re.sub(pattern, plain, text)
    return text


def of_another_type(values: pd.Series, family: str) -> npt.NDArray[np.bool_]:
    """Which of the values, none missing, are not of the family: all of them in a column of one type."""
    everything = np.ones(len(values), dtype=bool)
    if values.dtype != object or family not in _TYPES:
        return everything
    import pandas as pd

    codes, kinds = pd.factorize(np.frompyfunc(type, 1, 1)(values.to_numpy(dtype=object)))
    other = np.array([not _fits(kind, family) for kind in kinds], dtype=bool)[codes]
    return other if other.any() else everything


def _fits(kind: type, family: str) -> bool:
    if family == "number" and issubclass(kind, _BOOLEANS):
        return False
    return issubclass(kind, _TYPES[family])
