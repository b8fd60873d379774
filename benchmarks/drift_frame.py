"""The frame that drift is measured on: 50 columns of which 6 drift, 10 move negligibly, 34 stay.

35 of numbers (normal, log-normal, exponential, uniform, Poisson, Student's t), 10 of few categories and 5 of
many (2,000 to 500,000), each with 2 % missing. The tests use it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MATERIAL = frozenset({"num_00", "num_07", "num_14", "num_21", "low_03", "high_01"})
"""Moved by half and by a tenth of a standard deviation, scaled by 1.3, 8 points more missing, frequencies
moved by 0.15 in total variation, 10 % new values; not in this order."""
NEGLIGIBLE = frozenset({f"num_{i:02d}" for i in (1, 2, 3, 4, 8, 9, 10, 11)} | {"low_00", "low_05"})
"""Moved by a hundredth of a standard deviation, frequencies by 0.4 points: real, and of no consequence."""
MANY_VALUES = tuple(f"high_{i:02d}" for i in range(5))
COLUMNS = (*(f"num_{i:02d}" for i in range(35)), *(f"low_{i:02d}" for i in range(10)), *MANY_VALUES)
TEN = (
    "num_00", "num_01", "num_02", "num_05", "num_06", "num_07", "num_14", "low_00", "low_03", "low_09",
)  # fmt: skip
"""Ten columns for tools that do not get through fifty: 4 material, 3 negligible, 3 identical."""


def benchmark_frame(n: int, seed: int, *, current: bool) -> pd.DataFrame:
    """The order of the draws matters: the golden values hold for exactly this frame."""
    g = np.random.default_rng(seed)
    out: dict[str, Any] = {}
    kinds = [
        lambda: g.standard_normal(n),
        lambda: g.standard_normal(n),
        lambda: g.lognormal(0, 0.7, n),
        lambda: g.exponential(2, n),
        lambda: g.uniform(0, 10, n),
        lambda: g.poisson(4, n).astype(float),
        lambda: g.standard_t(4, n),
    ]
    nudge = [1, 1, 0.9, 2, 2.9, 2, 1.4]
    shift = {0: 0.5, 14: 0.1} | {i: 0.01 * nudge[i % 7] for i in (1, 2, 3, 4, 8, 9, 10, 11)}
    for i in range(35):
        x = kinds[i % 7]()
        if current:
            x = x * (1.3 if i == 7 else 1) + shift.get(i, 0)
        x[g.random(n) < (0.10 if current and i == 21 else 0.02)] = np.nan
        out[f"num_{i:02d}"] = x
    for i in range(10):
        size = 3 + 2 * i
        p = 1 / np.arange(1, size + 1)
        p /= p.sum()
        move = {3: 0.15, 0: 0.004, 5: 0.004}.get(i, 0) if current else 0
        p[0] -= move
        p[-1] += move
        v = g.choice(size, size=n, p=p)
        names = np.array([f"cat_{j}" for j in range(size)], dtype=object)
        out[f"low_{i:02d}"] = np.where(g.random(n) < 0.02, None, names[v])
    for i, size in enumerate([2_000, 20_000, 50_000, 100_000, 500_000]):
        v = g.integers(0, size, n) if i == 4 else np.floor(size * g.random(n) ** 2).astype(np.int64)
        if current and i == 1:
            hit = g.random(n) < 0.10
            v = np.where(hit, size + g.integers(0, 500, n), v)
        w = np.char.mod("k%08x", v).astype(object)
        w[g.random(n) < 0.02] = None
        out[f"high_{i:02d}"] = w
    return pd.DataFrame(out)


def write_pair(folder: Path, rows: int) -> tuple[Path, Path]:
    """Reference and current frame as Parquet files: what all sides read is the same."""
    reference, current = (folder / f"{side}-{rows}.parquet" for side in ("reference", "current"))
    benchmark_frame(rows, 1, current=False).to_parquet(reference)
    benchmark_frame(rows, 2, current=True).to_parquet(current)
    return reference, current


def judged(flagged: Iterable[str], among: Iterable[str] = COLUMNS) -> dict[str, list[str]]:
    """Which columns of a comparison were found, missed, and flagged without a cause worth it."""
    told, there = set(flagged), set(among)
    return {
        "found": sorted(told & MATERIAL),
        "missed": sorted((MATERIAL & there) - told),
        "negligible": sorted(told & NEGLIGIBLE),
        "identical": sorted(told - MATERIAL - NEGLIGIBLE),
    }
