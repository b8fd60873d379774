"""Trees of scikit-learn as the flat arrays of `runtime/compiled/forest.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.runtime.compiled.forest import CATEGORY, NAN_RIGHT, NODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.bundle.compile.writer import Writer

Array = np.ndarray[Any, Any]
_LARGEST = np.finfo(np.float32).max
_TOO_LARGE = 2.0**128 - 2.0**103
"""The smallest number that float32 rounds to infinity."""


@dataclass(frozen=True)
class Tree:
    """One tree: arrays with an element per node.

    Attributes:
        left: the left child; negative at leaves.
        right: the right child.
        feature: the column that is compared.
        threshold: values up to this go left.
        nan_left: whether a missing value goes left.
        values: what a leaf adds, of shape (nodes, width).
        set_of: the number of the set of categories that go left; negative where numbers are compared.
        sets: these sets, uint8 of shape (sets, 32).
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    nan_left: Array
    values: Array
    set_of: Array
    sets: Array


def write_forest(trees: Sequence[Tree], writer: Writer, *, features: int, outputs: int) -> dict[str, Any]:
    """Write `trees` as one forest, in their order. Returns what `runtime/compiled/trees.py` reads it by."""
    nodes, values, depth = [], [], []
    root, first_set = [0], 0
    for tree in trees:
        levels = _levels(tree)
        order = np.concatenate(levels)
        nodes.append(_nodes(tree, order, root[-1], first_set))
        values.append(np.where(tree.left[order, None] < 0, tree.values[order], 0.0))
        depth.append(len(levels) - 1)
        root.append(root[-1] + len(order))
        first_set += len(tree.sets)
    rows, leaf = _distinct(np.concatenate(values))
    return {
        "nodes": writer.array(np.concatenate(nodes).view(np.uint8).reshape(-1, NODE.itemsize)),
        "leaf": writer.array(leaf),
        "values": writer.array(rows),
        "root": writer.array(np.array(root[:-1], dtype=np.int32)),
        "depth": writer.array(np.array(depth, dtype=np.int32)),
        "sets": writer.array(np.concatenate([tree.sets for tree in trees])),
        "features": features,
        "outputs": outputs,
    }


def _distinct(values: Array) -> tuple[Array, Array]:
    """The different rows of `values`, and for each row which of them it is.

    Pure leaves are many and alike. Rows are compared by their bits, as 0.0 and -0.0 are different addends.
    They keep the order in which they come: what is near in a tree is near in memory.
    """
    _, first, which = np.unique(values.view(np.int64), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order))
    return values[first[order]], place[which]


def _levels(tree: Tree) -> list[Array]:
    """The tree's nodes level by level; siblings stand side by side."""
    levels = [np.zeros(1, dtype=np.int64)]
    while True:
        inner = levels[-1][tree.left[levels[-1]] >= 0]
        if not len(inner):
            return levels
        levels.append(np.stack([tree.left[inner], tree.right[inner]], axis=1).ravel().astype(np.int64))


def _nodes(tree: Tree, order: Array, root: int, first_set: int) -> Array:
    place = np.empty(len(tree.left), dtype=np.int64)
    place[order] = np.arange(root, root + len(order))
    left, set_of, nan_left = tree.left[order], tree.set_of[order], tree.nan_left[order].astype(bool)
    is_leaf = left < 0
    nodes = np.empty(len(order), dtype=NODE)
    nodes["left"] = np.where(is_leaf, place[order], place[left])
    nodes["threshold"] = np.where(set_of >= 0, set_of + first_set, tree.threshold[order])
    nodes["feature"] = tree.feature[order].astype(np.int64)
    nodes["feature"] |= np.where(set_of >= 0, CATEGORY, 0).astype(np.uint32)
    nodes["feature"] |= np.where(nan_left, 0, NAN_RIGHT).astype(np.uint32)
    nodes["threshold"][is_leaf], nodes["feature"][is_leaf] = np.inf, 0
    return nodes


def float64_thresholds(thresholds: Array) -> Array:
    """Thresholds that divide float64 values as `thresholds` divide them after rounding to float32.

    scikit-learn's own trees compare ``float32(x) <= threshold``. What rounds to at most the largest float32
    below the threshold are the values up to the middle between that and the next float32; the middle itself
    rounds to the even one of the two. The middle is a float64, so nothing is lost.
    """
    thresholds = np.asarray(thresholds, dtype=np.float64)
    with np.errstate(over="ignore"):
        below = thresholds.astype(np.float32)
        below = np.where(below > thresholds, np.nextafter(below, np.float32(-np.inf)), below)
        above = np.nextafter(below, np.float32(np.inf))
    middle = (below.astype(np.float64) + above.astype(np.float64)) / 2
    # Infinity has no middle: float32 rounds to it from one number on, which is as far below as above 0.
    middle = np.select([below == -np.inf, below == _LARGEST], [-_TOO_LARGE, _TOO_LARGE], middle)
    is_even = below.view(np.int32) % 2 == 0
    exact = np.where(is_even, middle, np.nextafter(middle, -np.inf))
    return np.where(below == np.inf, np.inf, exact)
