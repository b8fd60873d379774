"""The labels of a classifier, as JSON keeps them."""

from __future__ import annotations

from typing import Any

import numpy as np


def labels_of(node: Any) -> tuple[list[Any], np.ndarray[Any, Any]]:
    """The labels in the order of probabilities: as a list for answers, and as an array to pick from."""
    values: list[Any] = node["labels"]
    array = np.empty(len(values), dtype=node["dtype"])
    array[:] = values
    return values, array
