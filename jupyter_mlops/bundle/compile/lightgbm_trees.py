"""LightGBM's scikit-learn models, from what the library says of its trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.forest import Tree, write_forest
from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.forest import Array
    from jupyter_mlops.bundle.compile.writer import Writer

_NEXT_TO_ZERO = float(np.float32(1e-35))  # kZeroThreshold
_LINKS = {
    **dict.fromkeys(("regression", "regression_l1", "huber", "fair", "quantile", "mape"), "identity"),
    **dict.fromkeys(("poisson", "gamma", "tweedie"), "log"),
    "binary": "logit",
    "multiclass": "multinomial_logit",
    "multiclassova": "each_logit",
}


def _lightgbm(model: Any, writer: Writer) -> dict[str, Any]:
    name = type(model).__qualname__
    if model.booster_.pandas_categorical:
        raise CannotCompile(f"{name} was fitted on columns of pandas' category type")
    document = model.booster_.dump_model()
    objective, *options = str(document.get("objective", "")).split()
    if objective not in _LINKS or "sqrt" in options:
        raise CannotCompile(f"{name} has another objective than LightGBM's usual ones")
    if any(option.startswith("sigmoid:") and float(option[8:]) != 1 for option in options):
        raise CannotCompile(f"{name} has another sigmoid than 1")
    if document["average_output"]:
        raise CannotCompile(f"{name} has boosting_type='rf'")
    trees = [_tree(each["tree_structure"], name) for each in document["tree_info"]]
    outputs = int(document["num_tree_per_iteration"])
    features = int(document["max_feature_idx"]) + 1
    classes = getattr(model, "classes_", None)
    return {
        "kind": "boosted_trees",
        "forest": write_forest(trees, writer, features=features, outputs=outputs),
        "start": writer.floats(np.zeros(outputs)),
        "link": _LINKS[objective],
        "float32": False,
        "labels_by": "probability",
        "classes": None if classes is None else labels_node(classes, model),
    }


def _tree(top: Mapping[str, Any], name: str) -> Tree:
    nodes, waiting = [], [top]
    left, right = [], []
    while waiting:  # a parent before its children, whose numbers are known then
        node = waiting.pop(0)
        nodes.append(node)
        is_leaf = "leaf_value" in node
        if "leaf_coeff" in node:
            raise CannotCompile(f"{name} has linear trees")
        if node.get("missing_type") == "Zero":
            raise CannotCompile(f"{name} has zero_as_missing")
        left.append(-1 if is_leaf else len(nodes) + len(waiting))
        right.append(-1 if is_leaf else len(nodes) + len(waiting) + 1)
        waiting += [] if is_leaf else [node["left_child"], node["right_child"]]
    is_set = np.array([node.get("decision_type") == "==" for node in nodes])
    sets = [_set(node["threshold"], name) for node in nodes if node.get("decision_type") == "=="]
    numbers = [
        0.0 if among else float(node.get("threshold", 0)) for node, among in zip(nodes, is_set, strict=True)
    ]
    return Tree(
        left=np.array(left),
        right=np.array(right),
        feature=np.array([node.get("split_feature", 0) for node in nodes]),
        threshold=_as_compared(np.array(numbers)),
        nan_left=np.array([_nan_left(node) for node in nodes]),
        values=np.array([[node.get("leaf_value", 0.0)] for node in nodes], dtype=np.float64),
        set_of=np.where(is_set, np.cumsum(is_set) - 1, -1),
        sets=np.array(sets, dtype=np.uint8).reshape(-1, 32),
    )


def _as_compared(thresholds: Array) -> Array:
    """LightGBM takes what is next to 0 for 0 before it compares; infinity it writes as 1e300."""
    below = (thresholds >= -_NEXT_TO_ZERO) & (thresholds < 0)
    above = (thresholds >= 0) & (thresholds < _NEXT_TO_ZERO)
    return np.select(
        [below, above, thresholds >= 1e300],
        [np.nextafter(-_NEXT_TO_ZERO, -np.inf), _NEXT_TO_ZERO, np.inf],
        thresholds,
    )


def _nan_left(node: Mapping[str, Any]) -> bool:
    """Where a missing value goes: among categories right; where training saw none, it is 0."""
    if "leaf_value" in node or node["decision_type"] == "==":
        return False
    return bool(node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0)


def _set(text: str, name: str) -> Any:
    categories = np.array([int(each) for each in str(text).split("||")])
    if categories.max() > 255:
        raise CannotCompile(f"{name} has categories above 255")
    members = np.zeros(256, dtype=bool)
    members[categories] = True
    return np.packbits(members, bitorder="little")


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "lightgbm.sklearn.LGBMClassifier": _lightgbm,
    "lightgbm.sklearn.LGBMRegressor": _lightgbm,
}
