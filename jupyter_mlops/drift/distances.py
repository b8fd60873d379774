"""Distances between two sets of counts, and the level each has when nothing changed.

Compared with a fixed limit, a raw PSI or JS distance measures the number of rows: at 100 rows and 10 bins
PSI reaches 0.178 without any drift. So both are reported net of their null level.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from jupyter_mlops.drift.significance import Counts

Floats = npt.NDArray[np.float64]

# E|Z| of a standard normal, and the mean of the Kolmogorov distribution, sqrt(π/2) ln 2.
HALF_NORMAL = math.sqrt(2 / math.pi)
KOLMOGOROV_MEAN = math.sqrt(math.pi / 2) * math.log(2)


def total_variation(reference: Counts, current: Counts) -> float:
    """½ Σ |p - q|: the share of rows that would have to move to another category; 0 to 1."""
    return float(np.abs(_shares(reference) - _shares(current)).sum() / 2)


def total_variation_null(reference: Counts, current: Counts) -> float:
    """The total variation to expect of two samples of one source.

    ½ Σ sqrt(2/π · s(1-s)(1/n + 1/m)), s the pooled shares: the mean of a half-normal per cell.
    """
    s = _shares(reference + current)
    return float(HALF_NORMAL * np.sqrt(s * (1 - s) * _noise(reference, current)).sum() / 2)


def ks_null(n: int, m: int) -> float:
    """The KS distance to expect of two samples of one source: the Kolmogorov mean, 0.8687, over e."""
    return KOLMOGOROV_MEAN * math.sqrt(1 / n + 1 / m)


def psi(reference: Counts | Floats, current: Counts | Floats) -> float:
    """Population stability index net of its null level: max(0, Σ (q-p) ln(q/p) - (K-1)(1/n + 1/m)).

    A bin that is empty on one side counts as half a row there: a floor near zero would let one empty bin
    decide. Null level: Yurdakul 2018.
    """
    a, b = _used(reference, current)
    p, q = np.maximum(a, 0.5) / a.sum(), np.maximum(b, 0.5) / b.sum()
    raw = float(((q - p) * np.log(q / p)).sum())
    return max(0.0, raw - (len(a) - 1) * _noise(a, b))


def jensen_shannon(reference: Counts | Floats, current: Counts | Floats) -> float:
    """Jensen–Shannon distance, base 2, 0 to 1, net of its null level.

    sqrt(max(0, JSD - JSD₀)), JSD the divergence (Lin 1991) and JSD₀ = (K-1)(1/n + 1/m) / (8 ln 2) its mean
    under no drift. The level is subtracted from the divergence, where it adds, and not from its root.
    """
    a, b = _used(reference, current)
    p, q = _shares(a), _shares(b)
    middle = (p + q) / 2
    raw = float((_entropy(middle) - (_entropy(p) + _entropy(q)) / 2) / math.log(2))
    null = (len(a) - 1) * _noise(a, b) / (8 * math.log(2))
    return math.sqrt(max(0.0, raw - null))


def _shares(counts: Counts | Floats) -> Floats:
    return counts / max(1.0, float(counts.sum()))


def _noise(a: Counts | Floats, b: Counts | Floats) -> float:
    return 1 / float(a.sum()) + 1 / float(b.sum())


def _used(a: Counts | Floats, b: Counts | Floats) -> tuple[Counts | Floats, Counts | Floats]:
    full = (a + b) > 0
    return a[full], b[full]


def _entropy(shares: Floats) -> float:
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())
