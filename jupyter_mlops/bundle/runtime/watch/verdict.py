"""Whether live values have drifted from training's: how large a difference is, and how certain.

The rule is that of `jupyter_mlops.drift`: **drift** is an effect of 0.02 or more with a p-value below 0.05
that is adjusted over all tests (Benjamini–Hochberg), half the effect with such a p is to be **watched**, and
the rest is **ok**. It is told from counts alone, without SciPy: effects of numbers are read off at the
edges of their bins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .live import OrderedCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .live import Live

    Counts = np.ndarray[Any, Any]

LIMIT, ALPHA, FEW_ROWS = 0.02, 0.05, 100
_NO_CHANCE = 1400.0
"""A chi-square beyond which p is smaller than the smallest number."""


@dataclass(frozen=True)
class Test:
    """One difference between training's values and live ones."""

    feature: str
    aspect: str
    effect: float
    p: float
    rows: int


def verdicts(columns: Sequence[tuple[str, Live]], rows: int) -> dict[str, dict[str, Any]]:
    """By feature: verdict, reason, effect and adjusted p of the difference that decides.

    Distributions are those of recent values, as `recent_psi` is; missing ones count since the server started.

    Args:
        columns: names and counts of the features.
        rows: of the training data.
    """
    tests = [test for name, live in columns for test in _tests(name, live, rows)]
    adjusted = _adjusted([test.p for test in tests])
    found: dict[str, dict[str, Any]] = {}
    for test, p in zip(tests, adjusted, strict=True):
        few = test.rows < FEW_ROWS
        sure = p < ALPHA and not few
        verdict = (
            "ok" if not sure or test.effect < LIMIT / 2 else "drift" if test.effect >= LIMIT else "watch"
        )
        reason = "too few rows" if few else "" if verdict == "ok" else test.aspect
        told = {"verdict": verdict, "reason": reason, "effect": test.effect, "p_adjusted": p}
        if test.feature not in found or _weight(told) > _weight(found[test.feature]):
            found[test.feature] = told
    return found


def _weight(told: dict[str, Any]) -> tuple[int, float]:
    return ("ok", "watch", "drift").index(told["verdict"]), told["effect"]


def _tests(name: str, live: Live, rows: int) -> list[Test]:
    reference, recent = live.recent()
    n, m = int(reference.sum()), int(recent.sum())
    tests = []
    if n and m:
        p, q = reference / n, recent / m
        ordered = isinstance(live, OrderedCounts)
        effect = np.abs(np.cumsum(p - q)).max() if ordered else np.abs(p - q).sum() / 2
        tests.append(Test(name, "distribution", float(effect), _chi_square(reference, recent), m))
    missing, seen = live.reference.missing, live.missing + int(live.all_values())
    if rows and seen and (missing or live.missing):
        effect = abs(live.missing / seen - missing / rows)
        tests.append(Test(name, "missing", effect, _two_shares(missing, rows, live.missing, seen), seen))
    return tests


def _chi_square(a: Counts, b: Counts) -> float:
    """p of the two-sample chi-square; cells expected to hold fewer than 5 are one."""
    n, m = int(a.sum()), int(b.sum())
    total = a + b
    small = total * (min(n, m) / (n + m)) < 5
    a, b = (np.append(side[~small], side[small].sum()) for side in (a, b))
    full = (a + b) > 0
    a, b = a[full], b[full]
    if len(a) < 2:
        return 1.0
    shares = (a + b) / (n + m)
    statistic = float(((a / n - b / m) ** 2 / shares).sum() * (n * m / (n + m)))
    return _beyond(statistic, len(a) - 1)


def _beyond(statistic: float, df: int) -> float:
    """The chance of a larger chi-square with `df` degrees of freedom; a finite sum for whole ones."""
    if statistic > _NO_CHANCE:
        return 0.0
    if df % 2 == 0:
        terms, last = 1.0, 1.0
        for i in range(1, df // 2):
            last *= statistic / 2 / i
            terms += last
        return min(1.0, math.exp(-statistic / 2) * terms)
    terms, last = 0.0, math.sqrt(statistic)
    for i in range(1, (df + 1) // 2):
        last *= statistic / (2 * i - 1) if i > 1 else 1.0
        terms += last
    rest = math.sqrt(2 / math.pi) * math.exp(-statistic / 2) * terms
    return min(1.0, math.erfc(math.sqrt(statistic / 2)) + rest)


def _two_shares(a: int, n: int, b: int, m: int) -> float:
    share = (a + b) / (n + m)
    if share in (0.0, 1.0):
        return 1.0
    z = (b / m - a / n) / math.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return math.erfc(abs(z) / math.sqrt(2))


def _adjusted(p_values: Sequence[float]) -> list[float]:
    """Benjamini–Hochberg, in the order given."""
    count = len(p_values)
    order = np.argsort(p_values)[::-1]
    adjusted, least = [0.0] * count, 1.0
    for at, place in enumerate(order):
        least = min(least, p_values[place] * count / (count - at))
        adjusted[place] = least
    return adjusted
