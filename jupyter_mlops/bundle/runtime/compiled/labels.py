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


def labels_or_none(node: Any) -> tuple[list[Any] | None, np.ndarray[Any, Any] | None]:
    """A classifier's labels; a regression has none."""
    return (None, None) if node is None else labels_of(node)
