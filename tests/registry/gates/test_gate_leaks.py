"""Answers among the features, rows on both sides, answers that are none, time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from conftest import Told, prepared, told
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from jupyter_mlops.registry.evidence import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.registry.gates import Rules


def with_feature(case: Told, **columns: Any) -> Told:
    rows = case.evidence.training
    return case.but(training=replace(rows, features=rows.features.assign(**columns)))


def truth(case: Told) -> pd.Series[Any]:
    assert case.evidence.training.target is not None
    return case.evidence.training.target


def test_real_rows_have_no_answer_among_their_features(line: Told, species: Told, mass: Told) -> None:
    for case in (line, species, mass):
        found = case.gates(of="leakage")
        assert found["target leak"].outcome == "passed"
        assert found["single feature"].outcome == "passed"
    assert line.gate("single feature").figure == "relationship alone has AUC 0.781"


def test_the_answer_in_other_words_or_units_fails(line: Told, mass: Told) -> None:
    income = truth(line)
    for copy in (income, income == ">50K", income.map({"<=50K": 7.5, ">50K": -1}), income.map({">50K": 1.0})):
        found = with_feature(line, copy=copy).gate("target leak")
        assert (found.outcome, found.details["columns"]) == ("failed", ["copy"])
    grams = truth(mass)
    for scaled in (grams, grams / 1000, np.log(grams), -grams):
        assert with_feature(mass, kilos=scaled).gate("target leak").outcome == "failed"


def test_a_feature_that_tells_nearly_all_warns(line: Told, mass: Told, species: Told) -> None:
    rng = np.random.default_rng(0)
    paid = np.where(truth(line) == ">50K", rng.uniform(50, 90, 6000), rng.uniform(1, 50, 6000))
    found = with_feature(line, paid=paid).gate("single feature")
    assert (found.outcome, found.figure) == ("warned", "alone nearly perfect: paid (AUC 1)")
    far = np.where(truth(line) == ">50K", 5, rng.choice([1, 9], 6000))  # neither above nor below
    assert with_feature(line, far=far).gate("single feature").outcome == "warned"
    asked = pd.Series(np.where(truth(line) == ">50K", None, "x"), index=truth(line).index)  # missing tells it
    assert with_feature(line, asked=asked).gate("single feature").outcome == "warned"
    near = truth(mass) + rng.normal(0, 1, len(truth(mass)))
    assert with_feature(mass, near=near).gate("single feature").outcome == "warned"
    code = truth(species).str[:3] + pd.Series(
        rng.choice(["-1", "-2"], len(truth(species))), truth(species).index
    )
    assert with_feature(species, code=code).gate("single feature").outcome == "warned"


def test_an_identifier_tells_nothing(line: Told) -> None:
    ids = [f"person {place}" for place in range(6000)]
    found = with_feature(line, id=ids, number=np.arange(6000)).gate("single feature")
    assert found.outcome == "passed"


def test_few_or_no_answers_are_said(line: Told, rules: Callable[[str], Rules]) -> None:
    rows = line.evidence.training
    few = line.but(training=replace(rows, features=rows.features[:15], target=truth(line)[:15]))
    assert few.gate("target leak").outcome == few.gate("single feature").outcome == "skipped"
    blind = line.but(training=replace(rows, target=None))
    assert blind.gate("target leak").outcome == "passed"  # by the hold-out
    nothing = blind.but(holdout=None)
    assert nothing.gate("target leak").outcome == "skipped"
    assert nothing.gate("target leak", rules("leakage: {}")).outcome == "failed"


def test_rows_on_both_sides_are_counted(line: Told, rules: Callable[[str], Rules]) -> None:
    assert line.gate("duplicate rows").outcome == "passed"
    holdout, training = line.evidence.holdout, line.evidence.training
    assert holdout is not None
    mixed = pd.concat(
        [holdout.features[:900], training.features[:100].astype({"age": float, "sex": "category"})]
    )
    found = line.but(holdout=Rows(mixed, None, "X_test")).gate("duplicate rows")
    assert found.outcome == "warned"
    assert found.details["rows"] in {100, 101}
    assert found.figure.startswith("10 % of the rows of X_test stand in X_train, too")
    loose = rules("leakage: {duplicates_share: 0.2}")
    assert line.but(holdout=Rows(mixed, None, "X_test")).gate("duplicate rows", loose).outcome == "passed"


def test_a_hold_out_that_was_trained_on_fails(line: Told) -> None:
    found = line.but(holdout=line.evidence.training).gate("duplicate rows")
    assert (found.outcome, found.details["share"]) == ("failed", 1.0)


def test_no_hold_out_or_other_columns_cannot_be_compared(line: Told) -> None:
    assert line.but(holdout=None).gate("duplicate rows").outcome == "skipped"
    other = Rows(pd.DataFrame({"x": [1]}), None, "X_test")
    assert line.but(holdout=other).gate("duplicate rows").outcome == "skipped"


def test_answers_that_are_all_alike_fail(line: Told, mass: Told) -> None:
    assert line.gate("different answers").figure == "2 different labels"
    rows = line.evidence.training
    always = DummyClassifier().fit(rows.features, rows.target)
    assert line.but(model=always).gate("different answers").outcome == "failed"
    same = DummyRegressor().fit([[0]], [4000.0])
    assert mass.but(model=same).gate("different answers").figure == "always the same answer"
    assert line.but(holdout=None).gate("different answers").outcome == "skipped"


def test_a_threshold_that_no_row_reaches_warns(line: Told) -> None:
    rows = line.evidence.training
    shy = prepared(LogisticRegression(C=1e-6)).fit(rows.features, rows.target)
    found = line.but(model=shy).gate("different answers")
    assert (found.outcome, found.figure.split(",")[0]) == ("warned", "always the same label")


def test_answers_that_are_none_fail(mass: Told) -> None:
    class Lost:
        def predict(self, rows: pd.DataFrame) -> Any:
            return np.where(np.arange(len(rows)) == 3, np.inf, 4000.0)

    found = mass.but(model=Lost()).gates()
    assert found["different answers"].figure == "1 of 86 predictions are missing or not finite"
    assert found["different answers"].outcome == "failed"
    assert found["champion"].outcome == found["slices"].outcome == "skipped"


def test_training_rows_may_not_be_far_ahead(line: Told, mass: Told, rules: Callable[[str], Rules]) -> None:
    assert line.gate("training gap").outcome == mass.gate("training gap").outcome == "passed"
    rows = line.evidence.training
    noise = pd.Series(np.random.default_rng(0).choice(["a", "b"], len(rows.features)), rows.features.index)
    learnt = prepared(RandomForestClassifier(10, random_state=0)).fit(rows.features[:900], noise[:900])
    holdout = Rows(rows.features[900:], noise[900:], "X_test")
    overfit = told(learnt, "classification", Rows(rows.features[:900], noise[:900], "X_train"), holdout)
    found = overfit.gate("training gap")
    assert (found.outcome, found.details["metric"]) == ("warned", "auc")
    assert overfit.gate("training gap", rules("sanity: {max_train_gap: 0.9}")).outcome == "passed"
    assert overfit.gate("training gap", rules("sanity: block")).outcome == "failed"
    assert line.but(holdout=None).gate("training gap").outcome == "skipped"


def test_results_too_good_to_be_true_warn(line: Told) -> None:
    rows = line.evidence.training
    easy = rows.features[["age"]].assign(age=np.where(truth(line) == ">50K", 1, 0))
    model = LogisticRegression().fit(easy, truth(line))
    held = told(
        model,
        "classification",
        Rows(easy[:4000], truth(line)[:4000], "a"),
        Rows(easy[4000:], truth(line)[4000:], "b"),
    )
    assert "too good to be true?" in held.gate("training gap").figure


def test_predictions_have_a_longest_time(mass: Told, rules: Callable[[str], Rules]) -> None:
    found = mass.gate("latency")
    assert found.outcome == "passed"
    assert set(found.details["rows"]) == {"1", "1000"}
    slow = mass.gate("latency", rules("latency: {p95_ms: 0.001, rows: 20}"))
    assert slow.outcome == "failed"
    assert set(slow.details["rows"]) == {"1", "20", "1000"}


def test_a_slow_model_is_measured_a_few_times_and_one_that_fails_not_at_all(mass: Told) -> None:
    class Slow:
        def predict(self, rows: pd.DataFrame) -> Any:
            time.sleep(0.3)
            return np.arange(len(rows), dtype=float)

    found = mass.but(model=Slow()).gate("latency")
    assert found.details["rows"]["1"]["times"] < 10
    assert mass.but(model=object()).gate("latency").outcome == "skipped"


def test_a_gate_that_is_off_says_so(line: Told, rules: Callable[[str], Rules]) -> None:
    off = line.gate("target leak", rules("leakage: off"))
    assert (off.outcome, off.figure) == ("skipped", "turned off in the gate file")
