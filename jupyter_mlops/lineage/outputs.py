"""What a model gives for rows, as plain data that can be compared across processes."""

from __future__ import annotations

from itertools import chain
from typing import Any


def outputs(model: Any, rows: Any) -> tuple[list[Any], list[list[float]] | None]:
    """Predictions (n) and class probabilities (n × classes), these None where the model has none.

    With several outputs the probabilities of a row stand one after another.
    """
    import numpy as np

    predicted = np.asarray(model.predict(rows)).tolist()  # people's own classes may answer with a list
    if not hasattr(model, "predict_proba"):
        return predicted, None
    found = model.predict_proba(rows)
    if isinstance(found, list):
        return predicted, [
            [*chain.from_iterable(row)] for row in zip(*(each.tolist() for each in found), strict=True)
        ]
    return predicted, found.tolist()
