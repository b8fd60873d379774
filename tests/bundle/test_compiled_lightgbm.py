"""Promises of compiled LightGBM models: its labels and its numbers."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
from compiled_part import compiled

from jupyter_mlops.bundle.compile.problems import CannotCompile


def rows(missing: float) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(5)
    matrix = np.column_stack(
        [
            1.7e9 + rng.random(900) * 1e6,
            np.round(rng.random(900) * 100, 2),
            rng.choice([-1e300, -1.0, -1e-36, -0.0, 0.0, 5e-324, 1e-34, 1.0, np.inf], 900),
            rng.integers(0, 40, 900),
        ]
    )
    matrix[rng.random(matrix.shape) < missing] = np.nan
    return matrix


def on_the_edge(model: Any, matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(6)
    asked = [matrix[:200]]
    splits = model.booster_.trees_to_dataframe().query("decision_type == '<='")
    for feature, threshold in list(
        zip(splits["split_feature"], splits["threshold"].astype(float), strict=True)
    )[:40]:
        beside = matrix[rng.integers(0, len(matrix), 3)].copy()
        beside[:, int(feature.removeprefix("Column_"))] = [
            threshold, np.nextafter(threshold, -np.inf), np.nextafter(threshold, np.inf)
        ]  # fmt: skip
        asked.append(beside)
    unusual = matrix[:8].copy()
    unusual[:, 3] = [-1.0, -0.5, 0.5, 41.0, 256.0, 1e300, np.nan, -0.0]
    return np.concatenate([*asked, unusual])


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize(
    ("model", "target"),
    [
        (lightgbm.LGBMClassifier(n_estimators=30), "two"),
        (lightgbm.LGBMClassifier(n_estimators=9), "three"),
        (lightgbm.LGBMClassifier(n_estimators=9, objective="multiclassova"), "three"),
        (lightgbm.LGBMClassifier(n_estimators=9, boosting_type="dart"), "two"),
        (lightgbm.LGBMRegressor(n_estimators=20), "number"),
        (lightgbm.LGBMRegressor(n_estimators=9, objective="quantile", alpha=0.3), "number"),
        (lightgbm.LGBMRegressor(n_estimators=9, objective="poisson"), "number"),
        (lightgbm.LGBMRegressor(n_estimators=9, objective="tweedie"), "number"),
    ],
    ids=lambda value: getattr(value, "objective", value) or type(value).__name__,
)
def test_answers_are_lightgbms(model: Any, target: str, missing: float) -> None:
    matrix = rows(missing)
    full = np.nan_to_num(matrix, nan=3.0, posinf=7.0, neginf=-7.0)
    number = full[:, 0] / 1e6 % 2 + full[:, 1] / 50 + np.sin(full[:, 3] * 7) + (full[:, 2] > 0) + 1.5
    answers = {
        "number": number,
        "two": np.array(["no", "yes"])[(number > np.median(number)).astype(int)],
        "three": np.digitize(number, np.quantile(number, [0.3, 0.6])) * 4 - 2,
    }
    model.set_params(verbose=-1, n_jobs=1, random_state=0)
    model.fit(matrix, answers[target], categorical_feature=[3])
    ours, asked = compiled(model), on_the_edge(model, matrix)
    for method in ours.methods:
        expected, given = getattr(model, method)(asked), getattr(ours, method)(asked)
        assert given.shape == expected.shape
        if target == "number" or method == "predict_proba":
            np.testing.assert_allclose(given, expected, rtol=1e-15, atol=1e-15)
        else:
            np.testing.assert_array_equal(given, expected)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"linear_tree": True}, "linear"),
        ({"zero_as_missing": True}, "zero"),
        ({"boosting_type": "rf", "subsample": 0.5, "subsample_freq": 1}, "rf"),
        ({"reg_sqrt": True}, "objective"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_no_compiled_form_says_why(options: dict[str, Any], word: str) -> None:
    matrix = rows(0.0)[:, [0, 1, 3]]
    model = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1, **options).fit(matrix, matrix[:, 2])
    with pytest.raises(CannotCompile, match=word):
        compiled(model)
