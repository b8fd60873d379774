"""Does the compiled form of a model answer as the model itself? Asked on real rows, and at their edges.

Labels must be identical; probabilities may differ by 1e-9, numbers by 1e-9 of their scale. What one refuses,
the other must refuse.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.edge_rows import edge_frames
from jupyter_mlops.bundle.runtime.batch import Batch, unit_of
from jupyter_mlops.bundle.runtime.problems import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from jupyter_mlops.bundle.runtime.compiled.engine import CompiledEngine
    from jupyter_mlops.bundle.runtime.schema import Column

TOLERANCE = 1e-9
MOST_ROWS = 50_000
_AT_ONCE = 5_000
_SINGLE = 100
"""So many rows of those that are asked about at once are asked about one by one, too."""


@dataclass
class Parity:
    """What a comparison found.

    Attributes:
        rows: real rows that both were asked about, and `of_rows` how many there were; evenly spaced.
        edge_rows: rows made from them.
        flips: rows with another label.
        difference: the largest one, of probabilities or, by their scale, of numbers.
        refused: rows that both refused; of many, 100 were tried.
        disputed: rows that only one refused.
        failed: the name of an error that ended the comparison.
    """

    rows: int = 0
    of_rows: int = 0
    edge_rows: int = 0
    flips: int = 0
    difference: float = 0.0
    refused: int = 0
    disputed: int = 0
    failed: str = ""
    scale: float = field(default=0.0, repr=False)
    """The largest number that the model answers real rows with."""

    @property
    def reason(self) -> str:
        """Why the compiled form is not the model; the empty string if it is."""
        if self.failed:
            return f"the compiled model could not be compared ({self.failed})"
        if self.flips:
            return f"{self.flips} of {self.rows + self.edge_rows} rows get another label when compiled"
        if self.disputed:
            return f"{self.disputed} rows are refused by only one of the model and its compiled form"
        if not self.difference <= TOLERANCE:
            return f"answers differ by up to {self.difference:.1e} when compiled"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """As ``bundle.json`` keeps it."""
        return {
            "rows": self.rows,
            "of_rows": self.of_rows,
            "edge_rows": self.edge_rows,
            "flips": self.flips,
            # JSON has no infinity.
            "max_difference": float(f"{self.difference:.2e}") if np.isfinite(self.difference) else None,
            "refused_by_both": self.refused,
            "refused_by_one": self.disputed,
        }


def compare(
    model: Any, engine: CompiledEngine, frames: Sequence[pd.DataFrame], columns: Sequence[Column]
) -> Parity:
    """Ask both about the same rows.

    Args:
        model: the fitted estimator.
        engine: its compiled form.
        frames: real rows with the dtypes of training; each has the schema's columns, and at least one row.
        columns: the schema.
    """
    parity = Parity(of_rows=sum(map(len, frames)))
    comparison = _Comparison(model, engine, columns, parity)
    # One thread, as in the server: sums of several are made in another order.
    with warnings.catch_warnings(), import_module("threadpoolctl").threadpool_limits(1):
        warnings.simplefilter("ignore")
        try:
            for frame in _chosen(frames):
                parity.rows += len(frame)
                for start in range(0, len(frame), _AT_ONCE):
                    comparison.add(frame.iloc[start : start + _AT_ONCE])
            for frame in edge_frames(frames[0], columns):
                parity.edge_rows += len(frame)
                comparison.add(frame)
        except Exception as error:  # noqa: BLE001 - a model and its parts raise what they like: it is not compiled
            parity.failed = type(error).__name__
    return parity


def _chosen(frames: Sequence[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """All rows, or evenly spaced ones if there are more than `MOST_ROWS`."""
    total = sum(map(len, frames))
    places = _spaced(np.arange(total), MOST_ROWS)
    start = 0
    for frame in frames:
        inside = places[(places >= start) & (places < start + len(frame))] - start
        start += len(frame)
        if len(inside):
            yield frame.iloc[inside]


def _spaced(places: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """All of them, or `most` evenly spaced ones."""
    chosen: np.ndarray[Any, Any] = places
    if len(places) > most:
        chosen = places[np.linspace(0, len(places) - 1, most).astype(np.int64)]
    return chosen


class _Comparison:
    """Asks both about frame after frame and keeps what differs."""

    def __init__(self, model: Any, engine: CompiledEngine, columns: Sequence[Column], parity: Parity) -> None:
        self._model, self._engine = model, engine
        self._columns, self._parity = columns, parity

    def add(self, frame: pd.DataFrame) -> None:
        """Compare all rows of a frame, and some of them alone: the engine has a way of its own for one."""
        batch = batch_of(frame, self._columns)
        expected, found = self._expected(frame), self._found(batch)
        if expected is not None and found is not None:
            for method in self._engine.methods:
                self._compare(method, expected[method], found[method])
            self._alone(batch, found)
        elif len(frame) == 1:
            self._parity.refused += expected is None and found is None
            self._parity.disputed += (expected is None) != (found is None)
        else:
            self._apart(frame, batch)

    def _alone(self, batch: Batch, found: dict[str, Any]) -> None:
        """Ask the engine about its first rows again, one by one."""
        singles = [self._found(_row(batch, row)) for row in range(min(batch.rows, _SINGLE))]
        taken = [each for each in singles if each is not None]
        self._parity.disputed += len(singles) - len(taken)
        if len(taken) == len(singles):
            for method in self._engine.methods:
                alone = np.array([each[method][0] for each in taken])
                self._compare(method, found[method][: len(alone)], alone)

    def _apart(self, frame: pd.DataFrame, batch: Batch) -> None:
        """One of them refuses a row: those that the engine refuses one by one, the others together."""
        refused = np.array([self._found(_row(batch, row)) is None for row in range(len(frame))])
        for row in _spaced(np.flatnonzero(refused), _SINGLE):
            self.add(frame.iloc[[row]])
        others = frame.iloc[~refused]
        if len(others) < len(frame):
            if len(others):
                self.add(others)
        else:  # the model refuses what the engine takes
            middle = len(frame) // 2
            self.add(frame.iloc[:middle])
            self.add(frame.iloc[middle:])

    def _expected(self, frame: pd.DataFrame) -> dict[str, Any] | None:
        try:
            return {
                method: np.asarray(getattr(self._model, method)(frame)) for method in self._engine.methods
            }
        except (ValueError, TypeError, OverflowError):
            return None

    def _found(self, batch: Batch) -> dict[str, Any] | None:
        try:
            prepared = self._engine.prepare(batch)
            return {method: self._engine.predict(prepared, method) for method in self._engine.methods}
        except (BadRequest, ValueError, TypeError, OverflowError):
            return None

    def _compare(self, method: str, expected: Any, found: Any) -> None:
        parity = self._parity
        if expected.shape != found.shape:
            raise ValueError("another number of answers")
        if method == "predict" and self._engine.classes is not None:
            parity.flips += sum(a != b for a, b in zip(expected.tolist(), found.tolist(), strict=True))
            return
        expected, found = expected.astype(np.float64), found.astype(np.float64)
        difference = np.abs(found - expected)
        difference[(np.isnan(expected) & np.isnan(found)) | (expected == found)] = 0.0
        if method == "predict":
            if not parity.edge_rows and expected.size:
                parity.scale = max(parity.scale, float(np.nanmax(np.abs(expected))))
            difference /= np.maximum(np.abs(expected), parity.scale or 1.0)
        if difference.size:
            largest = float(difference.max())
            parity.difference = largest if largest != largest else max(parity.difference, largest)  # noqa: PLR0124


def batch_of(frame: pd.DataFrame, columns: Sequence[Column]) -> Batch:
    """The frame's rows as a request would bring them."""
    return Batch(columns, [_values(frame[column.name], column) for column in columns], len(frame))


def _row(batch: Batch, row: int) -> Batch:
    return Batch(batch.columns, [values[row : row + 1] for values in batch.values], 1)


def _values(series: pd.Series[Any], column: Column) -> Any:
    missing = series.isna().to_numpy()
    if column.type == "datetime":
        if getattr(series.dtype, "tz", None) is not None:
            series = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return series.to_numpy().astype(f"datetime64[{unit_of(column)}]")
    if column.type in {"string", "boolean"}:
        values = series.astype(object).tolist()
        for row in np.flatnonzero(missing):
            values[row] = None
        return values
    if column.type == "integer" and not missing.any():
        return series.to_numpy().astype(np.int64)
    numbers = np.full(len(series), np.nan)
    numbers[~missing] = series[~missing].to_numpy().astype(np.float64)
    return numbers.astype(np.float32) if column.dtype == "float32" else numbers
