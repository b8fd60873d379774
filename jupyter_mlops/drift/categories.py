"""Categories: count once on both sides, then work on the counts.

Up to 100 well-filled values are compared one by one. Beyond that the counts of single values say more
about their number than about drift, so values are hashed into 256 buckets, and new values are judged
against the share of new values that the reference itself lets expect (Good–Turing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.distances import jensen_shannon, psi, total_variation, total_variation_null
from jupyter_mlops.drift.findings import Evidence, Values
from jupyter_mlops.drift.histogram import bars_of, moved_bars
from jupyter_mlops.drift.significance import SMALL, Counts, chi_square, unseen_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

# So few values are named one by one even in a small sample; so many at most in any.
ALWAYS_NAMED, MOST_NAMED = 20, 100
BUCKETS = 256


def compare_text(reference: pd.Series, current: pd.Series) -> Values:
    """Text, by value."""
    import pandas as pd

    codes, values = pd.factorize(pd.concat([reference, current], ignore_index=True))
    return compare_codes(codes[: len(reference)], codes[len(reference) :], [str(value) for value in values])


def compare_booleans(reference: pd.Series, current: pd.Series) -> Values:
    """True and False."""
    ref, cur = (side.to_numpy(dtype=bool).astype(np.int64) for side in (reference, current))
    values = compare_codes(ref, cur, ["False", "True"])
    return Values(values.evidence[:1], values.psi, values.js, kind="boolean", histogram=values.histogram)


def compare_codes(reference: Counts, current: Counts, names: Sequence[str]) -> Values:
    """Values given as indices into `names`, all of which occur; at least one side has values."""
    a = np.bincount(reference, minlength=len(names))
    b = np.bincount(current, minlength=len(names))
    n, m = len(reference), len(current)
    many = len(names) > ALWAYS_NAMED and (len(names) > MOST_NAMED or len(names) * SMALL > min(n, m))
    kind = "high-cardinality" if many else "category"
    if many:
        picture = moved_bars(names, a, b, _good_turing(a))
    else:
        order = np.argsort(-(a + b), kind="stable")
        picture = bars_of([names[at] for at in order], a[order], b[order])
    if n == 0 or m == 0:
        return Values(histogram=picture, kind=kind)
    cells = _bucketed(names, a, b) if many else (a, b)
    unseen = int(b[a == 0].sum())
    return Values(
        (_distribution(*cells, net=many), _unseen(a, unseen, m)),
        psi=psi(*cells),
        js=jensen_shannon(*cells),
        unseen=unseen / m,
        histogram=picture,
        kind=kind,
    )


def _distribution(a: Counts, b: Counts, *, net: bool) -> Evidence:
    effect, null = total_variation(a, b), total_variation_null(a, b)
    statistic, p = chi_square(a, b)
    n, m = int(a.sum()), int(b.sum())
    if net:
        return Evidence("distribution", max(0.0, effect - null), "bucket TV - null", 0.0, statistic, p, n, m)
    return Evidence("distribution", effect, "TV", null, statistic, p, n, m)


def _unseen(reference: Counts, unseen: int, m: int) -> Evidence:
    """Unseen share of the current rows beyond the one to expect."""
    n = int(reference.sum())
    excess = max(0.0, unseen / m - _good_turing(reference))
    p = unseen_p(reference, unseen, m)
    return Evidence("unseen", excess, "unseen - Good–Turing", 0.0, unseen / m, p, n, m)


def _good_turing(reference: Counts) -> float:
    """The share of unseen values to expect in new data: N1/n, N1 the values that occur once (Good 1953)."""
    return int((reference == 1).sum()) / max(1, int(reference.sum()))


def _bucketed(names: Sequence[str], a: Counts, b: Counts) -> tuple[Counts, Counts]:
    """Counts per hash bucket: 256, or fewer so that each is expected to hold five rows.

    xxh3 because its values are the same on every platform and in every version, unlike those of the data
    frame libraries, and its low bits are good enough for a chi-square.
    """
    from xxhash import xxh3_64_intdigest

    rows = min(int(a.sum()), int(b.sum()))
    buckets = BUCKETS
    while buckets > 2 and rows < SMALL * buckets:
        buckets //= 2
    # One hash a distinct value, not one a row.
    digests = np.fromiter((xxh3_64_intdigest(name) for name in names), dtype=np.uint64, count=len(names))
    place = (digests & np.uint64(buckets - 1)).astype(np.int64)
    ref = np.bincount(place, weights=a, minlength=buckets).astype(np.int64)
    cur = np.bincount(place, weights=b, minlength=buckets).astype(np.int64)
    return ref, cur
