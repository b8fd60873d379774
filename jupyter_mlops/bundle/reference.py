"""``reference.json``: what training's rows looked like, as counts that live ones are held against.

The bins are those of `jupyter_mlops.drift`, so what a server counts and what a comparison of frames says
agree. There are no rows in it: edges of deciles, the smallest and largest number, and the most common texts.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.bins import decile_cuts
from jupyter_mlops.drift.profile.build import microseconds
from jupyter_mlops.drift.profile.ordered import summary_of
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.drift.distances import Floats
    from jupyter_mlops.snapshot.schema import Column, Schema

MOST_CATEGORIES = 100
"""As many as `jupyter_mlops.drift` compares one by one."""
FEW = 5
"""Where there are more values than that, rarer ones than this are not named: they may name a person."""


def reference_profile(
    rows: pd.DataFrame,
    schema: Schema,
    predictions: np.ndarray[Any, Any] | None = None,
    classes: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """The profile of training's rows, ready for JSON.

    Args:
        rows: the model's input as it was in training, with the schema's columns.
        schema: the model's input; its order is the profile's.
        predictions: the model's answers to these rows, shape (rows,): labels or numbers.
        classes: a classifier's labels; None for numbers.

    Raises:
        BadInputError: there are no rows, or a column of the schema is not among theirs.
    """
    absent = [name for name in schema.names if name not in rows.columns]
    if absent or len(rows) == 0:
        what = f"no column {absent[0]!r}" if absent else "no rows"
        raise BadInputError(
            f"The data to make a reference profile of has {what}.", "Give the rows the model was trained on."
        )
    profile: dict[str, Any] = {
        "format": 1,
        "rows": len(rows),
        "columns": [{"name": column.name, **_column(rows[column.name], column)} for column in schema.columns],
    }
    answered = None if predictions is None else _predictions(np.asarray(predictions), classes)
    if answered is not None:
        profile["predictions"] = answered
    return profile


def as_json(profile: dict[str, Any]) -> str:
    """The file's text: the same profile gives the same bytes, and numbers come back exactly."""
    return json.dumps(profile, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _column(series: pd.Series, column: Column) -> dict[str, Any]:
    known = series.dropna()
    missing = len(series) - len(known)
    if column.type == "string":
        return _categories(Counter(map(str, known.tolist())), missing)
    if column.type == "boolean":
        counted = Counter({False: 0, True: 0})
        counted.update(map(bool, known.tolist()))
        return _categories(counted, missing)
    if column.type == "datetime":
        return _ordered("datetime", microseconds(known) if len(known) else np.empty(0), missing)
    return _ordered("number", known.to_numpy(dtype=np.float64), missing)


def _ordered(kind: str, values: Floats, missing: int) -> dict[str, Any]:
    finite = np.sort(values[np.isfinite(values)])
    cuts = decile_cuts(summary_of(finite))
    counts = np.diff(np.searchsorted(finite, cuts, side="right"), prepend=0, append=len(finite))
    return {
        "kind": kind,
        "cuts": cuts.tolist(),
        "counts": counts.tolist(),
        "minimum": float(finite[0]) if len(finite) else None,
        "maximum": float(finite[-1]) if len(finite) else None,
        "infinite": len(values) - len(finite),
        "missing": missing,
    }


def _categories(counted: Counter[Any], missing: int) -> dict[str, Any]:
    """The most common first, equally common ones by their text; `once` and `distinct` are of all of them."""
    order = sorted(counted.items(), key=lambda each: (-each[1], str(each[0])))
    named = order[:MOST_CATEGORIES]
    if len(order) > len(named):
        named = [(value, count) for value, count in named if count >= FEW]
    return {
        "kind": "category",
        "categories": [value for value, _ in named],
        "counts": [count for _, count in named],
        "others": counted.total() - sum(count for _, count in named),
        "distinct": len(counted),
        "once": sum(count == 1 for count in counted.values()),
        "missing": missing,
    }


def _predictions(answers: np.ndarray[Any, Any], classes: Sequence[Any] | None) -> dict[str, Any] | None:
    """None for answers that are neither labels nor single numbers."""
    if answers.ndim == 1 and classes is not None:
        counted: Counter[Any] = Counter(dict.fromkeys(map(_plain, classes), 0))
        counted.update(map(_plain, answers.tolist()))
        return _categories(counted, 0)
    if answers.ndim == 1 and answers.dtype.kind in "fiub":
        numbers = answers.astype(np.float64)
        return _ordered("number", numbers[~np.isnan(numbers)], int(np.isnan(numbers).sum()))
    return None


def _plain(label: Any) -> Any:
    """A label as JSON spells it; what it cannot spell, such as a date, by its text."""
    plain = label.item() if hasattr(label, "item") else label
    return plain if isinstance(plain, str | int | float) else str(plain)
