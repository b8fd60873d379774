"""What a model gives for rows, as plain data that can be compared across processes."""

from __future__ import annotations

from typing import Any


def outputs(model: Any, rows: Any) -> tuple[list[Any], list[list[float]] | None]:
    """Predictions (n) and class probabilities (n × classes), these None where the model has none."""
    predicted = model.predict(rows).tolist()
    return predicted, model.predict_proba(rows).tolist() if hasattr(model, "predict_proba") else None
