"""The reviewed list lets scikit-learn's own parts travel without pickle, and nothing else."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    ensemble,
    feature_extraction,
    feature_selection,
    impute,
    linear_model,
    model_selection,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.metrics import get_scorer, get_scorer_names

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED

GENERATOR = np.random.default_rng(0)
NUMBERS = GENERATOR.normal(size=(60, 4))
LABELS = np.arange(60) % 3
VALUES = np.abs(NUMBERS @ [1.0, 2.0, 3.0, 4.0]) + 1
logistic = linear_model.LogisticRegression

CLASSIFIERS: list[Any] = [
    logistic(),
    linear_model.SGDClassifier(),
    linear_model.RidgeClassifier(),
    tree.DecisionTreeClassifier(),
    ensemble.RandomForestClassifier(3),
    ensemble.ExtraTreesClassifier(3),
    ensemble.GradientBoostingClassifier(n_estimators=2),
    ensemble.HistGradientBoostingClassifier(max_iter=2),
    ensemble.AdaBoostClassifier(n_estimators=2),
    ensemble.BaggingClassifier(svm.SVC(), n_estimators=2),
    ensemble.VotingClassifier([("a", logistic()), ("b", tree.DecisionTreeClassifier())]),
    ensemble.StackingClassifier([("a", logistic()), ("b", naive_bayes.GaussianNB())]),
    neighbors.KNeighborsClassifier(),
    neighbors.KNeighborsClassifier(metric="manhattan", algorithm="ball_tree"),
    svm.SVC(),
    svm.LinearSVC(),
    neural_network.MLPClassifier((4,), max_iter=2),
    neural_network.MLPClassifier((4,), max_iter=2, solver="sgd"),
    calibration.CalibratedClassifierCV(svm.LinearSVC(), method="isotonic"),
    calibration.CalibratedClassifierCV(logistic(), method="sigmoid"),
    naive_bayes.GaussianNB(),
    pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(2), logistic()),
    pipeline.make_pipeline(feature_selection.SelectKBest(k=2), logistic()),
    pipeline.make_pipeline(feature_selection.SelectFromModel(tree.DecisionTreeClassifier()), logistic()),
    pipeline.make_pipeline(preprocessing.KBinsDiscretizer(3), logistic()),
    pipeline.make_pipeline(preprocessing.SplineTransformer(), logistic()),
    pipeline.make_pipeline(
        preprocessing.PowerTransformer(), preprocessing.QuantileTransformer(n_quantiles=20), logistic()
    ),
    pipeline.make_pipeline(impute.SimpleImputer(add_indicator=True), impute.KNNImputer(), logistic()),
    model_selection.GridSearchCV(logistic(), {"C": [1.0, 2.0]}, scoring="roc_auc_ovr", cv=2),
]
REGRESSORS: list[Any] = [
    linear_model.LinearRegression(),
    linear_model.Ridge(),
    linear_model.Lasso(),
    linear_model.TweedieRegressor(),
    ensemble.RandomForestRegressor(3),
    ensemble.GradientBoostingRegressor(loss="huber", n_estimators=2),
    ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=2),
    neighbors.KNeighborsRegressor(),
    svm.SVR(),
    neural_network.MLPRegressor(hidden_layer_sizes=(4,), max_iter=2),
    ensemble.StackingRegressor([("a", svm.SVR()), ("b", linear_model.Ridge())]),
    compose.TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1),
    ensemble.IsolationForest(n_estimators=3),
    cluster.KMeans(3),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("model", "target"),
    [(model, LABELS) for model in CLASSIFIERS] + [(model, VALUES) for model in REGRESSORS],
    ids=lambda each: type(each).__name__,
)
def test_common_estimators_travel_and_predict_the_same(model: Any, target: Any) -> None:
    content = skops.io.dumps(model.fit(NUMBERS, target))
    assert set(skops.io.get_untrusted_types(data=content)) <= TRUSTED
    loaded = skops.io.loads(content, trusted=sorted(TRUSTED))
    np.testing.assert_array_equal(loaded.predict(NUMBERS), model.predict(NUMBERS))


def test_frames_texts_and_encoders_travel() -> None:
    frame = pd.DataFrame({"text": ["a cat", "the dog", "my cow"] * 9, "kind": ["x", "y", None] * 9, "n": 1.0})
    prepare = compose.make_column_transformer(
        (feature_extraction.text.TfidfVectorizer(), "text"),
        (
            pipeline.make_pipeline(
                impute.SimpleImputer(strategy="most_frequent"),
                preprocessing.OneHotEncoder(handle_unknown="ignore"),
                preprocessing.MaxAbsScaler(),
            ),
            ["kind"],
        ),
        (
            preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            compose.make_column_selector(pattern="^kind$"),
        ),
        (preprocessing.FunctionTransformer(np.log1p), ["n"]),
        remainder="drop",
    )
    model = pipeline.make_pipeline(prepare, impute.SimpleImputer(), logistic()).fit(frame, [0, 1, 1] * 9)
    content = skops.io.dumps(model)
    assert set(skops.io.get_untrusted_types(data=content)) <= TRUSTED
    loaded = skops.io.loads(content, trusted=sorted(TRUSTED))
    np.testing.assert_array_equal(loaded.predict_proba(frame), model.predict_proba(frame))


# One is of the SciPy that Python 3.11 still gets, the other of the one after it.
OF_ONE_SCIPY = {
    "scipy.interpolate._bsplines._BSpline",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
}


def test_only_scikit_learn_numpy_and_scipy_are_on_the_list_and_all_exist() -> None:
    for name in TRUSTED:
        module, _, member = name.rpartition(".")
        assert module.partition(".")[0] in {"sklearn", "numpy", "scipy"}
        if name not in OF_ONE_SCIPY:
            assert hasattr(importlib.import_module(module), member), name


def test_every_named_scorer_is_on_the_list() -> None:
    scores = {get_scorer(name)._score_func for name in get_scorer_names()}
    assert {f"{score.__module__}.{score.__name__}" for score in scores} <= TRUSTED


@pytest.mark.parametrize(
    "dangerous",
    [
        "numpy.load",
        "numpy.fromfile",
        "os.system",
        "builtins.eval",
        "functools.partial",
        "operator.methodcaller",
    ],
)
def test_what_can_read_files_or_run_code_is_not_on_the_list(dangerous: str) -> None:
    assert dangerous not in TRUSTED


def test_a_random_search_space_of_scipy_is_not_on_the_list() -> None:
    from scipy.stats import loguniform

    search = model_selection.RandomizedSearchCV(logistic(), {"C": loguniform(0.1, 10)}, n_iter=2, cv=2)
    content = skops.io.dumps(search.fit(NUMBERS, LABELS))
    assert not set(skops.io.get_untrusted_types(data=content)) <= TRUSTED
