"""Each estimator that the documentation lists compiles, and gives what scikit-learn gives."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn import (
    compose,
    decomposition,
    discriminant_analysis,
    dummy,
    feature_selection,
    impute,
    linear_model,
    model_selection,
    naive_bayes,
    neural_network,
    pipeline,
    preprocessing,
    svm,
)
from threadpoolctl import threadpool_limits

from jupyter_mlops.bundle.compile.model import compile_model
from jupyter_mlops.bundle.compile.parts import compile_part, compilers, name_of
from jupyter_mlops.bundle.compile.writer import Writer
from jupyter_mlops.bundle.runtime.batch import Batch
from jupyter_mlops.bundle.runtime.compiled.blocks import Row, as_matrix
from jupyter_mlops.bundle.runtime.compiled.engine import CompiledEngine
from jupyter_mlops.bundle.runtime.compiled.kinds import BUILDERS
from jupyter_mlops.bundle.runtime.compiled.read import Reader
from jupyter_mlops.bundle.runtime.problems import BadRequest
from jupyter_mlops.bundle.runtime.schema import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "compiled.md"
OF_TREES = re.compile(
    r"^(sklearn\.(tree|ensemble|calibration|frozen|multiclass|multioutput)|xgboost|lightgbm)"
)
"""Have tests of their own."""

ROUNDED = {
    "FeatureUnion", "FunctionTransformer", "Normalizer", "PCA", "PowerTransformer", "QuantileTransformer",
    "TruncatedSVD",
}  # fmt: skip
"""Sums and functions of other libraries; all else is the same to the last bit."""

_RANDOM = np.random.default_rng(7)
ROWS = 240
NUMBERS = pd.DataFrame(
    {
        "epoch": 1.7e9 + np.round(_RANDOM.uniform(0, 1e7, ROWS), 3),
        "identifier": _RANDOM.integers(10**8, 10**9, ROWS),
        "cents": np.round(_RANDOM.gamma(2.0, 30.0, ROWS), 2),
        "grid": _RANDOM.integers(-20, 20, ROWS) / 10,
        "flag": _RANDOM.integers(0, 2, ROWS).astype(bool),
    }
)
NUMBERS.loc[3, "grid"] = -0.0
SMALL = ((NUMBERS[["cents", "grid"]] - [60, 0]) / [40, 1]).assign(third=_RANDOM.normal(size=ROWS))
HOLES = NUMBERS.drop(columns="flag").mask(_RANDOM.random((ROWS, 4)) < 0.1).drop(columns="identifier")
TEXTS = pd.DataFrame(
    {
        "colour": _RANDOM.choice(
            ["red", "green", "blue", "ünïcode", ""], ROWS, p=[0.5, 0.3, 0.1, 0.06, 0.04]
        ),
        "size": _RANDOM.choice(["S", "M"], ROWS),
        "level": _RANDOM.choice([1.5, -0.0, 7.0, np.nan], ROWS),
        "is_new": _RANDOM.integers(0, 2, ROWS).astype(bool),
    }
).astype({"colour": "str", "size": "str"})
TEXTS.loc[_RANDOM.random(ROWS) < 0.1, "colour"] = np.nan
TWO = (SMALL["third"] + SMALL["grid"] + _RANDOM.normal(size=ROWS) > 0).astype(int)
THREE = np.array(["no", "perhaps", "yes"])[np.digitize(SMALL["third"], [-0.5, 0.7])]
AMOUNT = np.exp(SMALL["third"] + 0.1 * SMALL["cents"])


TRANSFORMERS: list[tuple[Any, pd.DataFrame]] = [
    (preprocessing.StandardScaler(), NUMBERS),
    (preprocessing.StandardScaler(with_mean=False), HOLES),
    (preprocessing.StandardScaler(with_std=False), HOLES),
    (preprocessing.MinMaxScaler(), HOLES),
    (preprocessing.MinMaxScaler((-1, 3), clip=True), NUMBERS),
    (preprocessing.MaxAbsScaler(), HOLES),
    (preprocessing.RobustScaler(), HOLES),
    *((preprocessing.Normalizer(norm), NUMBERS) for norm in ("l1", "l2", "max")),
    (preprocessing.Binarizer(threshold=0.3), SMALL),
    (preprocessing.PowerTransformer(), HOLES),
    (preprocessing.PowerTransformer("box-cox", standardize=False), NUMBERS[["epoch", "cents"]] + 1),
    (preprocessing.QuantileTransformer(n_quantiles=50), HOLES),
    (preprocessing.QuantileTransformer(n_quantiles=50, output_distribution="normal"), SMALL),
    (preprocessing.KBinsDiscretizer(5, encode="ordinal"), NUMBERS.iloc[:, :3]),
    (preprocessing.KBinsDiscretizer(4, encode="onehot-dense", strategy="uniform"), SMALL),
    (preprocessing.PolynomialFeatures(3), SMALL),
    (preprocessing.PolynomialFeatures((2, 3), interaction_only=True, include_bias=False), SMALL),
    (preprocessing.FunctionTransformer(), TEXTS[["level"]]),
    (preprocessing.FunctionTransformer(np.log1p), NUMBERS[["cents", "epoch"]]),
    (preprocessing.FunctionTransformer(np.abs), HOLES),
    *(
        (preprocessing.OneHotEncoder(sparse_output=False, **options), TEXTS)
        for options in (
            {},
            {"handle_unknown": "ignore"},
            {"drop": "first", "handle_unknown": "ignore"},
            {"drop": "if_binary"},
            {"handle_unknown": "infrequent_if_exist", "min_frequency": 30},
            {"handle_unknown": "ignore", "max_categories": 3},
            {"handle_unknown": "infrequent_if_exist", "max_categories": 3, "drop": "first"},
        )
    ),
    *(
        (preprocessing.OrdinalEncoder(**options), TEXTS)
        for options in (
            {},
            {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2},
            {"handle_unknown": "use_encoded_value", "unknown_value": np.nan, "min_frequency": 30},
        )
    ),
    (preprocessing.TargetEncoder(random_state=0, cv=3), TEXTS),
    (impute.SimpleImputer(), HOLES),
    (impute.SimpleImputer(strategy="median", add_indicator=True), HOLES),
    (impute.SimpleImputer(strategy="constant", fill_value=-1), HOLES),
    (impute.SimpleImputer(strategy="most_frequent"), TEXTS[["level"]]),
    (impute.SimpleImputer(missing_values=1.5, strategy="mean"), TEXTS[["level"]].fillna(7.0)),
    (impute.SimpleImputer(), HOLES.assign(nothing=np.nan)),
    (impute.SimpleImputer(keep_empty_features=True), HOLES.assign(nothing=np.nan)),
    (impute.MissingIndicator(error_on_new=False), HOLES.assign(whole=1.0)),
    (feature_selection.VarianceThreshold(), HOLES),
    (feature_selection.SelectKBest(k=2), SMALL),
    (feature_selection.SelectPercentile(percentile=50), SMALL),
    (feature_selection.SelectFromModel(linear_model.LogisticRegression()), SMALL),
    (feature_selection.RFE(linear_model.LogisticRegression(), n_features_to_select=2), SMALL),
    (feature_selection.RFECV(linear_model.LogisticRegression()), SMALL),
    (decomposition.PCA(2), SMALL),
    (decomposition.PCA(2, whiten=True), SMALL),
    (decomposition.TruncatedSVD(2), SMALL),
    (
        pipeline.make_pipeline(
            impute.SimpleImputer(strategy="constant", fill_value="?"),
            "passthrough",
            preprocessing.OneHotEncoder(sparse_output=False),
        ),
        TEXTS[["colour", "size"]],
    ),
    (pipeline.make_union(preprocessing.StandardScaler(), decomposition.PCA(1)), SMALL),
    (
        compose.ColumnTransformer(
            [
                ("by name", preprocessing.StandardScaler(), ["cents", "epoch"]),
                ("by slice", preprocessing.MinMaxScaler(), slice(3, 4)),
                ("by mask", "passthrough", [False, True, False, False, False]),
                ("nothing", preprocessing.StandardScaler(), []),
                ("gone", "drop", [0]),
            ],
            remainder=preprocessing.OneHotEncoder(sparse_output=False),
            transformer_weights={"by slice": 0.3},
        ),
        NUMBERS,
    ),
]

with warnings.catch_warnings():  # scikit-learn gives them up in 1.10
    warnings.simplefilter("ignore", FutureWarning)
    PASSIVE = (linear_model.PassiveAggressiveClassifier(), linear_model.PassiveAggressiveRegressor())

MODELS: list[tuple[Any, Any]] = [
    (PASSIVE[0], TWO),
    (PASSIVE[1], AMOUNT),
    *(
        (model, target)
        for target in (TWO, THREE)
        for model in (
            linear_model.LogisticRegression(),
            linear_model.SGDClassifier(random_state=0),
            linear_model.SGDClassifier(loss="log_loss", random_state=0),
            linear_model.SGDClassifier(loss="modified_huber", random_state=0),
            linear_model.RidgeClassifier(),
            svm.LinearSVC(),
            linear_model.Perceptron(),
            discriminant_analysis.LinearDiscriminantAnalysis(),
            naive_bayes.GaussianNB(),
            neural_network.MLPClassifier((5, 4), max_iter=30, random_state=0),
            dummy.DummyClassifier(),
        )
    ),
    (linear_model.LogisticRegressionCV(cv=2, use_legacy_attributes=False), TWO),
    (linear_model.RidgeClassifierCV(), THREE),
    (dummy.DummyClassifier(strategy="most_frequent"), THREE),
    (dummy.DummyClassifier(strategy="constant", constant="no"), THREE),
    *(
        (model, AMOUNT)
        for model in (
            linear_model.LinearRegression(),
            linear_model.Ridge(),
            linear_model.RidgeCV(),
            linear_model.Lasso(0.1),
            linear_model.LassoCV(cv=2),
            linear_model.ElasticNet(0.1),
            linear_model.ElasticNetCV(cv=2),
            linear_model.HuberRegressor(),
            linear_model.QuantileRegressor(),
            linear_model.BayesianRidge(),
            linear_model.ARDRegression(),
            linear_model.PoissonRegressor(),
            linear_model.GammaRegressor(),
            linear_model.TweedieRegressor(power=1.5),
            linear_model.TweedieRegressor(power=0),
            linear_model.SGDRegressor(random_state=0),
            linear_model.TheilSenRegressor(max_subpopulation=50, random_state=0),
            linear_model.Lars(),
            linear_model.LassoLars(0.01),
            linear_model.OrthogonalMatchingPursuit(),
            svm.LinearSVR(),
            neural_network.MLPRegressor(
                hidden_layer_sizes=(5,), activation="tanh", max_iter=30, random_state=0
            ),
            dummy.DummyRegressor(strategy="median"),
        )
    ),
    (linear_model.LinearRegression(), np.column_stack([AMOUNT, TWO])),
    (linear_model.MultiTaskLasso(0.1), np.column_stack([AMOUNT, TWO])),
    (linear_model.MultiTaskElasticNet(0.1), np.column_stack([AMOUNT, TWO])),
    (
        compose.TransformedTargetRegressor(
            linear_model.LinearRegression(), func=np.log1p, inverse_func=np.expm1
        ),
        AMOUNT,
    ),
    (
        compose.TransformedTargetRegressor(
            pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()),
            transformer=preprocessing.StandardScaler(),
        ),
        AMOUNT,
    ),
    (model_selection.GridSearchCV(linear_model.LogisticRegression(), {"C": [0.1, 1]}, cv=2), TWO),
    (
        model_selection.RandomizedSearchCV(
            pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()),
            {"ridge__alpha": [0.1, 1]},
            n_iter=2,
            cv=2,
        ),
        AMOUNT,
    ),
    (
        model_selection.FixedThresholdClassifier(
            linear_model.LogisticRegression(), threshold=0.3, pos_label="yes"
        ),
        np.where(TWO, "yes", "no"),
    ),
    (model_selection.FixedThresholdClassifier(svm.LinearSVC(), threshold=0.2), TWO),
    (model_selection.TunedThresholdClassifierCV(linear_model.LogisticRegression(), cv=3), TWO),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Many small products are slow on several threads, and slower beside other tests."""
    with threadpool_limits(1):
        yield


