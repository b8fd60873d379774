"""From scores to probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def expit(scores: Floats) -> Floats:
    """1 / (1 + exp(-score)), element by element."""
    with np.errstate(over="ignore"):
        probabilities: Floats = 1.0 / (1.0 + np.exp(-scores))
    return probabilities


def softmax(scores: Floats) -> Floats:
    """exp(score) by the row's sum of them. The largest is taken off first, so that nothing overflows."""
    raised = np.exp(scores - scores.max(axis=1).reshape(-1, 1))
    shares: Floats = raised / raised.sum(axis=1).reshape(-1, 1)
    return shares


def two_sided(positive: Floats) -> Floats:
    """(rows,) probabilities of the second class as (rows, 2)."""
    both = np.empty((len(positive), 2))  # np.stack takes three times as long for a row
    both[:, 1] = positive
    np.subtract(1.0, positive, out=both[:, 0])
    return both


def normalized(each: Floats) -> Floats:
    """Each class's own probability, made to sum to 1 by row; a row of zeros becomes uniform."""
    sums = each.sum(axis=1)
    empty = sums == 0
    if empty.any():
        each = each.copy()
        each[empty, :] = 1
        sums[empty] = each.shape[1]
    shares: Floats = each / sums.reshape(-1, 1)
    return shares
