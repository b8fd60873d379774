"""A frame of pandas or polars as a run table: one row per run, also as ``mlflow.search_runs`` gives it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.tracking.run_table import RunTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals as nw

_NAMES = ("run", "name", "tags.mlflow.runName")
_INFO = {"status": "status", "start_time": "started", "end_time": "ended", "experiment_id": "experiment"}
_LEFT_OUT = frozenset({"artifact_uri"})
_NOTE = {"tags.mlops.hypothesis": "hypothesis"}
_FIX = "Give a frame of pandas or polars with one row for each run, or the names of runs."


def table_of_frame(frame: Any) -> RunTable:
    """The runs of a frame: numbers are metrics, everything else parameters.

    Columns called ``metrics.…``, ``params.…`` and ``tags.…`` go where they say; runs are called by a column
    ``run``, ``name`` or ``tags.mlflow.runName``, else by the index of a pandas frame, else by their number.

    Raises:
        BadInputError: no frame, or one with two columns of one name.
    """
    data = _eager(frame)
    metrics: dict[str, Any] = {}
    params: dict[str, Sequence[str | None]] = {}
    info: dict[str, Sequence[str | None]] = {}
    named = next((name for name in _NAMES if name in data.columns), None)
    for name in data.columns:
        column, (group, _, rest) = data[name], name.partition(".")
        if name in _LEFT_OUT or name in {named, "run_id"} or name.startswith("tags.mlflow."):
            continue
        if name in _INFO or name in _NOTE:
            told = _texts(column)
            info[_INFO.get(name) or _NOTE[name]] = (
                [t and t.lower() for t in told] if name == "status" else told
            )
        elif group == "tags" and rest:
            info[rest] = _texts(column)
        elif group == "params" and rest:
            params[rest] = _texts(column)
        elif column.dtype.is_numeric():
            short = rest if group == "metrics" and rest else name
            metrics[short] = np.array(column.cast(_float()).to_list(), dtype=np.float64)
        else:
            params[name] = _texts(column)
    count = len(data)
    return RunTable(_run_names(frame, data, named), _run_ids(data, count), metrics, params, info)


def _eager(frame: Any) -> nw.DataFrame[Any]:
    import narwhals as nw

    kind = f"{type(frame).__module__.partition('.')[0]}.{type(frame).__name__}"
    if kind == "pandas.DataFrame":
        frame = frame.rename(columns=str)
        if not frame.columns.is_unique:
            raise BadInputError("A frame of runs has two columns of one name.", "Give each its own name.")
    try:
        return nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise BadInputError(f"Runs cannot be compared from a {kind}.", _FIX) from error


def _float() -> Any:
    import narwhals as nw

    return nw.Float64


def _texts(column: nw.Series[Any]) -> list[str | None]:
    return [_text(value) for value in column.to_list()]


def _text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in {"NaT", "<NA>"}:
        return None
    if hasattr(value, "strftime") and hasattr(value, "hour"):
        return str(value.strftime("%Y-%m-%d %H:%M:%S"))
    return str(value)


def _run_names(frame: Any, data: nw.DataFrame[Any], named: str | None) -> list[str]:
    if named is not None:
        return [text or "" for text in _texts(data[named])]
    index = getattr(frame, "index", None)
    if index is not None and type(index).__name__ != "RangeIndex":
        return [str(value) for value in index]
    return [f"run {at + 1}" for at in range(len(data))]


def _run_ids(data: nw.DataFrame[Any], count: int) -> list[str]:
    """The frame's own ids if they tell runs apart, else the numbers of rows."""
    own = _texts(data["run_id"]) if "run_id" in data.columns else []
    ids = [text for text in own if text]
    return ids if len(set(ids)) == count else [str(at) for at in range(count)]
