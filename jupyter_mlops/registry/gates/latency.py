"""How long predictions take here: one row, and a thousand at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.registry.gates.answers import columns_for
from jupyter_mlops.registry.gates.outcome import gate, milliseconds
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.evidence import Gate
    from jupyter_mlops.registry.gates.answers import Floats
    from jupyter_mlops.registry.gates.case import Case

_BATCH = 1000
_WARM = 3
_TIMES = {1: 50, _BATCH: 10}
_BUDGET = 0.6
"""Seconds for each number of rows: a slow model is measured fewer times, which is said."""
_FEWEST = 3


def latency(case: Case) -> list[Gate]:
    """Does the model answer fast enough?"""
    rule = case.rules.latency
    features = (case.evidence.holdout or case.evidence.training).features
    if not len(features):
        raise Unable("there are no rows to predict")
    sizes = sorted({1, _BATCH, rule.rows})
    features = columns_for(case.evidence.model, features)
    found = {size: _times(case.evidence.model, _rows(features, size)) for size in sizes}
    told = {
        str(size): {
            "median_ms": 1000 * float(np.median(times)), "p95_ms": 1000 * float(np.quantile(times, 0.95)),
            "times": len(times),
        }
        for size, times in found.items()
    }  # fmt: skip
    slowest = float(np.quantile(found[rule.rows], 0.95))
    figure = "; ".join(
        f"{'a row' if size == 1 else f'{size:,} rows'} in {milliseconds(float(np.median(times)))}"
        f" (p95 {milliseconds(float(np.quantile(times, 0.95)))})"
        for size, times in found.items()
    )
    details = {"rows": told, "limit_ms": rule.p95_ms, "limit_rows": rule.rows}
    if 1000 * slowest <= rule.p95_ms:
        return [gate("latency", "passed", figure, **details)]
    return [gate("latency", rule.bad("warn"), f"{figure}; more than {rule.p95_ms:g} ms", **details)]


def _rows(features: pd.DataFrame, size: int) -> list[pd.DataFrame]:
    """Ten pieces of so many rows: others each time, repeated where there are too few."""
    starts = np.linspace(0, len(features) - 1, 10).astype(int)
    return [features.iloc[(start + np.arange(size)) % len(features)] for start in starts]


def _times(model: Any, pieces: list[pd.DataFrame]) -> Floats:
    """Seconds of each call, after warming up."""
    times: list[float] = []
    size = len(pieces[0])
    began = time.perf_counter()
    for turn in range(_WARM + _TIMES.get(size, 20)):
        start = time.perf_counter()
        try:
            model.predict(pieces[turn % len(pieces)])
        except Exception as error:  # noqa: BLE001 - a model is anybody's code; its message may hold values
            raise Unable(f"predict() of the model fails on {size:,} rows ({type(error).__name__})") from None
        times.append(time.perf_counter() - start)
        if len(times) >= _WARM + _FEWEST and time.perf_counter() - began > _BUDGET:
            break
    return np.asarray(times[_WARM:])
