"""Promises of compiled trees: the very sums and labels of scikit-learn, without it, on numbers that hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from compiled_part import compiled
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)
from threadpoolctl import threadpool_limits

from jupyter_mlops.bundle.compile.problems import CannotCompile
from jupyter_mlops.bundle.runtime.problems import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    Array = np.ndarray[Any, Any]

METHODS = {"predict": "predict", "predict_proba": "predict_proba", "decision_function": "decision"}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Where other processes hold the cores, threads that wait for each other take many times as long."""
    with threadpool_limits(1):
        yield


def nasty(rows: int, *, missing: float = 0.0) -> Array:
    """Epoch seconds, ids, cents, a 0.1 grid, a bell curve, huge and tiny numbers."""
    rng = np.random.default_rng(7)
    matrix = np.column_stack(
        [
            1.7e9 + rng.random(rows) * 1e6,
            rng.integers(10**8, 10**9, rows),
            np.round(rng.random(rows) * 100, 2),
            rng.integers(0, 30, rows) / 10,
            rng.normal(size=rows),
            rng.choice([-0.0, 0.0, 1.0, -1.0, 1e30, -1e30, 5e-324], rows),
        ]
    )
    matrix[rng.random(matrix.shape) < missing] = np.nan
    return matrix


def answers(matrix: Array) -> dict[str, Array]:
    """What there is to learn from the rows."""
    full = np.nan_to_num(matrix, nan=-3.0)
    value = full[:, 0] / 1e6 % 3 + full[:, 2] / 50 + full[:, 4] + full[:, 3] * (full[:, 5] > 0)
    value += full[:, 1] % 1000 / 1000
    return {
        "number": value,
        "positive": value - value.min() + 0.5,
        "two": np.array(["no", "yes"])[(value > np.median(value)).astype(int)],
        "three": np.digitize(value, np.quantile(value, [0.3, 0.7])) * 10,
        "bool": value > np.quantile(value, 0.8),
    }


def thresholds_of(model: Any) -> list[tuple[int, float]]:
    """Column and threshold of the splits, as scikit-learn keeps them."""
    if hasattr(model, "_predictors"):
        nodes = [tree.nodes[tree.nodes["is_leaf"] == 0] for each in model._predictors for tree in each]
        pairs = [
            pair for each in nodes for pair in zip(each["feature_idx"], each["num_threshold"], strict=True)
        ]
    else:
        trees = [model] if hasattr(model, "tree_") else list(np.ravel(model.estimators_))
        columns = getattr(model, "estimators_features_", [np.arange(model.n_features_in_)] * len(trees))
        pairs = [
            (own[column], threshold)
            for each, own in zip(trees, columns, strict=False)
            for column, threshold in zip(each.tree_.feature, each.tree_.threshold, strict=True)
            if column >= 0
        ]
    return [(int(column), float(threshold)) for column, threshold in pairs if np.isfinite(threshold)]


def on_the_edge(model: Any, matrix: Array) -> Array:
    """Rows whose values lie on thresholds, and on the next floats of 64 and of 32 bits."""
    rng = np.random.default_rng(3)
    pairs = thresholds_of(model)
    rows = []
    for place in rng.permutation(len(pairs))[:60]:
        column, threshold = pairs[place]
        single = np.float32(threshold)
        values = [threshold, float(single)]
        for direction in (-np.inf, np.inf):
            values.append(float(np.nextafter(threshold, direction)))
            neighbour = float(np.nextafter(single, np.float32(direction)))
            middle = (neighbour + float(single)) / 2  # where rounding to float32 turns
            values += [neighbour, middle, *np.nextafter(middle, [-np.inf, np.inf])]
        for value in values:
            row = matrix[rng.integers(len(matrix))].copy()
            row[column] = value
            rows.append(row)
    return np.array(rows)


