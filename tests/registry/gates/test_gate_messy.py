"""Whatever the rows and the model are: all gates answer, none raises, and no value of the data is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Told, prepared, told
from sklearn.linear_model import Ridge

from jupyter_mlops.registry.evidence import Rows
from jupyter_mlops.registry.gates import Rules, run_gates

NAMES = {
    *(
        "reproduced",
        "metrics",
        "champion",
        "slices",
        "drift",
        "target leak",
        "single feature",
        "duplicate rows",
    ),
    *("different answers", "training gap", "latency", "size", "approval"),
}


class Guess:
    """A model that knows as much as its first column."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = np.array(answers)

    def predict(self, rows: pd.DataFrame) -> Any:
        return self.answers[np.arange(len(rows)) % len(self.answers)]


def messy(rows: int) -> pd.DataFrame:
    """A column of each kind that notebooks have, missing cells included."""
    rng = np.random.default_rng(0)
    places = np.arange(rows)
    frame = pd.DataFrame(
        {
            "float": np.where(places % 7 == 0, np.nan, rng.normal(size=rows)),
            "infinite": np.where(places % 9 == 0, np.inf, 1.0),
            "int": pd.array(np.where(places % 5 == 0, None, places), dtype="Int64"),
            "bool": places % 2 == 0,
            "maybe": pd.array(np.where(places % 5 == 0, None, places % 2 == 0), dtype="boolean"),
            "text": [None if place % 6 == 0 else f"t{place % 4}" for place in places],
            "category": pd.Categorical(np.where(places % 3 == 0, "secret-a", "secret-b")),
            "ordered": pd.Categorical(places % 3, ordered=True),
            "time": pd.Timestamp("2026-01-01") + pd.to_timedelta(places, "h"),
            "zone": pd.Timestamp("2026-01-01", tz="Europe/Berlin") + pd.to_timedelta(places, "h"),
            "span": pd.to_timedelta(places, "s"),
            "period": pd.period_range("2000-01", periods=rows, freq="M"),
            "mixed": [("x", 1, 2.5, None)[place % 4] for place in places],
            "lists": [[place] for place in places],
            "empty": np.full(rows, np.nan),
            "sparse": pd.arrays.SparseArray(np.where(places % 10 == 0, 1.0, 0.0)),
            "complex": places + 1j,
            3: places,
            "Sex": np.where(places % 2 == 0, "f", "m"),
        }
    )
    frame.index = pd.Index(np.zeros(rows, int))
    return frame


TARGETS = {
    "texts": lambda rows: pd.Series(np.where(np.arange(rows) % 3 == 0, "yes", "no")),
    "missing": lambda rows: pd.Series([None if place % 4 == 0 else "ab"[place % 2] for place in range(rows)]),
    "booleans": lambda rows: pd.Series(np.arange(rows) % 2 == 0),
    "many": lambda rows: pd.Series([f"class {place % 30}" for place in range(rows)]),
    "one": lambda rows: pd.Series(["same"] * rows),
    "rare": lambda rows: pd.Series(np.where(np.arange(rows) == 0, 1, 0)),
    "none": lambda rows: pd.Series([None] * rows, dtype=object),
    "categories": lambda rows: pd.Series(pd.Categorical(np.where(np.arange(rows) % 3 == 0, 2, 1))),
}


