"""Groups for which a model does worse, and groups of people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from conftest import Told, prepared, told
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from sklearn.linear_model import LogisticRegression

from jupyter_mlops.registry.evidence import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.gates import Rules


class Rule:
    """A model that answers as its column `said`."""

    classes_ = np.array([0, 1])

    def predict(self, rows: pd.DataFrame) -> Any:
        return rows["said"].to_numpy()


def planted(rows: int, seed: int, *, bad: float = 0.45) -> Told:
    """One answer in ten is wrong; `bad` of those of young people in the north, whatever the other columns."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "region": rng.choice(["north", "south", "east", None], rows),
            "sex": rng.choice(["f", "m"], rows),
            **{f"noise {place}": rng.normal(size=rows) for place in range(5)},
        }
    )
    truth = rng.integers(0, 2, rows)
    hard = (frame["age"] < 30) & (frame["region"] == "north")
    wrong = rng.random(rows) < np.where(hard, bad, 0.1)
    frame["said"] = np.where(wrong, 1 - truth, truth)
    held = Rows(frame, pd.Series(truth), "X_test")
    return told(Rule(), "classification", held, held)


def test_a_planted_group_is_found_and_said_in_words() -> None:
    found = planted(8000, 0).gate("slices")
    assert found.outcome == "warned"
    name = found.details["groups"][0]["name"]
    assert name.startswith("age ≤ 2")
    assert name.endswith(" and region = north")
    assert 0.5 < found.details["groups"][0]["value"] < 0.65


def test_noise_is_no_group() -> None:
    """Twenty data sets whose errors have no pattern: hardly one may be reported."""
    found = [planted(1000, seed, bad=0.1).gate("slices").outcome for seed in range(20)]
    assert found.count("passed") >= 19


def test_the_file_can_block_and_can_name_columns(rules: Callable[[str], Rules]) -> None:
    case = planted(8000, 0)
    assert case.gate("slices", rules("slices: {}")).outcome == "failed"
    assert case.gate("slices", rules("slices: {max_gap: 0.6}")).outcome == "passed"
    by_region = case.gate("slices", rules("slices: {columns: [region, age], max_gap: 0.05}"))
    assert by_region.outcome == "failed"
    groups = {group["name"]: group for group in by_region.details["groups"]}
    assert {"region = north", "region = missing", "age = up to 30"} <= set(groups)
    assert [name for name, group in groups.items() if group["is_bad"]] == ["region = north", "age = up to 30"]
    assert groups["region = north"]["rows"] == (case.evidence.training.features["region"] == "north").sum()


def test_a_column_that_is_not_there_or_no_group_cannot_be_looked_at(
    line: Told, rules: Callable[[str], Rules]
) -> None:
    assert "Did you mean 'sex'?" in line.gate("slices", rules("slices: {columns: [sexx]}")).figure
    words = line.but(holdout=with_ids(line))
    free = words.gate("slices", rules("slices: {columns: [id]}"))
    assert (free.outcome, "too many different values" in free.figure) == ("failed", True)
    assert line.gate("slices", rules("slices: {columns: [sex], min_rows: 9999}")).outcome == "failed"


def test_few_rows_and_no_rows_are_said(species: Told) -> None:
    assert "too few to find groups" in species.gate("slices").figure
    assert species.but(holdout=None).gate("slices").outcome == "skipped"


def test_errors_of_numbers_are_compared_with_those_of_all_rows() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"kind": rng.choice(["a", "b", "c"], 4000)})
    truth = pd.Series(rng.normal(100, 10, 4000))
    frame["said"] = truth + rng.normal(0, 1, 4000) * np.where(frame["kind"] == "c", 4, 1)
    held = Rows(frame, truth, "X_test")
    found = told(Rule(), "regression", held, held).gate("slices")
    assert found.outcome == "warned"
    assert "kind = c" in found.details["groups"][0]["name"]
    assert found.details["groups"][0]["gap"] == pytest.approx(1.2, abs=0.3)


def test_differences_between_groups_are_those_of_fairlearn(line: Told, rules: Callable[[str], Rules]) -> None:
    holdout, model = line.evidence.holdout, line.evidence.model
    assert holdout is not None
    assert holdout.target is not None
    truth, said = holdout.target == ">50K", model.predict(holdout.features) == ">50K"
    for metric, function in (
        ("demographic_parity", demographic_parity_difference),
        ("equalized_odds", equalized_odds_difference),
    ):
        found = line.gate("fairness: sex", rules(f"fairness: {{columns: [sex], metric: {metric}}}"))
        wanted = function(truth, said, sensitive_features=holdout.features["sex"])
        assert found.details["difference"] == pytest.approx(wanted)
        assert set(found.details["groups"]) == {"Male", "Female"}
        assert found.outcome == ("failed" if wanted > 0.1 else "passed")


def test_columns_called_like_people_are_found(line: Told, species: Told, mass: Told) -> None:
    found = line.gates(of="fairness")
    assert {name for name in found if name.startswith("fairness")} == {"fairness: sex", "fairness: race"}
    assert found["fairness: sex"].outcome in {"passed", "warned"}
    assert species.gate("fairness: Sex").details["metric"] == "accuracy"
    assert mass.gate("fairness: Sex").details["metric"] == "mae"


def test_a_model_that_answers_all_alike_is_fair(line: Told, rules: Callable[[str], Rules]) -> None:
    case = planted(4000, 0, bad=0.1)
    assert case.gate("fairness: sex").outcome == "passed"
    few = case.but(holdout=rows_of(case, 130))
    found = few.gate("fairness: sex", rules("fairness: {columns: [sex], max_difference: 0.001}"))
    assert found.outcome == "warned"
    assert found.figure.endswith("too few rows to be sure")


def test_a_group_that_the_model_does_not_know_is_looked_at(line: Told) -> None:
    training = line.evidence.training
    blind = prepared(LogisticRegression(max_iter=500)).fit(
        training.features.drop(columns=["sex", "race"]), training.target
    )
    found = line.but(model=blind)
    assert found.gate("fairness: sex").outcome in {"passed", "warned"}
    assert found.gate("training gap").outcome == found.gate("latency").outcome == "passed"


def test_groups_that_cannot_be_compared_say_why(
    line: Told, mass: Told, rules: Callable[[str], Rules]
) -> None:
    wrong = mass.gates(rules("fairness: {columns: [Sex, Island], metric: equalized_odds}"), of="fairness")
    assert wrong["fairness: Sex"].outcome == wrong["fairness: Island"].outcome == "failed"
    assert "needs a classification with two classes" in wrong["fairness: Sex"].figure
    found = line.gate("fairness: gender", rules("fairness: {columns: [gender]}"))
    assert (found.outcome, found.figure) == ("failed", "X_test has no column 'gender'.")
    plain = line.evidence.holdout
    assert plain is not None
    nobody = replace(plain, features=plain.features.drop(columns=["sex", "race"]))
    assert line.but(holdout=nobody).gate("fairness").outcome == "skipped"
    assert line.but(holdout=rows_of(line, 20)).gate("fairness: sex").outcome == "skipped"


def rows_of(case: Told, count: int) -> Rows:
    held = case.evidence.holdout
    assert held is not None
    assert held.target is not None
    return replace(held, features=held.features[:count], target=held.target[:count])


def with_ids(case: Told) -> Rows:
    held = case.evidence.holdout
    assert held is not None
    return replace(
        held, features=held.features.assign(id=[f"p{place}" for place in range(len(held.features))])
    )
