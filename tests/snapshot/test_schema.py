"""The schema says what a request must look like, from every cell of the training frame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.schema import Column, Schema, infer_schema

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"


def only(values: Any, **options: Any) -> Column:
    return infer_schema(pd.DataFrame({"c": values}), **options).columns[0]


def test_real_frame_gets_types_ranges_and_missing_shares() -> None:
    frame = pd.read_csv(ADULT, header=None, skipinitialspace=True, na_values="?", usecols=[0, 1, 13])
    frame.columns = ["age", "workclass", "native-country"]
    schema = infer_schema(frame)
    age, workclass, country = schema.columns
    assert (age.type, age.nullable, age.minimum, age.maximum) == ("integer", False, 17, 90)
    assert age.categories is None
    assert (workclass.type, workclass.nullable) == ("string", True)
    assert workclass.missing_share == pytest.approx(1836 / 32561)
    assert workclass.categories is not None
    assert len(workclass.categories) == 8
    assert country.name == "native-country"


def test_json_round_trip_gives_an_equal_schema() -> None:
    frame = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "real": np.array([0.5, np.nan, np.inf], dtype="float32"),
            "flag": [True, False, True],
            "text": ["b", None, "a"],
            "day": pd.to_datetime(["2020-01-01"] * 3, utc=True),
            "kind": pd.Categorical([1, 2, 1]),
        }
    )
    schema = infer_schema(frame)
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict(), allow_nan=False))) == schema
    assert [column.type for column in schema.columns] == [
        "integer",
        "number",
        "boolean",
        "string",
        "datetime",
        "integer",
    ]
    assert schema.columns[1].maximum == 0.5
    assert schema.columns[3].categories == ("a", "b")
    assert schema.columns[5].categories == (1, 2)


@pytest.mark.parametrize(
    ("values", "kind", "nullable"),
    [
        ([1.0, 2.0, np.nan], "number", True),
        (pd.array([1, None, 3], dtype="Int64"), "integer", True),
        (pd.array([True, None, False], dtype="boolean"), "boolean", True),
        (pd.Series([True, None, False], dtype=object), "boolean", True),
        (pd.Series([1, None, 2.5], dtype=object), "number", True),
        (pd.Categorical(["x", "y", "x"]), "string", False),
        (pd.Categorical([True, False, True]), "boolean", False),
        ([np.nan, np.nan, np.nan], "number", True),
        (np.array([1, 2, 3], dtype="uint8"), "integer", False),
    ],
)
def test_type_comes_from_the_whole_column(values: Any, kind: str, nullable: bool) -> None:
    column = only(values)
    assert (column.type, column.nullable) == (kind, nullable)


def test_caller_can_allow_missing_values_training_never_saw() -> None:
    column = only([1, 2], nullable=["c"])
    assert column.nullable
    assert column.missing_share is None
    with pytest.raises(BadInputError, match="Did you mean 'c'"):
        only([1, 2], nullable=["cc"])


def test_a_column_with_many_distinct_texts_lists_no_categories() -> None:
    assert only([f"t{i}" for i in range(100)]).categories is not None
    assert only([f"t{i}" for i in range(101)]).categories is None


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame({"a": []}), "no rows"),
        (pd.DataFrame(index=[1]), "no columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "more than once: a"),
        (pd.DataFrame([[1, 2]]), "not strings"),
        (pd.DataFrame({"a": [1, "secret"], "b": ["x", 2.5], "c": [1, 2]}, dtype=object), "mix types: a, b"),
        (pd.DataFrame({"a": [[1], [2]]}), "nested values: a"),
        (pd.DataFrame({"a": [{"k": 1}, None]}), "nested values: a"),
        (pd.DataFrame({"a": pd.Series([None, None], dtype=object)}), "only missing values.*: a"),
        (pd.DataFrame({"a": [1j]}), r"JSON does not have: a \(complex128\)"),
        (pd.DataFrame({"a": pd.to_timedelta([1], unit="s")}), "JSON does not have: a"),
    ],
)
def test_frames_that_cannot_be_served_are_refused_by_column(frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(BadInputError, match=says) as caught:
        infer_schema(frame)
    assert "secret" not in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize("other", [{}, {"columns": 3}, {"columns": [{"name": "a", "type": "bytes"}]}])
def test_something_else_is_not_read_as_a_schema(other: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match="not a schema"):
        Schema.from_dict(other)