@pytest.mark.parametrize("rows", [1, 20, 400])
@pytest.mark.parametrize("kind", TARGETS)
def test_every_gate_answers_for_any_rows(kind: str, rows: int) -> None:
    frame, target = messy(rows), TARGETS[kind](rows)
    model = Guess([label for label in target if label is not None][:7] or ["?"])
    told_rows = Rows(frame, target, "X_train"), Rows(frame[rows // 2 :], target[rows // 2 :], "X_test")
    answered(told(model, "classification", *told_rows).against(Guess(["no", "ab"]), frame[: rows // 2 + 1]))


@pytest.mark.parametrize("rows", [1, 20, 400])
def test_every_gate_answers_for_numbers(rows: int) -> None:
    target = pd.Series(np.where(np.arange(rows) % 5 == 0, np.nan, np.arange(rows)), dtype="Float64")
    told_rows = Rows(messy(rows), target, "X_train"), Rows(messy(rows), target, "X_test")
    answered(told(Guess([1.0, 2.0]), "regression", *told_rows).against(Guess([3]), messy(rows)))
    words = answered(told(Guess(["a"]), "regression", *told_rows))["slices"].figure
    assert words == (
        "X_test has no rows with an answer" if rows == 1 else "the predicted answers are not numbers"
    )


def test_house_prices_go_through_all_gates(houses: Told) -> None:
    rows = houses.evidence.training
    numbers = rows.features.select_dtypes("number").columns
    plain = prepared(Ridge()).fit(rows.features[numbers], rows.target)
    found = answered(houses.against(plain, rows.features[::2]))
    outcomes = {name: gate.outcome for name, gate in found.items()}
    assert outcomes.pop("champion") == "passed"
    assert outcomes.pop("slices") in {"passed", "warned"}
    assert {name for name, outcome in outcomes.items() if outcome == "skipped"} == {
        "metrics", "fairness", "approval",
    }  # fmt: skip
    assert set(outcomes.values()) == {"passed", "skipped"}
    leaking = replace(rows, features=rows.features.assign(tax=rows.target * 0.012))
    assert houses.but(training=leaking).gate("target leak").figure == "the answer stands in tax"


def test_a_model_that_raises_is_told_by_its_kind_of_error_only() -> None:
    class Broken:
        def predict(self, rows: pd.DataFrame) -> Any:
            raise ValueError(f"cannot read {rows['category'].iloc[0]}")

    rows = Rows(messy(400), TARGETS["texts"](400), "X_test")
    found = answered(told(Broken(), "classification", rows, rows).against(Broken(), messy(400)))
    assert found["slices"].figure == "predict() of the model fails on these rows (ValueError)"


def test_answers_of_odd_shapes_are_refused() -> None:
    rows = Rows(messy(400), TARGETS["texts"](400), "X_test")
    for answer in (lambda frame: [[1, 2]] * len(frame), lambda frame: 1, lambda frame: ["yes"]):
        model = Guess(["yes"])
        model.predict = answer  # type: ignore[method-assign]
        assert answered(told(model, "classification", rows, rows))["different answers"].outcome == "skipped"
    lengths = told(Guess(["yes"]), "classification", rows, replace(rows, target=TARGETS["texts"](9)))
    assert "400 rows and 9 answers" in answered(lengths)["different answers"].figure


def test_labels_that_only_look_alike_are_told(line: Told) -> None:
    held = line.evidence.holdout
    assert held is not None
    assert held.target is not None
    numbers = replace(held, target=held.target.map({"<=50K": 0, ">50K": 1}))
    found = line.but(holdout=numbers)
    for name in ("champion", "slices", "different answers"):
        told_of = found.against(line.evidence.model).gate(name)
        assert told_of.outcome in {"skipped", "warned"}
        assert "other labels" in told_of.figure


def test_progress_goes_from_nothing_to_all(mass: Told) -> None:
    told_of: list[tuple[str, float]] = []
    run_gates(mass.evidence, Rules(), progress=lambda text, share: told_of.append((text, share)))
    shares = [share for _, share in told_of]
    assert shares == sorted(shares)
    assert (shares[0], told_of[2][0]) == (0.0, "gate: champion")
    assert shares[-1] < 1


def answered(case: Told) -> dict[str, Any]:
    """All gates are there, as plain data, and say one line without values."""
    found = case.gates()
    assert set(found) >= NAMES
    for gate in found.values():
        assert gate.figure
        assert "\n" not in gate.figure
        if gate.outcome == "skipped":
            assert "secret" not in gate.figure
        assert "could not be computed" not in gate.figure, (gate.name, gate.figure)
        json.dumps(gate.details, allow_nan=False)
    return found
