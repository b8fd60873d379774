"""NumPy's data types as text, as the `.npy` format spells them, and in full where that format gives up."""

from __future__ import annotations

import ast
import warnings
from typing import Any, cast

import numpy as np


def dtype_text(dtype: np.dtype[Any]) -> str:
    """A data type as a Python literal: text, a list of fields, or a dict with their offsets."""
    if dtype.type is np.record:
        return repr({"record": ast.literal_eval(dtype_text(np.dtype((np.void, dtype))))})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # notes on a dtype are no content
            form = np.lib.format.dtype_to_descr(dtype)
        if np.lib.format.descr_to_dtype(form) == dtype and not _is_aligned(dtype):
            return repr(form)
    except ValueError:  # fields that overlap or stand in another order
        pass
    return repr(_in_full(dtype))


def dtype_from(text: str) -> np.dtype[Any]:
    """The data type that `dtype_text` spelled."""
    form: Any = ast.literal_eval(text)
    if not isinstance(form, dict):
        return np.lib.format.descr_to_dtype(form)
    if "record" in form:
        form = (np.record, dtype_from(repr(form["record"])))
    dtype: np.dtype[Any] = np.dtype(cast("Any", form))
    return dtype


def _is_aligned(dtype: np.dtype[Any]) -> bool:
    inner = [dtype[name].base for name in dtype.names or ()]
    return dtype.isalignedstruct or any(map(_is_aligned, inner))


def _in_full(dtype: np.dtype[Any]) -> Any:
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return (_in_full(base), shape)
    if dtype.fields is None or dtype.names is None:
        return dtype.str
    fields = [dtype.fields[name] for name in dtype.names]
    return {
        "names": list(dtype.names),
        "formats": [_in_full(field[0]) for field in fields],
        "offsets": [field[1] for field in fields],
        "itemsize": dtype.itemsize,
        "aligned": dtype.isalignedstruct,
    }


def without_padding(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The values with zeros between their fields: what was in memory there is nobody's business."""
    if values.dtype.names is None or not _has_gaps(values.dtype):
        return values
    clean = np.zeros(values.shape, values.dtype)
    _fill(clean, values)
    return clean


def _fill(clean: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> None:
    for name in values.dtype.names or ():
        if values.dtype[name].names is None:
            clean[name] = values[name]
        else:
            _fill(clean[name], values[name])


def _has_gaps(dtype: np.dtype[Any]) -> bool:
    if dtype.names is None:
        return False
    return sum(dtype[name].itemsize for name in dtype.names) != dtype.itemsize or any(
        _has_gaps(dtype[name].base) for name in dtype.names
    )
