"""Classifiers of several classes that hold models of two, and calibrated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.meta import asked_node, score_method
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _one_against(kind: str, model: Any, writer: Writer) -> dict[str, Any]:
    asked = []
    for each in model.estimators_:
        is_score = hasattr(each, "decision_function") or hasattr(each, "predict_proba")
        if not is_score:
            raise CannotCompile(
                f"{type(model).__qualname__} holds a {type(each).__qualname__} without scores"
            )
        method = score_method(each)
        asked.append(asked_node(each, method, writer, leaves_out=int(method == "predict_proba")))
    return {
        "kind": kind,
        "asked": asked,
        "threshold": 0.0 if hasattr(model.estimators_[0], "decision_function") else 0.5,
        "classes": labels_node(model.classes_, model),
    }


def _one_against_rest(model: Any, writer: Writer) -> dict[str, Any]:
    if model.multilabel_:
        raise CannotCompile("OneVsRestClassifier gives several labels to a row")
    return {
        **_one_against("one_against_rest", model, writer),
        "has_probabilities": hasattr(model, "predict_proba"),
    }


def _one_against_one(model: Any, writer: Writer) -> dict[str, Any]:
    if model.pairwise_indices_ is not None:
        raise CannotCompile("OneVsOneClassifier was fitted on distances between rows")
    return _one_against("one_against_one", model, writer)


def _calibrated(model: Any, writer: Writer) -> dict[str, Any]:
    if model.method not in {"sigmoid", "isotonic"}:
        # what it makes of a row can depend on the rows beside it
        raise CannotCompile(f"CalibratedClassifierCV has method={model.method!r}")
    fits = []
    for each in model.calibrated_classifiers_:
        estimator = each.estimator
        if not np.array_equal(estimator.classes_, model.classes_):
            raise CannotCompile("CalibratedClassifierCV holds a model that knows some of the classes only")
        method = score_method(estimator)
        is_binary = len(model.classes_) == 2 and method == "predict_proba"
        asked = asked_node(estimator, method, writer, leaves_out=int(is_binary))
        fits.append({**asked, "curves": [_curve(curve, writer) for curve in each.calibrators]})
    return {"kind": "calibrated", "fits": fits, "classes": labels_node(model.classes_, model)}


def _curve(calibrator: Any, writer: Writer) -> dict[str, Any]:
    if hasattr(calibrator, "a_"):
        return {"slope": float(calibrator.a_), "shift": float(calibrator.b_)}
    if calibrator.X_thresholds_.dtype != np.float64:
        raise CannotCompile("CalibratedClassifierCV was fitted on float32 scores")
    return {"x": writer.floats(calibrator.X_thresholds_), "y": writer.floats(calibrator.y_thresholds_)}


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.multiclass.OneVsRestClassifier": _one_against_rest,
    "sklearn.multiclass.OneVsOneClassifier": _one_against_one,
    "sklearn.calibration.CalibratedClassifierCV": _calibrated,
}
