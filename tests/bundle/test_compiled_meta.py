"""Promises of compiled models that hold others: the labels of scikit-learn, and its probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from compiled_part import compiled
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Iterator

    Array = np.ndarray[Any, Any]

METHODS = {"predict": "predict", "predict_proba": "predict_proba", "decision_function": "decision"}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Where other processes hold the cores, threads that wait for each other take many times as long."""
    with threadpool_limits(1):
        yield


def rows() -> tuple[Array, dict[str, Array]]:
    rng = np.random.default_rng(11)
    matrix = np.column_stack(
        [
            1.7e9 + rng.random(400) * 1e6,
            np.round(rng.random(400) * 100, 2),
            rng.integers(0, 30, 400) / 10,
            rng.normal(size=400),
        ]
    )
    value = matrix[:, 0] / 1e6 % 2 + matrix[:, 1] / 50 + matrix[:, 3] + rng.normal(size=400) / 2
    places = np.digitize(value, np.quantile(value, [0.3, 0.6]))
    return matrix, {
        "number": value,
        "two": np.array(["no", "yes"])[(value > np.median(value)).astype(int)],
        "three": np.array(["blue", "green", "red"])[places],
        "codes": places * 5 - 1,
        "numbers": np.column_stack([value, -value * value]),
    }


def linear() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


def forest() -> Any:
    return RandomForestClassifier(5, max_depth=4, random_state=0)


def boosted() -> Any:
    return HistGradientBoostingClassifier(max_iter=5)


THREE = [("linear", linear()), ("forest", forest()), ("boosted", boosted())]
NUMBERS = [
    ("forest", RandomForestRegressor(5, random_state=0)),
    ("boosted", HistGradientBoostingRegressor(max_iter=5)),
    ("gradient", GradientBoostingRegressor(n_estimators=5)),
]


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (CalibratedClassifierCV(forest(), cv=3), "two"),
        (CalibratedClassifierCV(boosted(), cv=3), "three"),
        (CalibratedClassifierCV(boosted(), method="isotonic", cv=3), "two"),
        (CalibratedClassifierCV(forest(), method="isotonic", cv=3, ensemble=False), "codes"),
        (CalibratedClassifierCV(linear(), cv=3, ensemble=False), "two"),
        (VotingClassifier(THREE), "three"),
        (VotingClassifier(THREE, weights=[2, 1, 1]), "two"),
        (VotingClassifier([*THREE, ("out", "drop")], weights=[0.1, 0.3, 0.2, 9]), "codes"),
        (VotingClassifier(THREE, voting="soft", weights=[1, 0.5, 3]), "three"),
        (VotingClassifier(THREE, voting="soft"), "two"),
        (VotingRegressor(NUMBERS, weights=[1, 2, 0.3]), "number"),
        (StackingClassifier(THREE, cv=3), "two"),
        (StackingClassifier(THREE, cv=3, stack_method="predict", passthrough=True), "three"),
        (StackingClassifier(THREE[1:], boosted(), cv=3, stack_method="predict_proba"), "codes"),
        (StackingRegressor(NUMBERS, RandomForestRegressor(5, random_state=0), cv=3), "number"),
        (OneVsRestClassifier(linear()), "three"),
        (OneVsRestClassifier(forest()), "codes"),
        (OneVsRestClassifier(boosted()), "two"),
        (OneVsOneClassifier(boosted()), "three"),
        (OneVsOneClassifier(forest()), "two"),
        (BaggingClassifier(n_estimators=5, max_features=0.6, random_state=0), "three"),
        (BaggingClassifier(linear(), n_estimators=4, max_features=0.6, bootstrap_features=True), "two"),
        (BaggingRegressor(GradientBoostingRegressor(n_estimators=3), n_estimators=3), "number"),
        (BaggingRegressor(n_estimators=5, random_state=0), "number"),
        (AdaBoostClassifier(n_estimators=15, random_state=0), "two"),
        (AdaBoostClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=7, random_state=0), "codes"),
        (AdaBoostRegressor(n_estimators=9, random_state=0), "number"),
        (AdaBoostRegressor(DecisionTreeRegressor(max_depth=1), n_estimators=9, loss="square"), "number"),
        (MultiOutputRegressor(HistGradientBoostingRegressor(max_iter=3)), "numbers"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else str(value),
)
def test_answers_are_scikit_learns(model: Any, target: str) -> None:
    matrix, answers = rows()
    model.fit(matrix[:300], answers[target][:300])
    ours = compiled(model)
    assert set(ours.methods) == {name for name in ("predict", "predict_proba") if hasattr(model, name)}
    for method, name in METHODS.items():
        if not hasattr(model, method):
            continue
        expected, given = getattr(model, method)(matrix), getattr(ours, name)(matrix)
        assert given.shape == expected.shape
        if expected.dtype.kind == "f":
            scale = max(1.0, float(np.abs(expected).max()))
            np.testing.assert_allclose(given, expected, rtol=0, atol=1e-12 * scale)
        else:
            np.testing.assert_array_equal(given, expected)
        one = getattr(ours, name)(matrix[7:8])
        np.testing.assert_allclose(one, given[7:8], rtol=0, atol=1e-12) if given.dtype.kind == "f" else None


def test_a_model_that_was_fitted_before_is_calibrated() -> None:
    matrix, answers = rows()
    fitted = forest().fit(matrix[:200], answers["two"][:200])
    model = CalibratedClassifierCV(FrozenEstimator(fitted)).fit(matrix[200:], answers["two"][200:])
    ours = compiled(model)
    np.testing.assert_allclose(ours.predict_proba(matrix), model.predict_proba(matrix), rtol=0, atol=1e-15)


def test_what_has_no_compiled_form_says_why() -> None:
    matrix, answers = rows()
    several = np.column_stack([answers["two"] == "yes", answers["codes"] > 0]).astype(int)
    for model, target, word in (
        (CalibratedClassifierCV(boosted(), method="temperature", cv=2), answers["two"], "temperature"),
        (AdaBoostClassifier(GaussianNB(), n_estimators=2), answers["two"], "over trees only"),
        (OneVsRestClassifier(forest()), several, "several labels"),
        (BaggingRegressor(n_estimators=2), answers["numbers"], "several outputs"),
        (VotingClassifier([("tree", _Own())]), answers["two"], "_Own"),
    ):
        with pytest.raises(CannotCompile, match=word):
            compiled(model.fit(matrix, target))


class _Own(DecisionTreeClassifier):
    """A subclass may do anything."""
