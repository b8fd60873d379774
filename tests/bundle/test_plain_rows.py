"""One row of plain values is read in one look; it is taken in the shape of its own form, and in no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_mlops.bundle.runtime.batch import Batch
from jupyter_mlops.bundle.runtime.problems import BadRequest
from jupyter_mlops.bundle.runtime.protocols import mlflow
from jupyter_mlops.bundle.runtime.schema import Column, Schema

SCHEMA = Schema([Column("size", "number", False, "float64"), Column("town", "string", True, "str")])
CELLS: list[Any] = [1.5, None]
RECORD = {"town": None, "size": 1.5}
SPLIT = {"columns": ["size", "town"], "data": [CELLS]}


def read(form: str, sent: Any) -> Any:
    return mlflow.read(json.dumps({form: sent}).encode(), "application/json", SCHEMA).batch


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("dataframe_split", SPLIT),
        ("dataframe_records", [RECORD]),
        ("instances", [RECORD]),
        ("instances", [CELLS]),
    ],
)
def test_the_row_is_kept_as_it_came(form: str, sent: Any) -> None:
    batch = read(form, sent)
    assert batch.row == CELLS
    assert batch.values == [[1.5], [None]]


@pytest.mark.parametrize(
    ("form", "sent", "path"),
    [
        ("instances", SPLIT, "$.instances"),
        ("dataframe_records", SPLIT, "$.dataframe_records"),
        ("dataframe_records", [CELLS], "$.dataframe_records[0]"),
        ("dataframe_split", [CELLS], "$.dataframe_split"),
        ("dataframe_split", {**SPLIT, "data": [RECORD]}, "$.dataframe_split.data[0]"),
    ],
)
def test_a_row_in_the_shape_of_another_form_is_refused(form: str, sent: Any, path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(form, sent)
    assert (refused.value.code, refused.value.path) == ("BAD_FORMAT", path)


def test_a_packed_row_gives_its_values_again() -> None:
    for cells in ([1.5, None], [-0.0, "Turku"], [2, "é"]):
        batch = Batch.of_row(SCHEMA, list(cells))
        batch.pack()
        assert (batch.row, batch.rows) == (None, 1)
        assert batch.values == [[cells[0]], [cells[1]]]
        assert batch.array(0).tolist() == [cells[0]]
    batch = Batch.of_row(SCHEMA, [None, "Turku"])
    batch.pack()
    assert batch.row == [None, "Turku"]  # a missing number has no place in float64


@pytest.mark.parametrize("wrong", [True, "1.5", None, [1.5]])
def test_a_column_of_many_numbers_takes_nothing_else(wrong: Any) -> None:
    cells: list[Any] = [float(number) for number in range(2, 60)]
    whole = read("inputs", {"size": [*cells, 7], "town": ["Turku"] * 59})
    assert whole.array(0).tolist() == [*cells, 7.0]
    with pytest.raises(BadRequest) as refused:
        read("inputs", {"size": [*cells, wrong], "town": ["Turku"] * 59})
    assert refused.value.path == "$.inputs.size[58]"
