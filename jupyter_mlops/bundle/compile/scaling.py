"""Scalers, as the numbers they subtract, divide by, multiply with and add; and what undoes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _affine(writer: Writer, *, clip: Any = None, **arrays: Any) -> dict[str, Any]:
    given = {name: writer.floats(array) for name, array in arrays.items() if array is not None}
    return {"kind": "affine", **given, **({} if clip is None else {"clip": [float(end) for end in clip]})}


def standard(scaler: Any, writer: Writer) -> dict[str, Any]:
    """A StandardScaler; PowerTransformer has one inside."""
    return _affine(
        writer,
        subtract=scaler.mean_ if scaler.with_mean else None,
        divide=scaler.scale_ if scaler.with_std else None,
    )


def _min_max(scaler: Any, writer: Writer) -> dict[str, Any]:
    clip = scaler.feature_range if scaler.clip else None
    return _affine(writer, multiply=scaler.scale_, add=scaler.min_, clip=clip)


def _max_abs(scaler: Any, writer: Writer) -> dict[str, Any]:
    return _affine(writer, divide=scaler.scale_, clip=(-1, 1) if scaler.clip else None)


def _robust(scaler: Any, writer: Writer) -> dict[str, Any]:
    return _affine(
        writer,
        subtract=scaler.center_ if scaler.with_centering else None,
        divide=scaler.scale_ if scaler.with_scaling else None,
    )


def _normalizer(scaler: Any, writer: Writer) -> dict[str, Any]:
    return {"kind": "normalize", "norm": scaler.norm}


_DATA = "sklearn.preprocessing._data."

COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    f"{_DATA}StandardScaler": standard,
    f"{_DATA}MinMaxScaler": _min_max,
    f"{_DATA}MaxAbsScaler": _max_abs,
    f"{_DATA}RobustScaler": _robust,
    f"{_DATA}Normalizer": _normalizer,
}

INVERSES: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    f"{_DATA}StandardScaler": lambda scaler, writer: _affine(
        writer,
        multiply=scaler.scale_ if scaler.with_std else None,
        add=scaler.mean_ if scaler.with_mean else None,
    ),
    f"{_DATA}MinMaxScaler": lambda scaler, writer: _affine(
        writer, subtract=scaler.min_, divide=scaler.scale_
    ),
    f"{_DATA}MaxAbsScaler": lambda scaler, writer: _affine(writer, multiply=scaler.scale_),
    f"{_DATA}RobustScaler": lambda scaler, writer: _affine(
        writer,
        multiply=scaler.scale_ if scaler.with_scaling else None,
        add=scaler.center_ if scaler.with_centering else None,
    ),
}
"""The nodes that undo a scaler: for a target that was scaled."""
