"""Linear models, as coefficients and a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.compile.labels import labels_node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer


def _logistic(model: Any, writer: Writer) -> dict[str, Any]:
    return linear_classifier(model, writer, "sigmoid" if len(model.classes_) <= 2 else "softmax")


def linear_classifier(model: Any, writer: Writer, link: str | None) -> dict[str, Any]:
    """The node of a classifier with ``coef_`` and ``intercept_``."""
    coefficients = model.coef_.reshape(-1, model.coef_.shape[-1])
    return {
        "kind": "linear_classifier",
        "classes": labels_node(model.classes_, model),
        "coefficients": writer.floats(coefficients),
        "intercept": writer.floats(model.intercept_),
        "binary": len(coefficients) == 1,
        "link": link,
    }


COMPILERS: Mapping[str, Callable[[Any, Writer], dict[str, Any]]] = {
    "sklearn.linear_model._logistic.LogisticRegression": _logistic,
}
