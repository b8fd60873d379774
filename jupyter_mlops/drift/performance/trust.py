"""Signs that an estimate cannot be relied on, told in words beside it.

On the electricity market a model meets prices unlike any before: it grows sure of itself, the estimate rises
above all that the reference has seen, and the accuracy falls. Both signs speak there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jupyter_mlops.drift.performance.limits import FEW_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.performance.result import ChunkRows, Metric

# Of the chunks with labels, the share in which the estimate is off by more than a sample errs.
OFTEN = 0.5


def doubts(chunks: Sequence[ChunkRows], metrics: Sequence[Metric]) -> list[str]:
    """A sentence for each sign, with the metrics that show it."""
    better = {each.name: _too_good(chunks, each) for each in metrics}
    far = {each.name: _far_off(chunks, each) for each in metrics}
    found = []
    if any(better.values()):
        names = ", ".join(name for name, count in better.items() if count)
        found.append(
            f"The estimate is better than the reference's range in {max(better.values())} of {len(chunks)} "
            f"chunks ({names}): scores or features are unlike the reference's, and it may be far too good."
        )
    if any(far.values()):
        names = ", ".join(name for name, is_far in far.items() if is_far)
        found.append(
            f"Where labels are there, the estimate is mostly off by more than a sample errs ({names}): "
            "do not rely on it."
        )
    return found


def _too_good(chunks: Sequence[ChunkRows], metric: Metric) -> int:
    count = 0
    for chunk, value in zip(chunks, metric.estimated, strict=True):
        if chunk.scored < FEW_ROWS:
            continue
        lower, upper = metric.usual.limits(chunk.scored)
        count += value > upper if metric.usual.higher_is_better else value < lower
    return count


def _far_off(chunks: Sequence[ChunkRows], metric: Metric) -> bool:
    if metric.realised is None:
        return False
    far = [
        abs(estimated - realised) > metric.usual.error(chunk.labelled)
        for chunk, estimated, realised in zip(chunks, metric.estimated, metric.realised, strict=True)
        if chunk.judged_by == "realised" and not math.isnan(estimated - realised)
    ]
    return bool(far) and sum(far) > OFTEN * len(far)
