"""The bins that ordered values are counted in: deciles of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jupyter_mlops.drift.distances import Floats
    from jupyter_mlops.drift.profile.ordered import Ordered

BINS = 10


def decile_cuts(reference: Ordered) -> Floats:
    """The inner edges of the decile bins, interpolated linearly; none where there are no values.

    A bin holds its upper edge. Equal edges count once; a constant reference has a bin of its own.
    """
    if reference.n == 0:
        return np.empty(0)
    cuts = np.unique(reference.quantiles(np.arange(1, BINS) / BINS))
    return cuts if len(cuts) > 1 else np.r_[np.nextafter(cuts, -np.inf), cuts]
