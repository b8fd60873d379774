"""Contributions of columns to single answers by sampling: for any model and any kind of column.

The columns of a background row are replaced one by one, in random order, by those of the row that is
explained; what each replacement changes is credited to its column. The mean over background rows and orders
estimates the Shapley values (Strumbelj & Kononenko 2014). Each order is walked a second time backwards, which
takes out much of the noise. All changes of a walk add up to the whole difference, so additivity is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from jupyter_mlops.registry.explain.output import Output

_MOST_WALKS, _LEAST_WALKS = 100, 8
_MOST_ANSWERS = 2_000_000
"""Of the model in all; with many rows or columns there are fewer walks."""


@dataclass(frozen=True)
class Contributions:
    """`values` (rows × columns × parts) and `base` (rows × parts or parts) add up to the output."""

    values: np.ndarray[Any, Any]
    base: np.ndarray[Any, Any]
    output: Output
    method: str
    error: float | None


def sampled(
    output: Output, rows: pd.DataFrame, background: pd.DataFrame, done: Callable[[float], None]
) -> Contributions:
    """Contributions of each column to the outputs of `rows`, against `background` (some of its rows).

    Args:
        output: what is explained.
        rows: the rows asked about.
        background: rows with the same columns and dtypes; at most 100 are used.
        done: told the share that is done.
    """
    columns = rows.shape[1]
    walks = _MOST_ANSWERS // max(1, len(rows) * 2 * (columns + 1))
    walks = int(np.clip(walks, _LEAST_WALKS, _MOST_WALKS))
    if len(background) < walks:
        walks -= walks % len(background)  # each row as often as the others
    random = np.random.default_rng(0)
    picked = random.permutation(len(background))[:walks]
    starts = background.iloc[np.resize(picked, walks)]
    # the place of each column in each walk, there and back
    there = np.argsort(random.random((walks, columns)), axis=1)
    places = np.concatenate([there, columns - 1 - there])
    base = output.of(starts).mean(axis=0)
    values, errors = [], []
    for at in range(len(rows)):
        changes = _walk(output, rows.iloc[[at]], starts, places)
        pairs = (changes[:walks] + changes[walks:]) / 2
        values.append(pairs.mean(axis=0))
        errors.append(pairs.std(axis=0, ddof=1).max() / np.sqrt(walks))
        done((at + 1) / len(rows))
    method = (
        f"Shapley values by sampling: {walks} random orders of the columns, each there and back, "
        f"against {len(set(picked))} background rows"
    )
    return Contributions(np.stack(values), base, output, method, float(max(errors)))


def _walk(
    output: Output, row: pd.DataFrame, starts: pd.DataFrame, places: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """What each column changed on each walk (walks × columns × parts)."""
    import pandas as pd

    walks, columns = places.shape
    pool = pd.concat([starts, row], ignore_index=True)
    begin = np.tile(np.arange(len(starts)), walks // len(starts))
    steps = np.arange(columns + 1)
    mixed = {}
    for at, name in enumerate(pool.columns):
        is_taken = places[:, [at]] < steps  # walks × steps
        source = np.where(is_taken, len(starts), begin[:, None])
        mixed[name] = pool.iloc[:, at].take(source.ravel()).reset_index(drop=True)
    answers = output.of(pd.DataFrame(mixed)).reshape(walks, columns + 1, -1)
    changes = np.diff(answers, axis=1)  # by step
    return np.take_along_axis(changes, places[:, :, None], axis=1)
