"""A compiled form is held against the model itself, on real rows and at their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from jupyter_mlops.bundle.choice import Original, choose_engine
from jupyter_mlops.bundle.compile.model import compile_model
from jupyter_mlops.bundle.edge_rows import edge_frames
from jupyter_mlops.bundle.parity import MOST_ROWS, Parity, batch_of, compare
from jupyter_mlops.bundle.runtime.compiled.engine import CompiledEngine
from jupyter_mlops.bundle.runtime.schema import Column
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns_of(frame: pd.DataFrame) -> list[Column]:
    return [Column(each.name, each.type, each.nullable, each.dtype) for each in infer_schema(frame).columns]


def engine_of(model: Any, columns: Sequence[Column]) -> CompiledEngine:
    compiled = compile_model(model, [column.name for column in columns])
    return CompiledEngine(compiled.document, compiled.arrays, columns, None)


def pipeline(last: Any, **options: Any) -> Any:
    encode = OneHotEncoder(sparse_output=False, **options)
    return make_pipeline(make_column_transformer((encode, ["sex"]), (StandardScaler(), ["age"])), last)


@pytest.fixture(scope="module")
def frame(features: pd.DataFrame) -> pd.DataFrame:
    return features[["age", "sex"]].head(400)


@pytest.fixture(scope="module")
def answers(people: pd.DataFrame) -> pd.Series[str]:
    return people["income"].head(400)


def parity_of(model: Any, other: Any, frame: pd.DataFrame) -> Parity:
    columns = columns_of(frame)
    return compare(model, engine_of(other, columns), [frame], columns)


def test_the_same_model_answers_alike_and_refuses_alike(frame: pd.DataFrame, answers: pd.Series[str]) -> None:
    model = pipeline(LogisticRegression()).fit(frame, answers)
    found = parity_of(model, model, frame)
    assert found.reason == ""
    assert (found.rows, found.of_rows, found.flips, found.disputed) == (400, 400, 0, 0)
    assert found.edge_rows > 30
    assert found.refused == 12  # four texts that training did not have, in three rows
    assert found.difference < 1e-12


def test_other_labels_other_numbers_and_other_manners_are_told(
    frame: pd.DataFrame, answers: pd.Series[str]
) -> None:
    model = pipeline(LogisticRegression(), handle_unknown="ignore").fit(frame, answers)
    polite = pipeline(LogisticRegression(), handle_unknown="error").fit(frame, answers)
    assert "refused by only one" in parity_of(model, polite, frame).reason
    assert "refused by only one" in parity_of(polite, model, frame).reason
    weighted = pipeline(LogisticRegression(class_weight="balanced"), handle_unknown="ignore")
    assert "get another label when compiled" in parity_of(model, weighted.fit(frame, answers), frame).reason
    near = pipeline(LogisticRegression(C=1.0001), handle_unknown="ignore").fit(frame, answers)
    assert "answers differ by up to" in parity_of(model, near, frame).reason


def test_numbers_are_held_against_their_own_scale(frame: pd.DataFrame) -> None:
    ages = frame[["age"]]
    target = frame["age"] * 1e12
    model = LinearRegression().fit(ages, target)
    assert parity_of(model, model, ages).reason == ""
    moved = LinearRegression().fit(ages, target)
    moved.intercept_ += 1.0  # of 1e13: the eleventh digit
    assert parity_of(model, moved, ages).reason == ""
    moved.intercept_ += 1e6
    assert "differ" in parity_of(model, moved, ages).reason


def test_of_very_many_rows_evenly_spaced_ones_are_asked_about() -> None:
    rows = pd.DataFrame({"x": np.arange(MOST_ROWS + 10_000, dtype=float)})
    model = LinearRegression().fit(rows, rows["x"])
    columns = columns_of(rows)
    found = compare(model, engine_of(model, columns), [rows.head(20_000), rows.iloc[20_000:]], columns)
    assert (found.rows, found.of_rows, found.reason) == (MOST_ROWS, MOST_ROWS + 10_000, "")


def test_edges_have_the_dtypes_of_training_and_gaps_only_where_they_may_be() -> None:
    frame = pd.DataFrame(
        {
            "count": np.array([1, 2, 200], dtype=np.uint8),
            "share": [0.5, np.nan, 0.25],
            "word": pd.Series(["a", None, "b"], dtype=object),
            "group": pd.Categorical(["x", "y", "x"]),
            "at": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"]),
            "is_new": [True, False, True],
        }
    )
    columns = columns_of(frame)
    shares, words, gaps = [], [], 0
    for edge in edge_frames(frame, columns):
        batch = batch_of(edge, columns)
        shares += edge["share"].tolist()
        words += edge["word"].tolist()
        assert edge["at"].dtype == frame["at"].dtype
        assert isinstance(edge["group"].dtype, pd.CategoricalDtype)
        assert not edge[["count", "group", "at", "is_new"]].isna().any(axis=None)
        assert batch.array(0).dtype == np.int64
        gaps += int(edge[["share", "word"]].isna().all(axis=1).any())
    assert any(value == 0 and np.signbit(value) for value in shares)
    assert np.nextafter(0.5, 1) in shares
    assert None in words
    assert not any(value != value for value in words)  # noqa: PLR0124 - the gap is None here, as in training
    assert gaps


def test_what_was_asked_for_is_done_or_refused_with_the_reason(
    frame: pd.DataFrame, answers: pd.Series[str]
) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    model = pipeline(KNeighborsClassifier()).fit(frame, answers)
    columns = columns_of(frame)
    original = Original(model, (frame,), "training")
    choice = choose_engine(original, columns, "auto")
    assert (choice.engine, choice.compiled) == ("sklearn", None)
    assert choice.parity == {"engine": "sklearn", "reason": "KNeighborsClassifier has no compiled form"}
    with pytest.raises(BadInputError, match="without scikit-learn: KNeighborsClassifier has no"):
        choose_engine(original, columns, "compiled")
    good = Original(pipeline(LogisticRegression()).fit(frame, answers), (frame,), "training")
    assert choose_engine(good, columns, "sklearn").parity["reason"] == "it was asked for"
    assert choose_engine(good, columns, "compiled").parity["rows_from"] == "training"
    assert choose_engine(Original(why="it is a pickle"), columns, "auto").parity["reason"] == "it is a pickle"


def numbers(last: Any, *, fill: bool = False) -> Any:
    return make_pipeline(*([SimpleImputer()] if fill else []), StandardScaler(), last)


@pytest.mark.parametrize(
    ("change", "model"),
    [
        # None is a category of its own here; a request's null is one as well.
        (
            lambda frame: frame.assign(sex=frame["sex"].astype(object).mask(frame["age"] > 60, None)),
            pipeline(LogisticRegression(), handle_unknown="ignore"),
        ),
        (
            lambda frame: frame.assign(sex=frame["sex"].mask(frame["age"] > 60)),
            pipeline(LogisticRegression()),
        ),
        (lambda frame: frame.astype({"sex": "category"}), pipeline(LogisticRegression())),
        (
            lambda frame: frame[["age"]].astype("Int64").mask(frame[["age"]] > 60),
            numbers(LogisticRegression(), fill=True),
        ),
        (lambda frame: frame[["age"]].assign(old=frame["age"] > 40), numbers(LogisticRegression())),
        (
            lambda frame: frame[["age"]].assign(old=(frame["age"] > 40).astype("boolean")),
            numbers(LogisticRegression(), fill=True),
        ),
        (
            lambda frame: frame.assign(at=pd.Timestamp("2026-01-01", tz="Europe/Berlin")),
            pipeline(LogisticRegression()),
        ),
    ],
    ids=["None", "NaN", "category", "Int64", "bool", "boolean", "a date that is dropped"],
)
def test_columns_of_every_dtype_come_to_the_compiled_model_as_to_the_other(
    frame: pd.DataFrame, answers: pd.Series[str], change: Any, model: Any
) -> None:
    changed = change(frame)
    found = parity_of(model.fit(changed, answers), model, changed)
    assert found.reason == ""
    assert found.edge_rows


def test_what_training_computed_in_float32_is_left_to_scikit_learn(
    frame: pd.DataFrame, answers: pd.Series[str]
) -> None:
    single = frame[["age"]].astype(np.float32)
    model = numbers(LogisticRegression()).fit(single, answers)
    assert "answers differ" in parity_of(model, model, single).reason
