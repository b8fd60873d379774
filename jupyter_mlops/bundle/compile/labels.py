"""The labels of a classifier, as JSON can keep them."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_mlops.bundle.compile.problems import CannotCompile

_DTYPES = {"b": "bool", "i": "int64", "u": "int64", "f": "float64", "U": "object", "O": "object"}


def labels_node(classes: Any, estimator: Any) -> dict[str, Any]:
    """``classes_`` for a node; the bundle's `labels_of` reads it.

    Raises:
        CannotCompile: several outputs, or labels that JSON does not have.
    """
    array = np.asarray(classes) if not isinstance(classes, list) else np.empty((0, 0))
    listed = array.tolist() if array.ndim == 1 else []
    if array.dtype.kind not in _DTYPES or not listed or not set(map(type, listed)) <= {bool, int, float, str}:
        raise CannotCompile(
            f"{type(estimator).__qualname__} has several outputs, or labels that JSON has not"
        )
    return {"labels": listed, "dtype": _DTYPES[array.dtype.kind]}
