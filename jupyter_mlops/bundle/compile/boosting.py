"""Gradient boosting of both kinds, as flat arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.forest import Tree, write_forest
from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.parts import compile_part
from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.compile.trees import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.forest import Array
    from jupyter_mlops.bundle.compile.writer import Writer

_LINKS = {
    "IdentityLink": "identity",
    "LogLink": "log",
    "LogitLink": "logit",
    "HalfLogitLink": "half_logit",
    "MultinomialLogit": "multinomial_logit",
}


def _boosted(
    model: Any, forest: dict[str, Any], start: Array, writer: Writer, *, is_histogram: bool
) -> dict[str, Any]:
    classes = getattr(model, "classes_", None)
    return {
        "kind": "boosted_trees",
        "forest": forest,
        "start": writer.floats(np.ravel(start)),
        "link": _LINKS[type(model._loss.link).__name__],
        "float32": not is_histogram,
        "labels_by": "sum above 0" if is_histogram else "sum from 0",
        "classes": None if classes is None else labels_node(classes, model),
    }


def _gradient(model: Any, writer: Writer) -> dict[str, Any]:
    if not isinstance(model.init_, str):
        name = type(model.init_).__name__
        if name not in {"DummyClassifier", "DummyRegressor"} or model.init_.strategy == "stratified":
            raise CannotCompile(f"{type(model).__qualname__} starts from another model (init is a {name})")
    trees = [
        tree_of(each.tree_, model.learning_rate * each.tree_.value[:, 0, :])
        for stage in model.estimators_
        for each in stage
    ]
    # The same for every row: what the trees start from.
    start = model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))
    forest = write_forest(trees, writer, features=model.n_features_in_, outputs=start.shape[1])
    return _boosted(model, forest, start, writer, is_histogram=False)


def _histogram(model: Any, writer: Writer) -> dict[str, Any]:
    known, set_of_feature = model._bin_mapper.make_known_categories_bitsets()
    trees = [
        _histogram_tree(predictor, known, set_of_feature)
        for iteration in model._predictors
        for predictor in iteration
    ]
    start = model._baseline_prediction
    forest = write_forest(trees, writer, features=model.n_features_in_, outputs=start.size)
    node = _boosted(model, forest, start, writer, is_histogram=True)
    return node if model._preprocessor is None else _after_categories(model, node, writer)


def _histogram_tree(predictor: Any, known: Array, set_of_feature: Array) -> Tree:
    nodes = predictor.nodes
    is_leaf, is_set = nodes["is_leaf"] > 0, (nodes["is_categorical"] > 0) & (nodes["is_leaf"] == 0)
    # A category that training did not see goes where missing values go. Then one set says all of a node.
    goes_left = predictor.raw_left_cat_bitsets[nodes["bitset_idx"][is_set]]
    seen = known[set_of_feature[nodes["feature_idx"][is_set]]]
    missing_left = nodes["missing_go_to_left"][is_set, None] > 0
    sets = np.where(missing_left, goes_left | ~seen, goes_left).astype("<u4")
    return Tree(
        left=np.where(is_leaf, -1, nodes["left"].astype(np.int64)),
        right=nodes["right"].astype(np.int64),
        feature=np.maximum(nodes["feature_idx"], 0),
        threshold=nodes["num_threshold"],
        nan_left=nodes["missing_go_to_left"] > 0,
        values=nodes["value"].reshape(-1, 1),
        set_of=np.where(is_set, np.cumsum(is_set) - 1, -1),
        sets=sets.reshape(-1, 8).view(np.uint8),
    )


def _after_categories(model: Any, node: dict[str, Any], writer: Writer) -> dict[str, Any]:
    """The model's own preparation: categories become numbers and stand first, the other columns follow."""
    categorical = [int(index) for index in np.flatnonzero(model.is_categorical_)]
    others = [int(index) for index in np.flatnonzero(~model.is_categorical_)]
    with writer.named([writer.name(index) for index in categorical]):
        encoder = compile_part(model._preprocessor.named_transformers_["encoder"], writer)
    ways = [{"columns": categorical, "part": encoder, "weight": None}]
    if others:
        ways.append({"columns": others, "part": {"kind": "same"}, "weight": None})
    return {"kind": "pipeline", "steps": [{"kind": "split", "ways": ways}], "last": node}


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.ensemble._gb.GradientBoostingClassifier": _gradient,
    "sklearn.ensemble._gb.GradientBoostingRegressor": _gradient,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier": _histogram,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor": _histogram,
}
