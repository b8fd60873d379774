"""SciPy's sparse arrays and matrices as data: their stored parts, in the order in which they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from jupyter_mlops.snapshot.columns import Value, column_of_numpy
from jupyter_mlops.snapshot.forms import Form, register
from jupyter_mlops.snapshot.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLASSES = {
    f"{form}_{family}": getattr(sparse, f"{form}_{family}")
    for form in ("csr", "csc", "bsr", "coo", "dia", "lil", "dok")
    for family in ("array", "matrix")
}
_PARTS = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "bsr": ("data", "indices", "indptr"),
    "dia": ("data", "offsets"),
    "lil": ("data", "rows"),
}


def _layout(value: Any) -> Layout:
    form = value.format
    if form == "dok":
        columns: tuple[Any, ...] = (Value(dict(value._dict)),)
    elif form == "coo":
        columns = tuple(column_of_numpy(np.asarray(part)) for part in (value.data, *value.coords))
    else:
        columns = tuple(column_of_numpy(getattr(value, name)) for name in _PARTS[form])
    head = {"class": type(value).__name__, "shape": list(value.shape), "dtype": value.dtype.str}
    return Layout.of_shape("sparse", head, columns, value.shape, value)


def _rebuild(head: dict[str, Any], columns: Iterator[Any]) -> Any:
    # Filled by hand: the constructors choose another width for indices, and sum or sort what is stored.
    value: Any = _CLASSES[head["class"]](tuple(head["shape"]), dtype=np.dtype(head["dtype"]))
    form = value.format
    parts = list(columns)
    if form == "dok":
        value._dict = parts[0]
    elif form == "coo":
        value.data, value.coords = parts[0], tuple(parts[1:])
        value.has_canonical_format = False
    else:
        for name, part in zip(_PARTS[form], parts, strict=True):
            setattr(value, name, part)
    return value


register(Form("sparse", _layout, _rebuild), *_CLASSES.values())
