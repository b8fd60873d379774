"""Promises of compiled models on real rows: census and penguins, texts and holes and all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from compiled_part import LIBRARY
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from jupyter_mlops.bundle.compile.model import compile_model
from jupyter_mlops.bundle.runtime.batch import Batch
from jupyter_mlops.bundle.runtime.compiled.engine import CompiledEngine
from jupyter_mlops.bundle.runtime.schema import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PENGUINS = Path(__file__).parents[2] / "example_notebooks" / "data" / "penguins.csv"


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Where other processes hold the cores, threads that wait for each other take many times as long."""
    with threadpool_limits(1):
        yield


def engine_of(model: Any, frame: pd.DataFrame) -> CompiledEngine:
    made = compile_model(model, list(frame.columns))
    return CompiledEngine(made.document, made.arrays, columns_of(frame), LIBRARY)


def columns_of(frame: pd.DataFrame) -> list[Column]:
    kinds = {"f": "number", "i": "integer"}
    return [
        Column(str(name), kinds.get(dtype.kind, "string"), True, str(dtype))
        for name, dtype in frame.dtypes.items()
    ]


def batch_of(frame: pd.DataFrame) -> Batch:
    listed = frame.astype(object).where(frame.notna(), None)
    return Batch(columns_of(frame), [listed[name].tolist() for name in frame], len(frame))


def same_as(model: Any, engine: CompiledEngine, frame: pd.DataFrame) -> None:
    """Together and one by one."""
    labels, shares = model.predict(frame), model.predict_proba(frame)
    np.testing.assert_array_equal(engine.answer(batch_of(frame), "predict"), labels)
    np.testing.assert_allclose(engine.answer(batch_of(frame), "predict_proba"), shares, rtol=0, atol=1e-12)
    for row in range(0, len(frame), max(1, len(frame) // 20)):
        one = batch_of(frame.iloc[row : row + 1])
        assert engine.answer(one, "predict")[0] == labels[row]
        np.testing.assert_allclose(engine.answer(one, "predict_proba")[0], shares[row], rtol=0, atol=1e-12)


def census(last: Any, features: pd.DataFrame) -> Any:
    numbers = list(features.select_dtypes("number"))
    texts = [name for name in features if name not in numbers]
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("numbers", StandardScaler(), numbers), ("texts", encode, texts)])
    return make_pipeline(columns, last)


BOOSTED = HistGradientBoostingClassifier(max_iter=30)
FOREST = RandomForestClassifier(10, max_depth=12, random_state=0)


@pytest.mark.parametrize(
    "around",
    [
        lambda features: census(BOOSTED, features),
        lambda features: census(FOREST, features),
        lambda features: census(GradientBoostingClassifier(n_estimators=15), features),
        lambda features: CalibratedClassifierCV(census(FOREST, features), cv=2),
        lambda features: census(CalibratedClassifierCV(BOOSTED, method="isotonic", cv=2), features),
        lambda features: VotingClassifier(
            [("boosted", census(BOOSTED, features)), ("forest", census(FOREST, features))], voting="soft"
        ),
        lambda features: StackingClassifier(
            [("boosted", census(BOOSTED, features)), ("forest", census(FOREST, features))], cv=2
        ),
    ],
    ids=["boosted", "forest", "gradient", "calibrated pipeline", "calibrated", "vote", "stack"],
)
def test_the_census_is_answered_as_by_the_whole_model(
    around: Callable[[pd.DataFrame], Any], features: pd.DataFrame, people: pd.DataFrame
) -> None:
    model = around(features).fit(features[:2000], people["income"][:2000])
    asked = features.copy()
    asked.loc[asked.index[::50], "occupation"] = "never seen"
    same_as(model, engine_of(model, features), asked)


def test_categories_of_a_frame_need_no_encoder(features: pd.DataFrame, people: Any) -> None:
    texts = [name for name in features if features[name].dtype == "str"]
    assert texts
    typed = features.astype(dict.fromkeys(texts, "category"))
    model = HistGradientBoostingClassifier(max_iter=30, categorical_features="from_dtype")
    model.fit(typed[:2000], people["income"][:2000])
    asked = features.copy()
    asked.loc[asked.index[::50], "native-country"] = "never seen"
    same_as(model, engine_of(model, features), asked)


def test_penguins_with_holes_are_told_apart() -> None:
    frame = pd.read_csv(PENGUINS)
    names = [
        *("Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"),
        *("Island", "Sex", "Delta 15 N (o/oo)"),
    ]
    model = HistGradientBoostingClassifier(categorical_features=["Island", "Sex"], min_samples_leaf=5)
    measured = frame[names].astype({"Flipper Length (mm)": float, "Body Mass (g)": float})
    model.fit(measured, frame["Species"])
    assert measured.isna().any().any()
    same_as(model, engine_of(model, measured), measured)
