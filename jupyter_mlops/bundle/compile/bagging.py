"""Bagging of any model, and AdaBoost over trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.forest import write_forest
from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.meta import asked_node
from jupyter_mlops.bundle.compile.parts import name_of
from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.compile.trees import COMPILERS as TREES
from jupyter_mlops.bundle.compile.trees import averaged, one_output, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _are_trees(model: Any) -> bool:
    return all(name_of(each) in TREES and hasattr(each, "tree_") for each in model.estimators_)


def _bagging(model: Any, writer: Writer) -> dict[str, Any]:
    classes = getattr(model, "classes_", None)
    count = 1 if classes is None else len(classes)
    for each in model.estimators_:
        one_output(each)
    if _are_trees(model):
        trees = []
        for each, columns in zip(model.estimators_, model.estimators_features_, strict=True):
            values = np.zeros((each.tree_.node_count, count))
            values[:, slice(None) if classes is None else each.classes_] = each.tree_.value[:, 0, :]
            trees.append(tree_of(each.tree_, values, columns))
        return averaged(trees, model, model.estimators_[0], writer)
    asked = []
    for each, columns in zip(model.estimators_, model.estimators_features_, strict=True):
        listed = [int(column) for column in columns]
        method = "predict_proba" if classes is not None and hasattr(each, "predict_proba") else "predict"
        places: Any = [0]
        if classes is not None:
            places = [int(place) for place in each.classes_] if method == "predict_proba" else "vote"
        with writer.named([writer.name(column) for column in listed]):
            asked.append({**asked_node(each, method, writer), "columns": listed, "places": places})
    return {
        "kind": "bag",
        "asked": asked,
        "classes": None if classes is None else labels_node(classes, model),
    }


def _only_trees(model: Any) -> None:
    if not _are_trees(model):
        raise CannotCompile(
            f"{type(model).__qualname__} is compiled over trees only, not over"
            f" {type(model.estimators_[0]).__qualname__}"
        )


def _ada_classifier(model: Any, writer: Writer) -> dict[str, Any]:
    _only_trees(model)
    count = len(model.classes_)
    if count < 2:
        raise CannotCompile("AdaBoostClassifier knows a single class")
    trees = []
    for each, weight in zip(model.estimators_, model.estimator_weights_, strict=False):
        # The label of each leaf, among the classes of the whole.
        place = np.searchsorted(model.classes_, each.classes_)[each.tree_.value[:, 0, :].argmax(axis=1)]
        votes = np.where(place[:, None] == np.arange(count), weight, -1 / (count - 1) * weight)
        trees.append(tree_of(each.tree_, votes))
    return {
        "kind": "voting_trees",
        "forest": write_forest(trees, writer, features=model.n_features_in_, outputs=count),
        "weight": float(model.estimator_weights_.sum()),
        "classes": labels_node(model.classes_, model),
    }


def _ada_regressor(model: Any, writer: Writer) -> dict[str, Any]:
    _only_trees(model)
    trees = [tree_of(each.tree_, each.tree_.value[:, 0, :]) for each in model.estimators_]
    return {
        "kind": "median_tree",
        "forest": write_forest(trees, writer, features=model.n_features_in_, outputs=len(trees)),
        "weights": writer.floats(model.estimator_weights_[: len(trees)]),
    }


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.ensemble._bagging.BaggingClassifier": _bagging,
    "sklearn.ensemble._bagging.BaggingRegressor": _bagging,
    "sklearn.ensemble._weight_boosting.AdaBoostClassifier": _ada_classifier,
    "sklearn.ensemble._weight_boosting.AdaBoostRegressor": _ada_regressor,
}
