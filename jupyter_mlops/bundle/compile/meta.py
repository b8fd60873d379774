"""Models that ask several others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.labels import labels_node
from jupyter_mlops.bundle.compile.parts import compile_part
from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer

METHODS = {"predict": "predict", "predict_proba": "predict_proba", "decision_function": "decision"}
"""What scikit-learn calls a method -> what a part calls it."""


def asked_node(estimator: Any, method: str, writer: Writer, *, leaves_out: int = 0) -> dict[str, Any]:
    """A model with the method by which another asks it, and how many first columns are left out."""
    return {"part": compile_part(estimator, writer), "by": METHODS[method], "from": leaves_out}


def score_method(estimator: Any) -> str:
    """By which scikit-learn asks for a score of two classes."""
    return next(name for name in ("decision_function", "predict_proba") if hasattr(estimator, name))


def _classes(model: Any) -> dict[str, Any] | None:
    classes = getattr(model, "classes_", None)
    return None if classes is None else labels_node(classes, model)


def _voting(model: Any, writer: Writer) -> dict[str, Any]:
    weights = model._weights_not_none
    return {
        "kind": "vote",
        "parts": [compile_part(each, writer) for each in model.estimators_],
        "weights": None if weights is None else [float(weight) for weight in weights],
        "hard": getattr(model, "voting", "soft") == "hard",
        "classes": _classes(model),
    }


def _stacking(model: Any, writer: Writer) -> dict[str, Any]:
    classes = getattr(model, "classes_", None)
    asked = []
    for each, method in zip(model.estimators_, model.stack_method_, strict=True):
        if method == "predict" and np.asarray(getattr(each, "classes_", 0)).dtype.kind not in "biuf":
            raise CannotCompile(f"{type(model).__qualname__} stacks labels that are no numbers")
        is_binary = method == "predict_proba" and classes is not None and len(classes) == 2
        asked.append(asked_node(each, method, writer, leaves_out=int(is_binary)))
    with writer.named(()):
        last = compile_part(model.final_estimator_, writer)
    passthrough = bool(model.passthrough)
    return {
        "kind": "stack", "asked": asked, "last": last, "passthrough": passthrough, "classes": _classes(model),
    }  # fmt: skip


def _multi_output(model: Any, writer: Writer) -> dict[str, Any]:
    return {"kind": "outputs", "parts": [compile_part(each, writer) for each in model.estimators_]}


def _frozen(model: Any, writer: Writer) -> dict[str, Any]:
    return compile_part(model.estimator, writer)


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.ensemble._voting.VotingClassifier": _voting,
    "sklearn.ensemble._voting.VotingRegressor": _voting,
    "sklearn.ensemble._stacking.StackingClassifier": _stacking,
    "sklearn.ensemble._stacking.StackingRegressor": _stacking,
    "sklearn.multioutput.MultiOutputRegressor": _multi_output,
    "sklearn.frozen._frozen.FrozenEstimator": _frozen,
}
