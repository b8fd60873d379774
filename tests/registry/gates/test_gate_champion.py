"""A champion is compared on the same rows, and its training data with the new one's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import Told, champion, prepared
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.gates import Rules


def test_a_better_model_passes_with_an_interval(line: Told, stump: Any) -> None:
    found = line.against(stump).gate("champion")
    assert found.outcome == "passed"
    shape = r"auc 0\.\d{3}, champion 0\.\d{3}: \+0\.\d{3} \(95 % 0\.\d{3} to 0\.\d{3}\)"
    assert re.fullmatch(shape, found.figure)
    assert found.details["low"] > 0.05
    assert found.details["low"] < found.details["difference"] < found.details["high"]
    assert line.against(stump).gate("champion") == found  # the same seed


def test_a_worse_model_fails(line: Told, stump: Any) -> None:
    found = replace_model(line, stump).against(line.evidence.model).gate("champion")
    assert found.outcome == "failed"
    assert "−0." in found.figure
    assert "worse by more than 0.005" in found.figure


def test_the_same_model_is_not_worse_and_not_better(
    line: Told, mass: Told, rules: Callable[[str], Rules]
) -> None:
    for each in (line, mass):
        same = each.against(each.evidence.model)
        assert same.gate("champion").outcome == "passed"
        assert same.gate("champion", rules("champion: {better: true}")).outcome == "failed"


def test_few_rows_leave_it_open(line: Told, rules: Callable[[str], Rules]) -> None:
    rows = line.evidence.training
    assert rows.target is not None
    other = prepared(LogisticRegression(max_iter=500)).fit(rows.features[:1000], rows.target[:1000])
    holdout = line.evidence.holdout
    assert holdout is not None
    assert holdout.target is not None
    few = replace(holdout, features=holdout.features[:100], target=holdout.target[:100])
    small = line.but(holdout=few, model=other).against(line.evidence.model)
    found = small.gate("champion")
    assert found.outcome == "warned"
    assert "100 rows leave open if it is worse by more than 0.005" in found.figure
    assert small.gate("champion", rules("champion: {must_be_shown: true}")).outcome == "failed"
    assert small.gate("champion", rules("champion: {not_worse_by: 0.5}")).outcome == "passed"


def test_the_file_says_which_metric(line: Told, stump: Any, rules: Callable[[str], Rules]) -> None:
    found = line.against(stump).gates(
        rules("champion: {metric: log_loss, resamples: 200, better: true}"), of="champion"
    )
    gate = found["champion"]
    assert gate.outcome == "passed"
    assert gate.figure.startswith("log_loss 0.")
    assert (gate.details["resamples"], gate.details["higher_is_better"]) == (200, False)
    assert gate.details["high"] < 0
    wrong = line.against(stump).gate("champion", rules("champion: {metric: rmse}"))
    assert wrong.outcome == "failed"
    assert "metric of regression" in wrong.figure


def test_errors_are_better_when_smaller(mass: Told, flat: Any) -> None:
    better = mass.against(flat).gate("champion")
    assert (better.outcome, better.details["metric"]) == ("passed", "rmse")
    assert better.details["high"] < 0
    worse = replace_model(mass, flat).against(mass.evidence.model).gate("champion")
    assert worse.outcome == "failed"


def test_rows_of_one_person_count_once(line: Told, stump: Any, rules: Callable[[str], Rules]) -> None:
    holdout = line.evidence.holdout
    assert holdout is not None
    assert holdout.target is not None
    features = pd.concat([holdout.features[:300]] * 5).assign(person=np.tile(np.arange(300), 5))
    many = replace(holdout, features=features, target=pd.concat([holdout.target[:300]] * 5))
    told = line.but(holdout=many).against(stump)
    alone = told.gate("champion").details
    together = told.gate("champion", rules("champion: {clusters: person}")).details
    assert together["clusters"] == 300
    assert together["high"] - together["low"] > 1.8 * (alone["high"] - alone["low"])
    lost = told.gate("champion", rules("champion: {clusters: persn}"))
    assert lost.outcome == "failed"
    assert "Did you mean 'person'?" in lost.figure


def test_without_a_champion_there_is_nothing_to_compare(line: Told, rules: Callable[[str], Rules]) -> None:
    asked = rules("champion: {better: true}\ndrift: {}")
    for name in ("champion", "drift"):
        found = line.gate(name, asked)
        assert (found.outcome, found.figure) == ("skipped", "there is no champion yet")


def test_a_champion_that_cannot_answer_is_compared_as_recorded(
    line: Told, stump: Any, rules: Callable[[str], Rules]
) -> None:
    pickled = line.but(champion=champion(None, why="it is a pickle", auc=0.85)).gate("champion")
    assert pickled.outcome == "warned"
    assert pickled.figure == ("it is a pickle; as recorded, perhaps of other rows: auc 0.900, champion 0.850")
    assert line.against(None).gate("champion").outcome == "skipped"
    asked = rules("champion: {better: true}")
    unknown = line.but(champion=champion(None, why="it is a pickle", auc=0.85)).gate("champion", asked)
    assert (unknown.outcome, unknown.figure) == ("failed", pickled.figure)
    broken = line.against(object(), auc=0.85).gate("champion")
    assert broken.figure.startswith("predict() of the champion fails on these rows (AttributeError);")
    holdout = line.evidence.holdout
    assert holdout is not None
    narrow = replace(holdout, features=holdout.features.drop(columns="age"))
    lost = line.but(holdout=narrow).against(stump, auc=0.85).gate("champion")
    assert lost.outcome == "warned"
    assert lost.figure.startswith("the champion needs columns that are not among the rows: age;")


def test_a_champion_with_fewer_columns_or_other_labels(line: Told) -> None:
    rows = line.evidence.training
    assert rows.target is not None
    narrow = LogisticRegression(max_iter=500).fit(rows.features[["age", "fnlwgt"]], rows.target)
    assert line.against(narrow).gate("champion").outcome == "passed"
    numbers = LogisticRegression(max_iter=500).fit(rows.features[["age"]], rows.target == ">50K")
    found = line.against(numbers).gate("champion")
    assert (found.outcome, found.figure.split(";")[0]) == (
        "skipped",
        "the champion answers with other labels",
    )


@pytest.mark.parametrize("level", ["warn", "block"])
def test_training_data_that_has_moved_is_said(line: Told, rules: Callable[[str], Rules], level: str) -> None:
    now = line.evidence.training.features
    old = now.assign(age=now["age"] + 10)
    found = line.against(None, old).gate("drift", rules(f"drift: {{level: {level}}}"))
    assert found.outcome == {"warn": "warned", "block": "failed"}[level]
    assert found.figure == "1 of 14 columns drifts: age, against the champion's training data"
    assert found.details["columns"][0]["column"] == "age"


def test_training_data_that_has_not_moved_passes(line: Told, rules: Callable[[str], Rules]) -> None:
    now = line.evidence.training.features
    assert line.against(None, now.copy()).gate("drift").figure.startswith("the same 6,000 training rows")
    half = line.against(None, now[::2]).gate("drift")
    assert half.outcome == "passed"
    assert half.figure.startswith("no drift in 14 columns")
    moved = line.against(None, now.assign(age=0))
    assert moved.gate("drift", rules("drift: {columns: [sex]}")).outcome == "passed"
    assert moved.gate("drift", rules("drift: {columns: [sexx]}")).outcome == "failed"


def test_training_data_that_is_not_kept_cannot_be_compared(line: Told, rules: Callable[[str], Rules]) -> None:
    assert line.against(None).gate("drift").outcome == "skipped"
    assert line.against(None).gate("drift", rules("drift: block")).outcome == "failed"
    other = pd.DataFrame({"x": [1.0]})
    assert line.against(None, other).gate("drift").outcome == "skipped"


def replace_model(told: Told, model: Any) -> Told:
    return told.but(model=model)
