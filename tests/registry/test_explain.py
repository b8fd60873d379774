"""Explanations of real scikit-learn models, checked against scikit-learn, shap, and the definition."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shap
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.evidence import Rows
from jupyter_mlops.registry.explain import Explanation, explain_model, importance_of

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Task

DATA = Path(__file__).parents[2] / "example_notebooks" / "data"
_NUMBERS = make_column_selector(dtype_include="number")
_TEXTS = make_column_selector(dtype_exclude="number")


@pytest.fixture(scope="module")
def census() -> Rows:
    columns = [0, 1, 3, 4, 5, 12, 14]
    names = ["age", "workclass", "education", "education-num", "marital-status", "hours", "income"]
    frame = pd.read_csv(
        DATA / "adult.csv", header=None, usecols=columns, skipinitialspace=True, na_values="?", nrows=800
    ).set_axis(names, axis=1)
    frame.loc[frame.index % 50 == 0, "age"] = np.nan
    return Rows(frame.drop(columns="income"), frame["income"], "X_test")


@pytest.fixture(scope="module")
def penguins() -> Rows:
    frame = pd.read_csv(DATA / "penguins.csv").dropna(subset=["Body Mass (g)"]).reset_index(drop=True)
    columns = [
        "Island",
        "Culmen Length (mm)",
        "Culmen Depth (mm)",
        "Flipper Length (mm)",
        "Body Mass (g)",
        "Sex",
    ]
    return Rows(frame[columns], frame["Species"], "penguins")


def prepared(model: Any, *, scale: Any = None) -> Any:
    """The messy preparation that people write."""
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="?"),
        OneHotEncoder(drop="first", handle_unknown="ignore"),
    )
    numbers = make_pipeline(SimpleImputer(add_indicator=True), scale or StandardScaler())
    return make_pipeline(make_column_transformer((numbers, _NUMBERS), (words, _TEXTS)), model)


def explained(model: Any, rows: Rows, asked: pd.DataFrame, task: Task = "classification") -> Explanation:
    """Contributions only, with all rows as the background."""
    return explain_model(model, task, rows, asked)


def test_importance_is_that_of_scikit_learn(census: Rows) -> None:
    model = prepared(LogisticRegression(max_iter=500)).fit(census.features, census.target)
    found = importance_of(model, census, "classification")
    theirs = permutation_importance(
        model, census.features, census.target, scoring="roc_auc", n_repeats=5, random_state=0
    )
    expected = dict(zip(census.features.columns, theirs.importances_mean, strict=True))
    assert found.metric == "auc"
    assert {each.column: each.mean for each in found.importance} == pytest.approx(expected, abs=1e-12)
    assert [each.mean for each in found.importance] == sorted(expected.values(), reverse=True)
    assert all(each.low <= each.mean <= each.high for each in found.importance)
    assert found.rows == ()
    assert "education-num and education" in " ".join(found.notes)


def test_importance_of_numbers_is_in_units_of_the_error() -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(300, 3)), columns=["strong", "weak", "none"])
    target = 10 * frame["strong"] + frame["weak"] + random.normal(size=300)
    model = LinearRegression().fit(frame, target)
    found = importance_of(model, Rows(frame, target, "rows"), "regression")
    theirs = permutation_importance(
        model, frame, target, scoring="neg_root_mean_squared_error", n_repeats=5, random_state=0
    )
    assert found.metric == "rmse"
    assert [each.column for each in found.importance] == ["strong", "weak", "none"]
    assert [each.mean for each in found.importance] == pytest.approx(theirs.importances_mean.tolist())
    assert found.notes == ()


def test_without_answers_it_is_said_that_the_models_own_are_used(census: Rows) -> None:
    model = prepared(LogisticRegression(max_iter=500)).fit(census.features, census.target)
    found = importance_of(model, Rows(census.features, None, "X_test"), "classification")
    assert found.score == pytest.approx(1)
    assert found.importance[0].mean > 0
    assert "no true answers are known" in found.notes[0]


def test_columns_that_the_model_does_not_know_are_left_out_and_missing_ones_named(census: Rows) -> None:
    known = census.features[["age", "hours", "education"]]
    model = prepared(LogisticRegression(max_iter=500)).fit(known, census.target)
    assert {each.column for each in importance_of(model, census, "classification").importance} == set(known)
    with pytest.raises(BadInputError, match="X_test has no column 'age', which the model needs"):
        importance_of(model, replace(census, features=census.features.drop(columns="age")), "classification")


def test_many_rows_are_sampled_and_few_are_refused_and_both_is_said() -> None:
    frame = pd.DataFrame({"x": np.arange(12_000.0), "y": np.ones(12_000)})
    model = LinearRegression().fit(frame, frame["x"])
    many = importance_of(model, Rows(frame, frame["x"], "all"), "regression")
    assert many.measured_on == "5,000 rows of all"
    assert "5,000 of 12,000 rows" in many.notes[0]
    forgotten = importance_of(model, Rows(frame.head(9_000), frame["x"], "all"), "regression")
    assert "no true answers are known" in forgotten.notes[1]
    few = importance_of(model, Rows(frame.head(5), frame["x"].head(5), "few"), "regression")
    assert few.importance == ()
    assert "5 rows are too few" in few.notes[0]


def test_contributions_to_a_linear_model_are_its_terms() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 4)), columns=list("abcd"))
    model = LinearRegression().fit(frame, frame @ [1.0, -2.0, 3.0, 0.0] + 5)
    found = explained(model, Rows(frame, None, "rows"), frame.tail(3), "regression")
    for at, row in enumerate(found.rows):
        terms = model.coef_ * (frame.tail(3).iloc[at] - frame.mean())
        assert list(row.contributions.values()) == pytest.approx(terms.tolist())
        assert row.base + sum(row.contributions.values()) == pytest.approx(row.output)
        assert row.output == pytest.approx(row.prediction)


def test_sampled_contributions_are_the_shapley_values_of_the_definition() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(80, 4)), columns=list("abcd"))
    target = frame["a"] * frame["b"] + 2 * frame["c"].abs()
    model = KNeighborsRegressor(5).fit(frame, target)
    asked = frame.head(4) * 1.2
    found = explained(model, Rows(frame, target, "rows"), asked, "regression")
    assert found.error is not None
    assert found.error < 0.1
    for at, row in enumerate(found.rows):
        exact = shapley_by_definition(model.predict, asked.iloc[at], frame)
        assert np.abs(np.array(list(row.contributions.values())) - exact).max() < 5 * found.error


def shapley_by_definition(
    predict: Any, row: pd.Series[float], background: pd.DataFrame
) -> np.ndarray[Any, Any]:
    """All subsets of the columns, each against all rows."""
    columns = list(background.columns)

    def worth(known: tuple[str, ...]) -> float:
        return float(predict(background.assign(**{name: row[name] for name in known})).mean())

    values = []
    for name in columns:
        others = [other for other in columns if other != name]
        total = 0.0
        for size in range(len(columns)):
            weight = factorial(size) * factorial(len(columns) - size - 1) / factorial(len(columns))
            for known in combinations(others, size):
                total += weight * (worth((*known, name)) - worth(known))
        values.append(total)
    return np.array(values)


TREES = [
    (RandomForestClassifier(20, random_state=0), "probability"),
    (GradientBoostingClassifier(n_estimators=10, random_state=0), "log-odds"),
    (DecisionTreeClassifier(max_depth=4, random_state=0), "probability"),
]


@pytest.mark.parametrize(("trees", "space"), TREES, ids=lambda value: type(value).__name__)
def test_trees_behind_a_preparation_are_explained_exactly_in_the_users_columns(
    census: Rows, trees: Any, space: str
) -> None:
    model = prepared(trees).fit(census.features, census.target)
    asked = census.features.iloc[[0, 7, 50]]
    found = explained(model, census, asked)
    assert found.method.startswith("TreeSHAP")
    assert found.error is None
    assert found.residual < 1e-9
    assert {row.explained for row in found.rows} == {f"{space} of >50K"}
    assert [row.prediction for row in found.rows] == model.predict(asked).tolist()
    probable = model.predict_proba(asked)[:, 1].tolist()
    told = [row.output if space == "probability" else row.probability for row in found.rows]
    assert told == pytest.approx(probable)
    values = np.asarray(shap.TreeExplainer(trees).shap_values(model[:-1].transform(asked).toarray()))
    values = values[..., 1] if values.ndim == 3 else values
    names = list(model[:-1].get_feature_names_out())
    married = [at for at, name in enumerate(names) if name.startswith("pipeline-2__marital-status_")]
    ages = [
        at for at, name in enumerate(names) if name in {"pipeline-1__age", "pipeline-1__missingindicator_age"}
    ]
    assert len(married) > 3
    assert len(ages) == 2
    for at, row in enumerate(found.rows):
        assert row.contributions["marital-status"] == pytest.approx(values[at, married].sum())
        assert row.contributions["age"] == pytest.approx(values[at, ages].sum())
        assert row.base + sum(row.contributions.values()) == pytest.approx(row.output)


def test_boosted_trees_of_several_classes_explain_the_class_that_is_answered(penguins: Rows) -> None:
    encode = make_column_transformer((OrdinalEncoder(), _TEXTS), remainder="passthrough")
    model = make_pipeline(encode, HistGradientBoostingClassifier(max_iter=10, random_state=0))
    model.fit(penguins.features, penguins.target)
    asked = penguins.features.iloc[[0, 200, 320]]
    found = explained(model, penguins, asked)
    assert found.method.startswith("TreeSHAP")
    assert [row.explained for row in found.rows] == [f"log-odds of {name}" for name in model.predict(asked)]
    assert len({row.explained for row in found.rows}) == 3
    assert found.metric == "accuracy"


def test_words_of_a_text_are_added_up_to_its_column(census: Rows) -> None:
    columns = make_column_transformer((CountVectorizer(), "education"), ("passthrough", ["hours"]))
    model = make_pipeline(columns, DecisionTreeClassifier(max_depth=5, random_state=0))
    features = census.features[["hours", "education"]]
    model.fit(features, census.target)
    found = explained(model, Rows(features, census.target, "X_test"), features.head(3))
    assert found.method.startswith("TreeSHAP")
    assert all(abs(row.contributions["education"]) > 0.01 for row in found.rows)


def test_a_search_is_explained_by_the_best_model_it_found(census: Rows) -> None:
    model = GridSearchCV(
        prepared(DecisionTreeClassifier(random_state=0)), {"decisiontreeclassifier__max_depth": [2]}
    )
    model.fit(census.features, census.target)
    assert explained(model, census, census.features.head(2)).method.startswith("TreeSHAP")


def _mixing(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(age=frame["age"] + frame["hours"])


def unclear_models() -> dict[str, tuple[Any, str]]:
    trees = DecisionTreeClassifier(max_depth=3, random_state=0)
    only_numbers = make_column_transformer((KNNImputer(), _NUMBERS))
    claims = FunctionTransformer(_mixing, feature_names_out="one-to-one")
    category = FunctionTransformer(lambda frame: frame.astype({"workclass": "category"}))
    return {
        "components": (prepared(trees, scale=PCA(2)), "PCA mixes columns"),
        "neighbours": (make_pipeline(only_numbers, trees), "the preparation mixes columns"),
        "a false claim": (make_pipeline(claims, *prepared(trees)), "the preparation mixes columns"),
        "no claim": (make_pipeline(category, *prepared(trees)), "does not say what its output is made of"),
        "its own categories": (
            make_pipeline(
                FunctionTransformer(
                    lambda frame: frame[["age", "workclass"]].astype({"workclass": "category"}),
                    feature_names_out=lambda _, __: ["age", "workclass"],
                ),
                HistGradientBoostingClassifier(max_iter=5),
            ),
            "split categories by themselves",
        ),
    }


@pytest.mark.parametrize("name", unclear_models())
def test_where_columns_cannot_be_told_apart_contributions_are_sampled_and_it_is_said_why(
    census: Rows, name: str
) -> None:
    model, why = unclear_models()[name]
    model.fit(census.features, census.target)
    found = explained(model, census, census.features.head(2))
    assert found.method.startswith("Shapley values by sampling")
    assert any(why in note for note in found.notes), found.notes
    assert found.residual < 1e-9
    assert {row.explained for row in found.rows} == {"probability of >50K"}


def test_without_the_package_for_trees_contributions_are_sampled(
    census: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shap", None)  # as if it were not installed
    model = prepared(DecisionTreeClassifier(max_depth=3)).fit(census.features, census.target)
    found = explained(model, census, census.features.head(1))
    assert found.method.startswith("Shapley values by sampling")
    assert "pip install 'jupyter-mlops[explain]'" in found.notes[-1]


def test_columns_of_every_kind_are_explained_with_their_dtypes_kept() -> None:
    rows = 60
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["a", "b", None] * 20, categories=["b", "a", "unseen"]),
            "flag": [True, False] * 30,
            "whole": pd.array([1, None, 3] * 20, dtype="Int64"),
            "when": pd.date_range("2020-01-01", periods=rows),
            "text": ["x", "y", None, "z"] * 15,
            "number": np.linspace(0, 1, rows),
        }
    )
    frame.index = [f"row {at}" for at in range(rows)]
    dtypes = frame.dtypes.to_dict()

    def scored(asked: pd.DataFrame) -> pd.DataFrame:
        assert asked.dtypes.to_dict() == dtypes
        return pd.DataFrame(
            {
                "category": (asked["category"] == "a").astype(float),
                "flag": asked["flag"].astype(float),
                "whole": asked["whole"].fillna(0).astype(float),
                "when": asked["when"].dt.day.astype(float),
                "text": (asked["text"] == "x").astype(float),
                "number": asked["number"],
            }
        )

    target = pd.Series(np.where(scored(frame)["category"] > 0, "yes", "no"), index=frame.index)
    model = make_pipeline(FunctionTransformer(scored), RidgeClassifier()).fit(frame, target)
    found = explained(model, Rows(frame, target, "rows"), frame.iloc[[3]])
    row = found.rows[0]
    assert row.row == "row 3"
    assert row.explained == "score of yes"
    assert row.ranked[0][0] == "category"
    assert found.importance[0].column == "category"
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert json.loads(text)["rows"][0]["values"]["when"].startswith("2020-01-04")


def test_a_model_with_several_answers_is_refused() -> None:
    frame = pd.DataFrame({"a": np.arange(30.0), "b": 1.0})
    model = ExtraTreesRegressor(3).fit(frame, frame)
    with pytest.raises(BadInputError, match="several answers"):
        explained(model, Rows(frame, None, "rows"), frame.head(1), "regression")