def named(pairs: list[tuple[Any, Any]]) -> list[Any]:
    return [pytest.param(*pair, id=f"{type(pair[0]).__name__}-{i}") for i, pair in enumerate(pairs)]


def columns_of(frame: pd.DataFrame) -> list[Column]:
    kinds = {"f": "number", "i": "integer", "b": "boolean"}
    return [
        Column(str(name), kinds.get(dtype.kind, "string"), True, str(dtype))
        for name, dtype in frame.dtypes.items()
    ]


def values_of(frame: pd.DataFrame) -> list[list[Any]]:
    listed = frame.astype(object).where(frame.notna(), None)
    return [listed[name].tolist() for name in frame]


def batch_of(frame: pd.DataFrame) -> Batch:
    return Batch(columns_of(frame), values_of(frame), len(frame))


def engine_of(model: Any, frame: pd.DataFrame) -> CompiledEngine:
    compiled = compile_model(model, list(frame.columns))
    assert compile_model(model, list(frame.columns)) == compiled
    return CompiledEngine(compiled.document, compiled.arrays, columns_of(frame), None)


@pytest.mark.parametrize(("transformer", "frame"), named(TRANSFORMERS))
@pytest.mark.filterwarnings("ignore")
def test_a_transformer_gives_the_same_numbers_by_columns_and_by_row(
    transformer: Any, frame: pd.DataFrame
) -> None:
    transformer.fit(frame, TWO)
    expected = np.asarray(transformer.transform(frame), dtype=np.float64)
    writer = Writer([str(name) for name in frame.columns])
    node = compile_part(transformer, writer)
    reader = Reader(*writer.finish(node), BUILDERS)
    part = reader.part(reader.document["model"])
    batch = batch_of(frame)
    as_lists = [
        batch.array(i) if c.type in {"number", "integer"} else batch.values[i]
        for i, c in enumerate(batch.columns)
    ]
    made = as_matrix(part.transform(as_lists))
    rows = [
        Row(row)
        for row in zip(*(each if isinstance(each, list) else each.tolist() for each in as_lists), strict=True)
    ]
    one_by_one = np.concatenate([as_matrix(part.transform(row)) for row in rows[:60]])
    tolerance = 1e-13 if type(transformer).__name__ in ROUNDED else 0
    np.testing.assert_allclose(made, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(one_by_one, expected[:60], rtol=tolerance, atol=tolerance)
    if all(column.type != "string" for column in batch.columns):
        np.testing.assert_array_equal(as_matrix(part.transform(as_matrix(as_lists))), made)


@pytest.mark.parametrize(("model", "target"), named(MODELS))
@pytest.mark.filterwarnings("ignore")
def test_a_model_gives_the_same_answers(model: Any, target: Any) -> None:
    model.fit(SMALL, target)
    engine = engine_of(model, SMALL)
    labels = model.predict(SMALL)
    answer = engine.answer(batch_of(SMALL), "predict")
    assert answer.shape == labels.shape
    assert engine.classes == (model.classes_.tolist() if hasattr(model, "classes_") else None)
    if engine.classes is None:
        np.testing.assert_allclose(answer, labels, rtol=1e-12, atol=1e-12)
    else:
        assert answer.tolist() == labels.tolist()
    assert ("predict_proba" in engine.methods) == hasattr(model, "predict_proba")
    for method in engine.methods:
        one_by_one = [engine.answer(batch_of(SMALL.iloc[[row]]), method)[0] for row in range(20)]
        expected = getattr(model, method)(SMALL)
        many = engine.answer(batch_of(SMALL), method)
        if many.dtype.kind == "f":
            np.testing.assert_allclose(many, expected, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(one_by_one, expected[:20], rtol=1e-12, atol=1e-12)
        else:
            assert list(one_by_one) == expected[:20].tolist()


@pytest.mark.parametrize("rows", [1, 3])
def test_what_scikit_learn_refuses_is_refused_and_no_value_is_named(rows: int) -> None:
    frame = pd.concat([SMALL, TEXTS[["size", "is_new"]]], axis=1)
    fill = impute.SimpleImputer(strategy="most_frequent")
    encode = compose.make_column_transformer(
        (pipeline.make_pipeline(fill, preprocessing.OneHotEncoder()), ["size"]), remainder="passthrough"
    )
    model = pipeline.make_pipeline(encode, linear_model.LogisticRegression()).fit(frame, TWO)
    engine = engine_of(model, frame)
    for column, value, code in (("size", "secret", "UNSEEN_CATEGORY"), ("cents", None, "MISSING_VALUE")):
        asked = frame.head(rows).astype(object)
        asked.loc[0, column] = value
        with pytest.raises(ValueError, match=r"unknown categories|NaN"):
            model.predict(asked.astype(frame.dtypes))
        with pytest.raises(BadRequest) as refused:
            engine.answer(Batch(columns_of(frame), values_of(asked), rows), "predict")
        assert refused.value.code == code
        assert "secret" not in str(refused.value)
        assert code == "MISSING_VALUE" or '"size"' in refused.value.message


def listed() -> dict[str, bool]:
    """The names in the page's tables, and whether the page says that they compile."""
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (yes|no)\b", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return {name: answer == "yes" for name, answer in rows}


def test_the_page_lists_what_compiles_and_nothing_else() -> None:
    compiled = {name.rpartition(".")[2] for name in compilers()}
    assert {name for name, compiles in listed().items() if compiles} == compiled
    assert not compiled & {name for name, compiles in listed().items() if not compiles}


def test_everything_listed_is_compared_with_scikit_learn() -> None:
    compared = {name_of(example) for example, _ in TRANSFORMERS + MODELS}
    assert {name for name in compilers() if not OF_TREES.match(name)} == compared


def test_every_known_name_is_one_that_scikit_learn_has() -> None:
    import importlib

    for name in compilers():
        module, _, kind = name.rpartition(".")
        if module.startswith("sklearn."):
            found = getattr(importlib.import_module(module), kind)
            assert f"{found.__module__}.{found.__qualname__}" == name


def test_what_does_not_compile_says_why_in_names_of_parameters() -> None:
    from sklearn.neighbors import KNeighborsClassifier

    from jupyter_mlops.bundle.compile.problems import CannotCompile

    class Mine(linear_model.LogisticRegression):
        pass

    log_of_secret = preprocessing.FunctionTransformer(lambda secret: secret)
    for model, says in (
        (KNeighborsClassifier(), "KNeighborsClassifier has no compiled form"),
        (Mine(), "Mine has no compiled form"),
        (
            pipeline.make_pipeline(log_of_secret, linear_model.LogisticRegression()),
            "FunctionTransformer's func",
        ),
        (dummy.DummyClassifier(strategy="uniform"), "strategy='uniform'"),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(SMALL, TWO)
        with pytest.raises(CannotCompile, match=says):
            compile_model(model, list(SMALL.columns))
    many = pd.DataFrame({"word": [str(number) for number in range(10_001)]})
    wide = pipeline.make_pipeline(preprocessing.OneHotEncoder(), dummy.DummyRegressor())
    wide.fit(many, np.arange(10_001))
    with pytest.raises(CannotCompile, match="more than 10,000 columns"):
        compile_model(wide, ["word"])
    with pytest.raises(CannotCompile, match="other columns"):
        compile_model(linear_model.LinearRegression().fit(SMALL, AMOUNT), ["cents", "grid"])
