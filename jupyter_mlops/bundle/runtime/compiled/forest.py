"""Trees as flat arrays, and the sum of the leaves that rows reach in them.

All trees stand in one array of nodes. A node has a threshold, a feature and the number of its left child; the
right one follows. Rows go left where the value is at most the threshold. A leaf's left child is itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import StartError
from .kernel import Kernel

if TYPE_CHECKING:
    from .kernel import Functions

NODE = np.dtype([("threshold", "<f8"), ("feature", "<u4"), ("left", "<u4")])
INDEX = np.uint32(0x3FFFFFFF)  # of `feature`: the column
CATEGORY = np.uint32(0x40000000)  # `threshold` is the number of a set; the categories in it go left
NAN_RIGHT = np.uint32(0x80000000)  # a missing value goes right, not left

_BLOCK = 256  # rows at a time, so that what NumPy makes in between stays small


class Forest:
    """Trees that are ready to be added up.

    Args:
        nodes: of the dtype NODE, all trees one after the other.
        leaf: for each node, the row of `values` it stands for.
        values: float64 of shape (different leaves, width).
        root: each tree's first node.
        depth: the steps to each tree's deepest leaf.
        sets: uint8 of shape (sets, 32): one bit for each category from 0 to 255, set if it goes left.
        features: columns of the matrices that come.
        outputs: columns of the sums. Trees with fewer values take turns: the first adds to the first output.
        functions: of `kernel.load_kernel`; with None it is done by NumPy.

    Raises:
        StartError: the arrays do not fit each other.
    """

    def __init__(
        self,
        nodes: np.ndarray[Any, Any],
        leaf: np.ndarray[Any, Any],
        values: np.ndarray[Any, Any],
        root: np.ndarray[Any, Any],
        depth: np.ndarray[Any, Any],
        sets: np.ndarray[Any, Any],
        *,
        features: int,
        outputs: int,
        functions: Functions | None = None,
    ) -> None:
        self.nodes, self.leaf, self.values, self.root, self.depth, self.sets = (
            nodes, leaf, values, root, depth, sets,
        )  # fmt: skip
        self.features, self.outputs = features, outputs
        self._check()
        numbers = (len(root), features, values.shape[1], outputs, len(sets) > 0)
        self._kernel = functions and Kernel(functions, (nodes, leaf, values, root, depth, sets), numbers)

    def add_to(self, out: np.ndarray[Any, Any], matrix: np.ndarray[Any, Any]) -> None:
        """Add each row's leaves to `out`, tree by tree: (rows, outputs) and (rows, features) of float64.

        Raises:
            ValueError: the matrix has another number of columns.
        """
        if matrix.shape[1:] != (self.features,) or out.shape != (len(matrix), self.outputs):
            raise ValueError(f"the trees take {self.features} columns")
        if self._kernel:
            self._kernel(np.ascontiguousarray(matrix, dtype=np.float64), out)
            return
        for start in range(0, len(matrix), _BLOCK):
            rows, sums = matrix[start : start + _BLOCK], out[start : start + _BLOCK]
            leaves = self.values[self.leaf[self._reached(rows)]].reshape(len(rows), -1, self.outputs)
            # one after the other, as a sum in pairs would round differently
            sums[:] = np.add.accumulate(np.concatenate([sums[:, None], leaves], axis=1), axis=1)[:, -1]

    def _reached(self, matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The node where each row ends in each tree: (rows, trees)."""
        row = np.arange(len(matrix))[:, None]
        at = np.tile(self.root.astype(np.intp), (len(matrix), 1))
        for _ in range(self.depth.max(initial=0)):
            node = self.nodes[at]
            value, missing_right = matrix[row, node["feature"] & INDEX], node["feature"] >= NAN_RIGHT
            right = (value > node["threshold"]) | (missing_right & np.isnan(value))
            if len(self.sets):
                is_set = (node["feature"] & CATEGORY) > 0
                known = (value > -1) & (value < 256)  # -0.5 is category 0, as a cast to an integer makes it
                category = np.where(known, value, 0).astype(np.intp)
                set_of = np.where(is_set, node["threshold"], 0).astype(np.intp)
                goes_left = (self.sets[set_of, category >> 3] >> (category & 7)) & 1 > 0
                right = np.where(is_set, np.where(known, ~goes_left, missing_right), right)
            at = node["left"] + right.astype(np.intp)
        return at

    def _check(self) -> None:
        """The C function trusts the arrays: no number in them may lead outside."""
        nodes, categories = self.nodes, self.nodes[(self.nodes["feature"] & CATEGORY) > 0]
        is_leaf = nodes["left"] == np.arange(len(nodes))
        dtypes = [array.dtype for array in (self.leaf, self.root, self.depth, self.values, self.sets)]
        fits = (
            nodes.dtype == NODE
            and dtypes == [np.int32, np.int32, np.int32, np.float64, np.uint8]
            and not np.isnan(nodes["threshold"]).any()
            and (nodes[is_leaf]["threshold"] == np.inf).all()  # nothing leads on from a leaf
            and (nodes[is_leaf]["feature"] == 0).all()
            and ((nodes["feature"] & INDEX) < self.features).all()
            and (nodes["left"].astype(np.int64) + ~is_leaf < len(nodes)).all()
            and len(self.leaf) == len(nodes)
            and ((self.leaf >= 0) & (self.leaf < len(self.values))).all()
            and ((self.root >= 0) & (self.root < len(nodes))).all()
            and len(self.depth) == len(self.root)
            and ((categories["threshold"] >= 0) & (categories["threshold"] < len(self.sets))).all()
            and self.sets.shape[1:] == (32,)
            and len(self.root) * self.values.shape[1] % self.outputs == 0
        )
        if not fits:
            raise StartError("The trees in model.bin do not fit each other.", "Export the bundle again.")
