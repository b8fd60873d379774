"""Naive Bayes, networks of neurons, and the models that always say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _gaussian(model: Any, writer: Writer) -> dict[str, Any]:
    return {
        "kind": "bells",
        "classes": labels_node(model.classes_, model),
        "priors": writer.floats(model.class_prior_),
        "means": writer.floats(model.theta_),
        "variances": writer.floats(model.var_),
    }


def _neural_classifier(model: Any, writer: Writer) -> dict[str, Any]:
    if model._label_binarizer.y_type_.startswith("multilabel"):
        raise CannotCompile("MLPClassifier has several outputs")
    classes = labels_node(model.classes_, model)
    return {"kind": "neural_classifier", "classes": classes, **_layers(model, writer)}


def _neural_regressor(model: Any, writer: Writer) -> dict[str, Any]:
    return {"kind": "neural_regressor", **_layers(model, writer)}


def _layers(model: Any, writer: Writer) -> dict[str, Any]:
    layers = zip(model.coefs_, model.intercepts_, strict=True)
    return {
        "layers": [
            {"weights": writer.floats(weights), "bias": writer.floats(bias)} for weights, bias in layers
        ],
        "hidden": model.activation,
        "output": model.out_activation_,
    }


def _dummy_classifier(model: Any, writer: Writer) -> dict[str, Any]:
    strategy = model._strategy
    if strategy not in {"prior", "most_frequent", "constant"}:
        raise CannotCompile(f"DummyClassifier has strategy={strategy!r}, whose answers are drawn by chance")
    classes = labels_node(model.classes_, model)
    shares = np.asarray(model.class_prior_, dtype=np.float64)
    place = int(shares.argmax())
    if strategy == "constant":
        place = int(np.flatnonzero(model.classes_ == np.ravel(model.constant)[0])[0])
    if strategy != "prior":
        shares = np.eye(len(shares))[place]
    return {
        "kind": "constant_classifier",
        "classes": classes,
        "place": place,
        "shares": writer.floats(shares),
    }


def _dummy_regressor(model: Any, writer: Writer) -> dict[str, Any]:
    return {"kind": "constant_regressor", "values": writer.floats(np.ravel(model.constant_))}


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.naive_bayes.GaussianNB": _gaussian,
    "sklearn.neural_network._multilayer_perceptron.MLPClassifier": _neural_classifier,
    "sklearn.neural_network._multilayer_perceptron.MLPRegressor": _neural_regressor,
    "sklearn.dummy.DummyClassifier": _dummy_classifier,
    "sklearn.dummy.DummyRegressor": _dummy_regressor,
}
