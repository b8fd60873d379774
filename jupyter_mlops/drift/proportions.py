"""A change of the share of rows that have some property: missing, infinite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jupyter_mlops.drift.distances import HALF_NORMAL
from jupyter_mlops.drift.findings import Evidence
from jupyter_mlops.drift.significance import two_proportions

if TYPE_CHECKING:
    from jupyter_mlops.drift.thresholds import Aspect


def share_change(aspect: Aspect, a: int, n: int, b: int, m: int) -> tuple[Evidence, ...]:
    """The evidence from `a` of `n` rows of the reference and `b` of `m`; none when no row is such.

    Such a test could not reject whatever happened (its margin is fixed at 0), so it must not dilute the
    others' adjusted p-values (Tarone 1990).
    """
    if a + b == 0 or n == 0 or m == 0:
        return ()
    z, p = two_proportions(a, n, b, m)
    share = (a + b) / (n + m)
    null = HALF_NORMAL * math.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return (Evidence(aspect, abs(b / m - a / n), f"{aspect} change", null, z, p, n, m),)
