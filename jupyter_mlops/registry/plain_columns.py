"""Column lists that skops can write: pandas ``Index`` objects inside fitted transformers become lists.

``make_column_transformer((scaler, frame.select_dtypes("number").columns))`` is what people write; skops
0.16 cannot write an ``Index``. A list of the same names selects the same columns.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def with_plain_columns(model: Any) -> Any:
    """A copy of a fitted estimator without pandas indexes in it; the model itself when there are none."""
    import pandas as pd

    if not _holds(model, pd.Index, set()):
        return model
    copied = copy.deepcopy(model)
    _replace(copied, pd.Index, set())
    return copied


def _holds(value: Any, kind: type[pd.Index[Any]], seen: set[int]) -> bool:
    if isinstance(value, kind):
        return True
    return any(_holds(inner, kind, seen) for _, inner in _inside(value, seen))


def _replace(value: Any, kind: type[pd.Index[Any]], seen: set[int]) -> Any:
    """`value` with each index in it replaced; containers that cannot change are made anew."""
    if isinstance(value, kind):
        return list(value)
    found = [(key, _replace(inner, kind, seen)) for key, inner in _inside(value, seen)]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(inner for _, inner in found) if found else value
    for key, inner in found:
        if isinstance(value, dict | list):
            value[key] = inner
        else:
            value.__dict__[key] = inner
    return value


def _inside(value: Any, seen: set[int]) -> list[tuple[Any, Any]]:
    """Keyed parts of containers and of scikit-learn's own objects; each object once."""
    if id(value) in seen:
        return []
    if isinstance(value, dict):
        parts: list[tuple[Any, Any]] = list(value.items())
    elif type(value) in {list, tuple}:
        parts = list(enumerate(value))
    elif type(value).__module__.startswith("sklearn.") and hasattr(value, "__dict__"):
        parts = list(vars(value).items())
    else:
        return []
    seen.add(id(value))
    return parts
