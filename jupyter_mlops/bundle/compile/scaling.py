"""Scalers of columns, as the numbers they subtract, divide by, multiply with and add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _affine(writer: Writer, *, clip: Any = None, **arrays: Any) -> dict[str, Any]:
    given = {name: writer.floats(array) for name, array in arrays.items() if array is not None}
    return {"kind": "affine", **given, **({} if clip is None else {"clip": clip})}


def _standard(scaler: Any, writer: Writer) -> dict[str, Any]:
    return _affine(
        writer,
        subtract=scaler.mean_ if scaler.with_mean else None,
        divide=scaler.scale_ if scaler.with_std else None,
    )


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.preprocessing._data.StandardScaler": _standard,
}