def check(model: Any, matrix: Array, *, tolerance: float = 0.0) -> None:
    """Same answers from scikit-learn, the library, and NumPy; each row alone as among the others."""
    in_c, in_numpy = compiled(model), compiled(model, None)
    for method, ours in METHODS.items():
        if not hasattr(model, method) or not hasattr(in_c, ours):
            continue
        expected, given = getattr(model, method)(matrix), getattr(in_c, ours)(matrix)
        assert expected.dtype.kind in {given.dtype.kind, "U"}
        assert given.shape == expected.shape
        if method == "predict_proba":  # exp() is NumPy's here and the C library's there
            np.testing.assert_allclose(given, expected, rtol=0, atol=max(tolerance, 1e-15))
        elif tolerance and expected.dtype.kind == "f":
            np.testing.assert_allclose(given, expected, rtol=tolerance, atol=0)
        else:
            np.testing.assert_array_equal(given, expected)
        np.testing.assert_array_equal(getattr(in_numpy, ours)(matrix), given)
        for row in range(0, len(matrix), max(1, len(matrix) // 10)):
            np.testing.assert_array_equal(getattr(in_c, ours)(matrix[row : row + 1]), given[row : row + 1])


@pytest.mark.parametrize(
    ("model", "target", "missing"),
    [
        (DecisionTreeClassifier(random_state=0), "two", 0.1),
        (DecisionTreeRegressor(random_state=0), "number", 0.1),
        (ExtraTreeClassifier(random_state=0), "three", 0.1),
        (ExtraTreeRegressor(random_state=0), "number", 0.0),
        (RandomForestClassifier(13, random_state=0), "three", 0.1),
        (RandomForestClassifier(20, max_depth=4, random_state=0), "bool", 0.0),
        (RandomForestRegressor(9, random_state=0), "number", 0.1),
        (ExtraTreesClassifier(9, random_state=0), "two", 0.1),
        (ExtraTreesRegressor(9, random_state=0), "number", 0.0),
        (GradientBoostingClassifier(n_estimators=30, random_state=0), "two", 0.0),
        (GradientBoostingClassifier(n_estimators=8, random_state=0), "three", 0.0),
        (GradientBoostingClassifier(n_estimators=9, loss="exponential", init="zero"), "bool", 0.0),
        (GradientBoostingClassifier(n_estimators=9, init=DummyClassifier(strategy="uniform")), "two", 0.0),
        (GradientBoostingRegressor(n_estimators=9, loss="huber"), "number", 0.0),
        (GradientBoostingRegressor(n_estimators=9, loss="quantile", init="zero"), "number", 0.0),
        (HistGradientBoostingClassifier(max_iter=37), "two", 0.1),
        (HistGradientBoostingClassifier(max_iter=9), "three", 0.1),
        (HistGradientBoostingRegressor(max_iter=9), "number", 0.0),
        (HistGradientBoostingRegressor(max_iter=9, loss="quantile", quantile=0.2), "number", 0.1),
        (HistGradientBoostingRegressor(max_iter=9, loss="absolute_error"), "number", 0.0),
        (HistGradientBoostingRegressor(max_iter=9, loss="gamma"), "positive", 0.1),
        (HistGradientBoostingRegressor(max_iter=9, loss="poisson"), "positive", 0.0),
        (IsolationForest(n_estimators=20, random_state=0), "number", 0.1),
        (IsolationForest(n_estimators=20, max_features=0.5, contamination=0.1), "number", 0.0),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else str(value),
)
def test_answers_are_scikit_learns_on_and_beside_the_thresholds(
    model: Any, target: str, missing: float
) -> None:
    matrix = nasty(700, missing=missing)
    model.fit(matrix, answers(matrix)[target])
    # exp() as the C library has it and as NumPy has it may differ in the last bit
    tolerance = 1e-15 if target == "positive" else 0.0
    check(model, np.concatenate([matrix[:300], on_the_edge(model, matrix)]), tolerance=tolerance)


@pytest.mark.parametrize("value", [1e300, -1e300, np.inf, 3.4028235677973366e38])
def test_what_float32_cannot_hold_is_answered_or_refused_as_scikit_learn_does(value: float) -> None:
    matrix = nasty(200)
    two = answers(matrix)["two"]
    beyond = matrix[:3].copy()
    beyond[1, 4] = value
    for model in (
        HistGradientBoostingClassifier(max_iter=5),
        IsolationForest(n_estimators=5, random_state=0),
    ):
        check(model.fit(matrix, two), beyond)
    for model in (RandomForestClassifier(3), GradientBoostingClassifier(n_estimators=3)):
        with pytest.raises(ValueError, match="infinity or a value too large"):
            model.fit(matrix, two).predict(beyond)
        with pytest.raises(BadRequest):
            compiled(model).predict(beyond)


def test_a_missing_value_is_refused_where_scikit_learn_refuses_it() -> None:
    matrix = nasty(200)
    missing = matrix[:3].copy()
    missing[0, 0] = np.nan
    answer = answers(matrix)
    for model in (
        GradientBoostingRegressor(n_estimators=3),
        ExtraTreeRegressor(splitter="best"),
    ):
        with pytest.raises(ValueError, match="contains NaN"):
            model.fit(matrix, answer["number"]).predict(missing)
        with pytest.raises(BadRequest, match="missing"):
            compiled(model).predict(missing)
    # trained without any, these still know where to go
    check(RandomForestRegressor(5, random_state=0).fit(matrix, answer["number"]), missing)
    check(HistGradientBoostingClassifier(max_iter=5).fit(matrix, answer["two"]), missing)


def test_ties_go_where_scikit_learn_lets_them_go() -> None:
    matrix = np.repeat([[0.0], [1.0]], 4, axis=0)
    even = np.array([0, 1] * 4)
    for model in (
        DecisionTreeClassifier(),
        RandomForestClassifier(4, bootstrap=False),
        GradientBoostingClassifier(n_estimators=3, init="zero"),
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=1),
    ):
        check(model.fit(matrix, even), np.array([[0.0], [0.5], [1.0], [-0.0]]))


def test_numbers_as_categories_and_those_never_seen() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(-3, 40, (800, 2)) * 2.5
    matrix = np.column_stack([codes[:, 0], rng.normal(size=800), codes[:, 1]])
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    target = np.sin(np.nan_to_num(matrix[:, 0]) * 7) + np.cos(np.nan_to_num(matrix[:, 2]) * 5) > 0
    model = HistGradientBoostingClassifier(categorical_features=[0, 2], max_iter=20).fit(matrix, target)
    asked = matrix.copy()
    asked[:100, 0] = rng.choice([-0.0, 1e300, -1.0, 256.0, 300.0, 2.4999999999999996], 100)
    check(model, asked)


def test_what_has_no_compiled_form_says_why() -> None:
    matrix = nasty(60)
    two = answers(matrix)["two"]
    both = np.column_stack([matrix[:, 4], matrix[:, 2]])
    for model, word in (
        (RandomForestRegressor(2).fit(matrix, both), "several outputs"),
        (DecisionTreeClassifier().fit(matrix, np.column_stack([two, two])), "several outputs"),
        (GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()).fit(matrix * 0, two), "init"),
    ):
        with pytest.raises(CannotCompile, match=word):
            compiled(model)
