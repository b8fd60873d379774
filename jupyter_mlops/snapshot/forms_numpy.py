"""NumPy's arrays as data: of any dtype, in their order of memory, masked, as records and matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.snapshot.columns import Array, column_of_numpy
from jupyter_mlops.snapshot.forms import Form, register
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.looking import dict_of
from jupyter_mlops.snapshot.typed_json import is_plain

if TYPE_CHECKING:
    from collections.abc import Iterator


def _array_layout(array: Array) -> Layout:
    plain = np.ndarray.view(array, np.ndarray)  # a map of a file is stored as what it shows
    return Layout.of_shape("array", _order(plain), (column_of_numpy(plain),), plain.shape, None)


def _order(array: Array) -> dict[str, Any]:
    """The axes from the slowest to the fastest in memory, unless that is C's order or has gaps.

    It is no content, but sums over another order of memory round differently.
    """
    if array.flags.c_contiguous or array.ndim < 2:
        return {}
    axes = sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))
    return {"axes": axes} if array.transpose(axes).flags.c_contiguous else {}


def _rebuild(head: dict[str, Any], columns: Iterator[Any]) -> Array:
    values: Array = next(columns)
    if "axes" not in head:
        return values
    return np.ascontiguousarray(values.transpose(head["axes"])).transpose(np.argsort(head["axes"]))


register(Form("array", _array_layout, _rebuild, has_rows=True), np.ndarray, np.memmap)


def _masked_layout(array: np.ma.MaskedArray[Any, Any]) -> Layout | None:
    mask = np.ma.getmaskarray(array)
    data = np.ma.getdata(array).view(np.ndarray)
    if data.dtype.names is None:
        data = data.copy()
        data[mask] = np.zeros((), data.dtype)[()]  # what lies under a mask is no content
    filling = array.fill_value if data.dtype.names is None else None
    head = {
        "has_mask": array.mask is not np.ma.nomask,
        "hard": array.hardmask,
        "fill_value": filling if is_plain(filling) else None,
    }
    columns = (column_of_numpy(data), column_of_numpy(mask))
    return Layout.of_shape("masked array", head, columns, data.shape, array)


def _rebuild_masked(head: dict[str, Any], columns: Iterator[Any]) -> Any:
    data, mask = columns
    kept = mask if head["has_mask"] else np.ma.nomask
    array: Any = np.ma.MaskedArray(data, mask=kept, fill_value=head["fill_value"], hard_mask=head["hard"])
    return array


register(Form("masked array", _masked_layout, _rebuild_masked), np.ma.MaskedArray)


def _subclass_form(kind: str, cls: Any) -> Form:
    def take_apart(array: Any) -> Layout | None:
        if any(value is not False for value in dict_of(array).values()):
            return None  # attributes of the user's; a matrix has one that says it is not being sliced
        plain = np.ndarray.view(array, np.ndarray)
        return Layout.of_shape(kind, {}, (column_of_numpy(plain),), plain.shape, array)

    return Form(kind, take_apart, lambda _, columns: next(columns).view(cls))


register(_subclass_form("record array", np.recarray), np.recarray)
register(_subclass_form("matrix", np.matrix), np.matrix)
