"""Promises of compiled XGBoost models: its very float32 numbers, where the library is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiled_part import compiled

from jupyter_mlops.bundle.compile.problems import CannotCompile

xgboost = pytest.importorskip("xgboost", reason="there is no small build for macOS")


def rows(missing: float) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(5)
    matrix = np.column_stack(
        [
            1.7e9 + rng.random(2000) * 1e6,
            np.round(rng.random(2000) * 100, 2),
            rng.integers(10**8, 10**9, 2000),
            rng.choice([-3e38, -1.0, -0.0, 0.0, 5e-324, 1e-45, 1.0, 3.4e38], 2000),
            rng.normal(size=2000),
        ]
    )
    matrix[rng.random(matrix.shape) < missing] = np.nan
    return matrix


def on_the_edge(model: Any, matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(6)
    asked = [matrix]
    splits = model.get_booster().trees_to_dataframe().query("Feature != 'Leaf'")[:60]
    for feature, split in zip(splits["Feature"], splits["Split"], strict=True):
        single = np.float32(split)
        below = np.nextafter(single, np.float32(-np.inf))
        middle = (float(single) + float(below)) / 2  # where rounding to float32 turns
        beside = matrix[rng.integers(0, len(matrix), 5)].copy()
        values = [float(single), float(below), middle, *np.nextafter(middle, [-np.inf, np.inf])]
        beside[:, int(feature.removeprefix("f"))] = values
        asked.append(beside)
    beyond = matrix[:5].copy()
    beyond[:, 3] = [1e300, -1e300, np.inf, -np.inf, 1e39]  # refused in training only
    return np.concatenate([*asked, beyond])


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize(
    ("model", "target"),
    [
        (xgboost.XGBClassifier(n_estimators=50), "two"),
        (xgboost.XGBClassifier(n_estimators=9), "three"),
        (xgboost.XGBClassifier(n_estimators=5, num_parallel_tree=3, subsample=0.5), "two"),
        (xgboost.XGBRegressor(n_estimators=40), "number"),
        (xgboost.XGBRegressor(n_estimators=9, objective="reg:absoluteerror"), "number"),
        (xgboost.XGBRegressor(n_estimators=9, objective="count:poisson"), "number"),
        (xgboost.XGBRegressor(n_estimators=9, objective="reg:gamma", base_score=0.7), "number"),
    ],
    ids=lambda value: getattr(value, "objective", value) or type(value).__name__,
)
def test_answers_are_xgboosts(model: Any, target: str, missing: float) -> None:
    matrix = rows(missing)
    full = np.nan_to_num(matrix, nan=3.0)
    number = full[:, 0] / 1e6 % 2 + full[:, 1] / 50 + full[:, 2] / 1e9 + (full[:, 3] > 0) + np.exp(full[:, 4])
    answers = {
        "number": number,
        "two": (number > np.median(number)).astype(int),
        "three": np.digitize(number, np.quantile(number, [0.3, 0.6])),
    }
    model.set_params(n_jobs=1, random_state=0, max_depth=5)
    model.fit(matrix, answers[target])
    ours, asked = compiled(model), on_the_edge(model, matrix)
    for method in ours.methods:
        expected, given = getattr(model, method)(asked), getattr(ours, method)(asked)
        np.testing.assert_array_equal(given, expected)
        np.testing.assert_array_equal(getattr(ours, method)(asked[:1]), given[:1])


def test_only_the_trees_up_to_the_best_are_asked() -> None:
    matrix = rows(0.0)
    two = (matrix[:, 4] + np.random.default_rng(0).normal(size=2000) > 0).astype(int)
    model = xgboost.XGBClassifier(n_estimators=80, early_stopping_rounds=3, n_jobs=1)
    model.fit(matrix[:500], two[:500], eval_set=[(matrix[500:], two[500:])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    np.testing.assert_array_equal(compiled(model).predict_proba(matrix), model.predict_proba(matrix))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"booster": "dart"}, "dart"),
        ({"booster": "gblinear"}, "gblinear"),
        ({"missing": -1.0}, "missing"),
        ({"objective": "reg:squaredlogerror"}, "objective"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_no_compiled_form_says_why(options: dict[str, Any], word: str) -> None:
    matrix = rows(0.0)[:, [0, 1, 4]]
    model = xgboost.XGBRegressor(n_estimators=3, n_jobs=1, **options).fit(matrix, matrix[:, 1])
    with pytest.raises(CannotCompile, match=word):
        compiled(model)
