"""XGBoost's scikit-learn models, from the JSON in which the library saves them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.forest import Tree, float64_thresholds, write_forest
from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer

_IDENTITY = ("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror")
_LINKS = {
    **dict.fromkeys(_IDENTITY, "identity"),
    **dict.fromkeys(("count:poisson", "reg:gamma", "reg:tweedie"), "exp"),
    "binary:logistic": "sigmoid",
    "multi:softprob": "softmax",
}
_ONE = np.float32(1)


def _xgboost(model: Any, writer: Writer) -> dict[str, Any]:
    name = type(model).__qualname__
    learner = json.loads(model.get_booster().save_raw("json"))["learner"]
    parameters, boosted = learner["learner_model_param"], learner["gradient_booster"]
    if boosted["name"] != "gbtree":
        raise CannotCompile(f"{name} has booster={boosted['name']!r}")
    link = _LINKS.get(learner["objective"]["name"])
    if link is None:
        raise CannotCompile(f"{name} has another objective than XGBoost's usual ones")
    if not math.isnan(model.missing):
        raise CannotCompile(f"{name} has another missing than NaN")
    outputs = max(int(parameters["num_class"]), 1)
    best = learner["attributes"].get("best_iteration")
    inside = boosted["model"]
    count = len(inside["trees"]) if best is None else inside["iteration_indptr"][int(best) + 1]
    if int(parameters["num_target"]) > 1 or inside["tree_info"] != [
        index % outputs for index in range(len(inside["trees"]))
    ]:
        raise CannotCompile(f"{name} has several outputs, or several trees in parallel for several classes")
    trees = [_tree(each, name) for each in inside["trees"][:count]]
    classes = getattr(model, "classes_", None)
    return {
        "kind": "float32_trees",
        # each tree adds to a column of its own, which are then added up in float32
        "forest": write_forest(trees, writer, features=int(parameters["num_feature"]), outputs=len(trees)),
        "start": writer.floats(_start(parameters["base_score"], link, outputs)),
        "link": link,
        "classes": None if classes is None else labels_node(classes, model),
    }


def _start(text: str, link: str, outputs: int) -> Any:
    """What the sums start from, as the library has it: in float32, before the link."""
    base = np.atleast_1d(np.array(json.loads(text.lower()), dtype=np.float32))
    if link == "sigmoid":
        base = -np.log((_ONE / base - _ONE).astype(np.float64)).astype(np.float32)
    elif link == "exp":
        base = np.log(base.astype(np.float64)).astype(np.float32)
    return np.broadcast_to(base, outputs)


def _tree(document: Mapping[str, Any], name: str) -> Tree:
    left = np.array(document["left_children"])
    if np.any(document["split_type"]):
        raise CannotCompile(f"{name} splits by categories")
    conditions = np.array(document["split_conditions"], dtype=np.float32)
    return Tree(
        left=left,
        right=np.array(document["right_children"]),
        feature=np.array(document["split_indices"]),
        # XGBoost rounds values to float32, and what is smaller goes left: at most the float32 below.
        threshold=float64_thresholds(np.nextafter(conditions, np.float32(-np.inf))),
        nan_left=np.array(document["default_left"]) > 0,
        values=conditions.astype(np.float64).reshape(-1, 1),
        set_of=np.full(len(left), -1),
        sets=np.empty((0, 32), dtype=np.uint8),
    )


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "xgboost.sklearn.XGBClassifier": _xgboost,
    "xgboost.sklearn.XGBRegressor": _xgboost,
}
