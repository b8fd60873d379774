"""Decision trees and their means, as flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.forest import Tree, float64_thresholds, write_forest
from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_mlops.bundle.compile.forest import Array
    from jupyter_mlops.bundle.compile.writer import Writer


def tree_of(tree: Any, values: Array, features: Array | None = None) -> Tree:
    """A ``tree_`` of `sklearn.tree` with the `values` that its leaves add, of shape (nodes, width).

    Args:
        tree: the fitted structure.
        values: for each node.
        features: the columns of the whole matrix that the tree was given; None for all of them.
    """
    feature = np.maximum(tree.feature, 0)
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=feature if features is None else np.asarray(features)[feature],
        threshold=float64_thresholds(tree.threshold),
        nan_left=tree.missing_go_to_left,
        values=values,
        set_of=np.full(tree.node_count, -1),
        sets=np.empty((0, 32), dtype=np.uint8),
    )


def one_output(model: Any) -> None:
    """Raises CannotCompile for a model that predicts several things at once."""
    if getattr(model, "n_outputs_", 1) != 1:
        raise CannotCompile(f"{type(model).__qualname__} has several outputs")


def _tree(model: Any, writer: Writer) -> dict[str, Any]:
    return _mean([model], model, writer)


def _forest(model: Any, writer: Writer) -> dict[str, Any]:
    return _mean(model.estimators_, model, writer)


def _mean(estimators: Sequence[Any], model: Any, writer: Writer) -> dict[str, Any]:
    one_output(model)
    # Each node's shares of the classes, or its mean.
    trees = [tree_of(each.tree_, each.tree_.value[:, 0, :]) for each in estimators]
    return averaged(trees, model, estimators[0], writer)


def averaged(trees: Sequence[Tree], model: Any, estimator: Any, writer: Writer) -> dict[str, Any]:
    """The mean of `trees`, whose leaves have the classes of `model`; `estimator` is one of its trees."""
    classes = getattr(model, "classes_", None)
    outputs = 1 if classes is None else len(classes)
    nothing = np.empty((0, model.n_features_in_), dtype=np.float32)
    return {
        "kind": "averaged_trees",
        "forest": write_forest(trees, writer, features=model.n_features_in_, outputs=outputs),
        "takes_missing": bool(estimator._support_missing_values(nothing)),
        "classes": None if classes is None else labels_node(classes, model),
    }


def _isolation_forest(model: Any, writer: Writer) -> dict[str, Any]:
    # Not public: how deep each leaf lies, and how much deeper its rows would lie on average.
    parts = zip(
        model.estimators_,
        model.estimators_features_,
        model._decision_path_lengths,
        model._average_path_length_per_tree,
        strict=True,
    )
    trees = [
        tree_of(each.tree_, (lengths + more - 1.0).reshape(-1, 1), columns)
        for each, columns, lengths, more in parts
    ]
    from sklearn.ensemble._iforest import _average_path_length

    expected = len(trees) * float(_average_path_length([model._max_samples])[0])
    if expected == 0:
        raise CannotCompile("IsolationForest was fitted on a single row")
    return {
        "kind": "isolating_trees",
        "forest": write_forest(trees, writer, features=model.n_features_in_, outputs=1),
        "expected": expected,
        "offset": float(model.offset_),
    }


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.tree._classes.DecisionTreeClassifier": _tree,
    "sklearn.tree._classes.DecisionTreeRegressor": _tree,
    "sklearn.tree._classes.ExtraTreeClassifier": _tree,
    "sklearn.tree._classes.ExtraTreeRegressor": _tree,
    "sklearn.ensemble._forest.RandomForestClassifier": _forest,
    "sklearn.ensemble._forest.RandomForestRegressor": _forest,
    "sklearn.ensemble._forest.ExtraTreesClassifier": _forest,
    "sklearn.ensemble._forest.ExtraTreesRegressor": _forest,
    "sklearn.ensemble._iforest.IsolationForest": _isolation_forest,
}
