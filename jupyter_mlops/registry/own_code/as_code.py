"""A plain value as an expression that gives it back: constants that functions of a notebook use."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_MOST_PARTS = 10_000
_MODULES = ("datetime", "numpy", "pandas", "re")
_LITERALS = {bool, int, str, bytes, complex, type(None)}
_TIMES = (dt.datetime, dt.date, dt.timedelta, dt.time)


class _NotPlainError(Exception):
    """The value has no expression."""


def as_code(value: Any) -> str | None:
    """An expression for `value`, tried out; None if it has none, or is too large to be read."""
    try:
        text = _Writer().text(value)
        again = eval(text, {f"_{name}": importlib.import_module(name) for name in _MODULES})  # noqa: S307 - ours
    except (_NotPlainError, RecursionError, ValueError, TypeError, AttributeError):
        return None
    if isinstance(value, re.Pattern):
        return text if again == value else None
    known = digest(value)
    return text if known is not None and digest(again) == known else None


def imports_for(expressions: Iterable[str]) -> str:
    """The imports that expressions of `as_code` need."""
    together = "\n".join(expressions)
    return "\n".join(f"import {name} as _{name}" for name in _MODULES if f"_{name}." in together)


class _Writer:
    def __init__(self) -> None:
        self._left = _MOST_PARTS

    def text(self, value: Any) -> str:
        self._left -= 1
        if self._left < 0:
            raise _NotPlainError
        kind = type(value)
        if kind in _LITERALS:
            return repr(value)
        if kind is float:
            return repr(value) if value - value == 0 else f"float({str(value)!r})"
        if kind in {list, tuple, set, frozenset, dict}:
            return self._container(value, kind)
        if kind in _TIMES and getattr(value, "tzinfo", None) is None:
            return "_" + repr(value)
        if kind is re.Pattern:
            return f"_re.compile({value.pattern!r}, {int(value.flags)})"
        module = kind.__module__.partition(".")[0]
        if module in {"numpy", "pandas"}:
            return _OF_LIBRARIES[module](self, value)
        raise _NotPlainError

    def _container(self, value: Any, kind: type) -> str:
        if kind is dict:
            return "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in value.items()) + "}"
        parts = ", ".join(self.text(part) for part in value)
        if kind is list:
            return f"[{parts}]"
        if kind is tuple:
            return f"({parts},)" if len(value) == 1 else f"({parts})"
        return f"{kind.__name__}([{parts}])"


def _numpy(writer: _Writer, value: Any) -> str:
    import numpy as np

    if isinstance(value, np.dtype):
        return f"_numpy.dtype({value.str!r})"
    if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind not in "biufcUS":
        raise _NotPlainError
    if isinstance(value, np.generic):
        return f"_numpy.dtype({value.dtype.str!r}).type({writer.text(value.item())})"
    if value.size > _MOST_PARTS or type(value) is not np.ndarray:
        raise _NotPlainError
    parts = writer.text(value.ravel().tolist())
    return f"_numpy.array({parts}, {value.dtype.str!r}).reshape({value.shape!r})"


def _pandas(writer: _Writer, value: Any) -> str:
    import pandas as pd

    if isinstance(value, pd.Timestamp | pd.Timedelta) and getattr(value, "tzinfo", None) is None:
        return f"_pandas.{type(value).__name__}({str(value)!r})"
    if type(value) is pd.RangeIndex:
        name = writer.text(value.name)
        return f"_pandas.RangeIndex({value.start}, {value.stop}, {value.step}, name={name})"
    if not isinstance(value, pd.Index | pd.Series | pd.DataFrame) or value.size > _MOST_PARTS:
        raise _NotPlainError
    if isinstance(value, pd.DataFrame):
        columns = ", ".join(writer.text(value.iloc[:, at]) for at in range(value.shape[1]))
        frame = f"_pandas.concat([{columns}], axis=1)"
        return f"{frame}.set_axis({writer.text(value.columns)}, axis=1)"
    if type(value) not in {pd.Index, pd.Series}:
        raise _NotPlainError
    parts = f"{writer.text(value.tolist())}, dtype={str(value.dtype)!r}, name={writer.text(value.name)}"
    if isinstance(value, pd.Series):
        return f"_pandas.Series({parts}, index={writer.text(value.index)})"
    return f"_pandas.Index({parts})"


_OF_LIBRARIES: dict[str, Callable[[_Writer, Any], str]] = {"numpy": _numpy, "pandas": _pandas}
