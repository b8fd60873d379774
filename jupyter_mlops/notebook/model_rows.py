"""The rows a model was fitted on and measured on, looked up after its code ran again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Found = tuple[Any, Any, str]
"""Features, their true answers or None, and how the code calls the features."""


def find_rows(
    namespace: Mapping[str, Any],
    model: Any,
    fitted: Sequence[Sequence[str | None]],
    measured: Sequence[Sequence[str | None]],
) -> dict[str, Found]:
    """The frames behind the first expressions that fit the model: ``training`` and ``holdout``.

    Args:
        namespace: the names after the code ran.
        model: the fitted estimator.
        fitted, measured: pairs of expressions as `lineage/model_data.py` finds them.
    """
    found: dict[str, Found] = {}
    training = _first(namespace, model, fitted, without=None)
    if training is not None:
        found["training"] = training
    seen = digest(training[0]) if training is not None else None
    holdout = _first(namespace, model, measured, without=seen)
    if holdout is not None and holdout[1] is not None:
        found["holdout"] = holdout
    return found


def _first(
    namespace: Mapping[str, Any], model: Any, pairs: Sequence[Sequence[str | None]], without: str | None
) -> Found | None:
    for features_text, answers_text in pairs:
        features, answers = _value(namespace, features_text), _value(namespace, answers_text)
        if not _fits(model, features) or (without is not None and digest(features) == without):
            continue
        aligned = _aligned(features, answers)
        if answers is None or aligned is not None:
            return features, aligned, str(features_text)
    return None


def _value(namespace: Mapping[str, Any], text: str | None) -> Any:
    if text is None:
        return None
    try:  # the user's own expression, which the user's own code evaluated a moment ago
        return eval(text, {**namespace})  # noqa: S307
    except Exception:  # noqa: BLE001 - a name of a function's inside, or of what the slice leaves out
        return None


def _fits(model: Any, features: Any) -> bool:
    import pandas as pd

    if not isinstance(features, pd.DataFrame) or features.empty:
        return False
    names = getattr(model, "feature_names_in_", None)
    if names is not None:
        return set(names) <= set(features.columns)
    return getattr(model, "n_features_in_", features.shape[1]) == features.shape[1]


def _aligned(features: Any, answers: Any) -> Any:
    """The answers as a series with the features' rows; None if they are no such thing."""
    import numpy as np
    import pandas as pd

    if isinstance(answers, pd.DataFrame):
        answers = answers.iloc[:, 0] if answers.shape[1] == 1 else None
    if answers is None or len(np.shape(answers)) != 1 or len(answers) != len(features):
        return None
    if isinstance(answers, pd.Series):
        return answers.set_axis(features.index)
    return pd.Series(np.asarray(answers), index=features.index, name="target")
