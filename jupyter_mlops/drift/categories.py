"""Categories: all statistics from two summaries.

Up to 100 well-filled values are compared one by one. Beyond that the counts of single values say more
about their number than about drift, so values are hashed into 256 buckets, and new values are judged
against the share of new values that the reference itself lets expect (Good–Turing).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.distances import jensen_shannon, psi, total_variation, total_variation_null
from jupyter_mlops.drift.findings import Evidence, Values
from jupyter_mlops.drift.histogram import bars_of, moved_bars
from jupyter_mlops.drift.profile.categories import MOST_NAMED
from jupyter_mlops.drift.profile.hashes import BUCKETS, folded
from jupyter_mlops.drift.significance import SMALL, chi_square, unseen_p

if TYPE_CHECKING:
    from jupyter_mlops.drift.histogram import Histogram
    from jupyter_mlops.drift.profile.categories import Categories
    from jupyter_mlops.drift.significance import Counts

# So few values are named one by one even in a small sample.
ALWAYS_NAMED = 20


def compare_categories(reference: Categories, current: Categories) -> Values:
    """At least one side has values."""
    names = list(dict.fromkeys([*reference.names, *current.names]))
    a, b = reference.counts_of(names), current.counts_of(names)
    all_named = reference.all_named and current.all_named
    fewer = min(reference.n, current.n)
    many = not all_named or len(names) > MOST_NAMED
    many = many or (len(names) > ALWAYS_NAMED and len(names) * SMALL > fewer)
    kind = "high-cardinality" if many else "category"
    unseen, rows = _unseen_share(reference, current, all_named=all_named)
    expected = reference.once / max(1, reference.n)  # Good 1953
    if many:
        picture = moved_bars(names, a, b, reference.n, current.n, expected=expected, new=unseen)
    else:
        picture = _bars(names, a, b)
    if reference.n == 0 or current.n == 0:
        return Values(histogram=picture, kind=kind)
    cells = _bucketed(reference, current) if many else (a, b)
    return Values(
        (
            _distribution(*cells, net=many),
            _unseen(reference, unseen, rows, current.n, expected),
        ),
        psi=psi(*cells),
        js=jensen_shannon(*cells),
        unseen=unseen,
        histogram=picture,
        kind=kind,
    )


def _bars(names: list[str], a: Counts, b: Counts) -> Histogram:
    order = np.argsort(-(a + b), kind="stable")
    return bars_of([names[at] for at in order], a[order], b[order])


def _unseen_share(reference: Categories, current: Categories, *, all_named: bool) -> tuple[float, float]:
    """The share of current rows with a value the reference has not, and the rows that tell it."""
    if not all_named:
        return current.hashed()[1].not_in(reference.hashed()[1])
    known = set(reference.names)
    unseen = sum(
        count for name, count in zip(current.names, current.counts.tolist(), strict=True) if name not in known
    )
    return unseen / max(1, current.n), float(current.n)


def _distribution(a: Counts, b: Counts, *, net: bool) -> Evidence:
    effect, null = total_variation(a, b), total_variation_null(a, b)
    statistic, p = chi_square(a, b)
    n, m = int(a.sum()), int(b.sum())
    if net:
        return Evidence("distribution", max(0.0, effect - null), "bucket TV - null", 0.0, statistic, p, n, m)
    return Evidence("distribution", effect, "TV", null, statistic, p, n, m)


def _unseen(reference: Categories, share: float, rows: float, m: int, expected: float) -> Evidence:
    """Unseen share of the current rows beyond the one to expect."""
    p = unseen_p(reference.n, reference.once, reference.twice, share, rows)
    # Told from some of the values only, the share has an error of its own, which is no effect.
    error = 2 * math.sqrt(share * (1 - share) / rows) if rows < m else 0.0
    excess = max(0.0, share - expected - error)
    return Evidence("unseen", excess, "unseen - Good–Turing", 0.0, share, p, reference.n, m)


def _bucketed(reference: Categories, current: Categories) -> tuple[Counts, Counts]:
    """Counts per hash bucket: 256, or fewer so that each is expected to hold five rows."""
    rows = min(reference.n, current.n)
    buckets = BUCKETS
    while buckets > 2 and rows < SMALL * buckets:
        buckets //= 2
    return folded(reference.hashed()[0], buckets), folded(current.hashed()[0], buckets)
