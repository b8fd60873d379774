"""Linear models, as coefficients and a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _logistic(model: Any, writer: Writer) -> dict[str, Any]:
    return _classifier(model, writer, "sigmoid" if len(model.classes_) <= 2 else "softmax")


def _scores_only(model: Any, writer: Writer) -> dict[str, Any]:
    return _classifier(model, writer, None)


def _sgd(model: Any, writer: Writer) -> dict[str, Any]:
    links = {"log_loss": "sigmoid", "modified_huber": "modified_huber"}
    return _classifier(model, writer, links.get(model.loss))


def _classifier(model: Any, writer: Writer, link: str | None) -> dict[str, Any]:
    coefficients = np.atleast_2d(model.coef_)
    return {
        "kind": "linear_classifier",
        "classes": labels_node(model.classes_, model),
        **_scores(coefficients, model.intercept_, writer),
        "binary": len(coefficients) == 1,
        "link": link,
    }


def _regressor(model: Any, writer: Writer) -> dict[str, Any]:
    return _numbers(model, writer, None)


def _generalized(model: Any, writer: Writer) -> dict[str, Any]:
    links = {"IdentityLink": None, "LogLink": "log"}
    link = type(model._base_loss.link).__name__
    if link not in links:
        raise CannotCompile(f"{type(model).__qualname__} has a link that is neither identity nor log")
    return _numbers(model, writer, links[link])


def _numbers(model: Any, writer: Writer, link: str | None) -> dict[str, Any]:
    is_one = np.ndim(model.coef_) == 1
    scores = _scores(np.atleast_2d(model.coef_), model.intercept_, writer)
    return {"kind": "linear_regressor", **scores, "one": is_one, "link": link}


def _scores(coefficients: Any, intercept: Any, writer: Writer) -> dict[str, Any]:
    return {
        "coefficients": writer.floats(coefficients),
        "intercept": writer.floats(np.broadcast_to(intercept, (len(coefficients),))),
    }


_LINEAR = "sklearn.linear_model."

_PLAIN = (
    "_base.LinearRegression", "_bayes.ARDRegression", "_bayes.BayesianRidge",
    "_coordinate_descent.ElasticNet", "_coordinate_descent.ElasticNetCV",
    "_coordinate_descent.Lasso", "_coordinate_descent.LassoCV",
    "_coordinate_descent.MultiTaskElasticNet", "_coordinate_descent.MultiTaskLasso",
    "_huber.HuberRegressor", "_least_angle.Lars", "_least_angle.LassoLars",
    "_omp.OrthogonalMatchingPursuit", "_passive_aggressive.PassiveAggressiveRegressor",
    "_quantile.QuantileRegressor", "_ridge.Ridge", "_ridge.RidgeCV",
    "_stochastic_gradient.SGDRegressor", "_theil_sen.TheilSenRegressor",
)  # fmt: skip

_SCORES = (
    "_passive_aggressive.PassiveAggressiveClassifier", "_perceptron.Perceptron",
    "_ridge.RidgeClassifier", "_ridge.RidgeClassifierCV",
)  # fmt: skip

_GENERALIZED = ("PoissonRegressor", "GammaRegressor", "TweedieRegressor")

COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    f"{_LINEAR}_logistic.LogisticRegression": _logistic,
    f"{_LINEAR}_logistic.LogisticRegressionCV": _logistic,
    f"{_LINEAR}_stochastic_gradient.SGDClassifier": _sgd,
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis": _logistic,
    "sklearn.svm._classes.LinearSVC": _scores_only,
    "sklearn.svm._classes.LinearSVR": _regressor,
    **{f"{_LINEAR}{name}": _scores_only for name in _SCORES},
    **{f"{_LINEAR}{name}": _regressor for name in _PLAIN},
    **{f"{_LINEAR}_glm.glm.{name}": _generalized for name in _GENERALIZED},
}
