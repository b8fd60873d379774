"""How far live counts are from training's: the population stability index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Counts = np.ndarray[Any, Any]


def psi(reference: Counts, live: Counts) -> float | None:
    """PSI net of the level it has without drift: max(0, Σ (q-p) ln(q/p) - (K-1)(1/n + 1/m)).

    p and q are the shares of n reference and m live values in the K bins that are not empty on both sides. A
    bin that is empty on one side counts as half a row there: a floor near zero would let one empty bin
    decide. The level is Yurdakul's (2018). None while a side has no values.
    """
    n, m = int(reference.sum()), int(live.sum())
    if n == 0 or m == 0:
        return None
    used = (reference + live) > 0
    p, q = np.maximum(reference[used], 0.5) / n, np.maximum(live[used], 0.5) / m
    raw = float(((q - p) * np.log(q / p)).sum())
    return max(0.0, raw - (int(used.sum()) - 1) * (1 / n + 1 / m))
