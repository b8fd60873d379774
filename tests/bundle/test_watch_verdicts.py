"""Verdicts of a server on its own live counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency, false_discovery_control

from jupyter_mlops.bundle.runtime.watch.live import CategoryCounts, Live, OrderedCounts
from jupyter_mlops.bundle.runtime.watch.reference import Categories, Ordered
from jupyter_mlops.bundle.runtime.watch.verdict import _adjusted, _beyond, _chi_square, verdicts

G = np.random.default_rng(1)
ROWS = 20_000


def number(shift: float = 0.0, rows: int = 5_000, missing: float = 0.0) -> Live:
    training = np.sort(G.normal(size=ROWS))
    cuts = np.quantile(training, np.arange(1, 10) / 10)
    counts = np.bincount(np.searchsorted(cuts, training), minlength=10)
    live = OrderedCounts(Ordered(cuts, counts, float(training[0]), float(training[-1]), 0))
    values = G.normal(shift, 1, rows)
    values[G.random(rows) < missing] = np.nan
    live.add(values)
    return live


def text(p: float, rows: int = 5_000) -> Live:
    live = CategoryCounts(Categories(("a", "b"), np.array([10_000, 10_000]), 0, 0))
    live.add(G.choice(["a", "b"], rows, p=[p, 1 - p]).tolist())
    return live


def test_what_moved_is_found_with_its_reason_and_nothing_else() -> None:
    found = verdicts(
        [("still", number()), ("moved", number(0.3)), ("gone", number(missing=0.1)), ("word", text(0.6))],
        ROWS,
    )
    assert {name: (each["verdict"], each["reason"]) for name, each in found.items()} == {
        "still": ("ok", ""),
        "moved": ("drift", "distribution"),
        "gone": ("drift", "missing"),
        "word": ("drift", "distribution"),
    }
    assert found["word"]["effect"] == pytest.approx(0.1, abs=0.02)


def test_a_certain_difference_that_is_small_is_watched_and_a_few_rows_tell_nothing() -> None:
    assert verdicts([("x", text(0.515, 100_000))], ROWS)["x"]["verdict"] == "watch"
    few = verdicts([("x", number(3.0, rows=50))], ROWS)["x"]
    assert (few["verdict"], few["reason"]) == ("ok", "too few rows")
    assert verdicts([("x", number(rows=0))], ROWS) == {}


def test_a_server_without_drift_is_rarely_flagged() -> None:
    flagged = sum(
        any(
            each["verdict"] == "drift"
            for each in verdicts([(str(at), number(rows=1000)) for at in range(10)], ROWS).values()
        )
        for _ in range(40)
    )
    assert flagged <= 6  # 5 % of 40 are 2


@pytest.mark.parametrize("df", [1, 2, 3, 6, 9, 10, 101])
def test_p_values_are_those_of_scipy(df: int) -> None:
    for statistic in (0.01, 0.5, df * 0.9, df * 1.5, df * 3.0, 2000.0):
        assert _beyond(statistic, df) == pytest.approx(chi2.sf(statistic, df), rel=1e-9, abs=1e-300)


def test_the_test_and_its_adjustment_are_those_of_scipy() -> None:
    a, b = np.array([400, 300, 200, 100]), np.array([180, 170, 90, 60])
    assert _chi_square(a, b) == pytest.approx(chi2_contingency([a, b]).pvalue)
    p = [0.01, 0.3, 0.02, 0.9, 0.04]
    assert _adjusted(p) == pytest.approx(false_discovery_control(p).tolist())
