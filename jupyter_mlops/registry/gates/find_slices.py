"""Look for groups with many errors: a shallow tree on the errors of half of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.bootstrap import SEED
from jupyter_mlops.registry.gates.columns import MANY, read_columns
from jupyter_mlops.registry.gates.figures import number
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.gates.answers import Floats
    from jupyter_mlops.registry.gates.columns import Column

Mask = npt.NDArray[np.bool_]
_DEPTH = 2
_MOST_ROWS = 20_000
_MOST_VALUES = 12
"""Categories of a column that can make a group: the most frequent ones."""


def find_slices(features: pd.DataFrame, errors: Floats, min_rows: int) -> tuple[list[tuple[str, Mask]], Mask]:
    """Groups that have more errors in one half of the rows, and which rows are the other half.

    Args:
        features: the rows (rows × columns).
        errors: how wrong the model is for each (rows).
        min_rows: of a group, in either half.

    Raises:
        Unable: too few rows for two halves, or no column that can make groups.
    """
    from sklearn.tree import DecisionTreeRegressor

    rows = len(features)
    if rows < 4 * min_rows:
        raise Unable(
            f"{rows:,} rows are too few to find groups of {min_rows} in one half and measure the other"
        )
    rng = np.random.default_rng(SEED)
    finding = np.zeros(rows, bool)
    finding[rng.permutation(rows)[: min(rows // 2, _MOST_ROWS)]] = True
    columns = read_columns(features)
    table, tests = _table(columns, finding)
    if not tests:
        raise Unable("no column can make groups")
    tree = DecisionTreeRegressor(
        max_depth=_DEPTH, min_samples_leaf=max(min_rows, int(finding.sum()) // 50), random_state=0
    )
    tree.fit(table[finding], errors[finding])
    leaves = tree.apply(table)
    overall = float(errors[finding].mean())
    found = [
        (_told(path, tests), leaves == leaf)
        for leaf, path in _paths(tree.tree_)
        if path and float(errors[finding & (leaves == leaf)].mean()) > overall
    ]
    return found, ~finding


def _table(
    columns: list[Column], finding: Mask
) -> tuple[npt.NDArray[np.float32], list[tuple[str, str | None]]]:
    """Numbers as they are (missing ones below all), and one column of zeros and ones for each category."""
    parts: list[npt.NDArray[np.float32]] = []
    tests: list[tuple[str, str | None]] = []
    for column in columns:
        name = short_name(column.name)
        if column.numbers is not None:
            known = np.isfinite(column.numbers)
            if known.any():
                low = float(column.numbers[known].min())
                below = low - 1 - abs(low)
                parts.append(np.where(known, column.numbers, below).astype(np.float32))
                tests.append((name, None))
            if not known.all():
                parts.append((~known).astype(np.float32))
                tests.append((name, "missing"))
            continue
        if column.codes is None or len(column.labels) > MANY:
            continue
        counts = np.bincount(column.codes[finding] + 1, minlength=len(column.labels) + 1)
        for place in np.argsort(-counts, kind="stable")[:_MOST_VALUES]:
            if counts[place]:
                label = "missing" if place == 0 else short_name(column.labels[place - 1])
                parts.append((column.codes == place - 1).astype(np.float32))
                tests.append((name, label))
    return (np.stack(parts, axis=1) if parts else np.zeros((len(finding), 0), np.float32)), tests


def _paths(tree: Any) -> list[tuple[int, list[tuple[int, float, bool]]]]:
    """Of each leaf, the steps to it: column, limit, and if it is the upper side."""
    found, waiting = [], [(0, list[tuple[int, float, bool]]())]
    while waiting:
        node, path = waiting.pop()
        if tree.children_left[node] < 0:
            found.append((node, path))
            continue
        column, limit = int(tree.feature[node]), float(tree.threshold[node])
        waiting.append((int(tree.children_left[node]), [*path, (column, limit, False)]))
        waiting.append((int(tree.children_right[node]), [*path, (column, limit, True)]))
    return found


def _told(path: list[tuple[int, float, bool]], tests: list[tuple[str, str | None]]) -> str:
    """``age 30 to 45 and region = north``."""
    words: list[str] = []
    bounds: dict[str, list[float]] = {}
    for column, limit, above in path:
        name, label = tests[column]
        if label is not None:
            words.append(f"{name} {'=' if above else '≠'} {label}")
            continue
        low, high = bounds.setdefault(name, [-np.inf, np.inf])
        bounds[name] = [max(low, limit), high] if above else [low, min(high, limit)]
    return " and ".join([*(_range(name, *ends) for name, ends in bounds.items()), *words])


def _range(name: str, low: float, high: float) -> str:
    if low == -np.inf:
        return f"{name} ≤ {number(high)}"
    return f"{name} > {number(low)}" if high == np.inf else f"{name} {number(low)} to {number(high)}"
