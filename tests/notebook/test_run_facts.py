"""What makes a cell a run, found without a word from the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

DATA = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
X = pd.DataFrame({"a": np.arange(20.0), "b": np.tile([0.0, 1.0], 10)})
y = (X["a"] > 9).astype(int)
"""


@pytest.fixture
def census(notebook: TrackedShell) -> TrackedShell:
    assert notebook.run(DATA).run is None
    return notebook


def test_a_literal_is_a_parameter_and_a_computed_number_a_metric(census: TrackedShell) -> None:
    facts = census.run_facts(
        "depth = 2\nname = 'tree'\nflag = True\n"
        "tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)\n"
        "accuracy = tree.score(X, y)\nscores = {'f1': np.float32(0.5), 'n': 3}\ngood = accuracy > 0.5"
    )
    assert facts.params == {
        "depth": "2", "name": "tree", "flag": "True",
        "estimator": "DecisionTreeClassifier", "max_depth": "2", "random_state": "0",
    }  # fmt: skip
    assert facts.metrics == {"accuracy": 1.0, "scores.f1": 0.5, "scores.n": 3.0}


def test_a_number_that_is_shown_is_a_metric_under_the_name_of_its_call(census: TrackedShell) -> None:
    census.run("model = Ridge().fit(X, y)")
    assert set(census.run_facts("model.score(X, y)").metrics) == {"score"}
    assert set(census.run_facts("%time round(model.score(X, y), 3)").metrics) == {"score"}


def test_only_what_is_not_default_is_a_parameter_of_an_estimator(census: TrackedShell) -> None:
    facts = census.run_facts(
        "model = make_pipeline(StandardScaler(with_mean=False), Ridge(alpha=np.logspace(0, 1, 2)[1]))\n"
        "model.fit(X, y);"
    )
    assert facts.params == {"estimator": "Ridge", "alpha": "10.0", "standardscaler.with_mean": "False"}


def test_a_step_that_is_passed_through_is_no_parameter(census: TrackedShell) -> None:
    facts = census.run_facts("model = make_pipeline('passthrough', Ridge(alpha=2)).fit(X, y)")
    assert facts.params == {"estimator": "Ridge", "alpha": "2"}


def test_parameters_of_two_estimators_are_kept_apart(census: TrackedShell) -> None:
    facts = census.run_facts("a = Ridge(alpha=2).fit(X, y)\nb = Ridge(alpha=3).fit(X, y)")
    assert (facts.params["a.alpha"], facts.params["b.alpha"]) == ("2", "3")


def test_a_parameter_that_is_an_array_or_not_a_number_does_not_disturb(census: TrackedShell) -> None:
    facts = census.run_facts(
        "from sklearn.naive_bayes import GaussianNB\nfrom sklearn.impute import SimpleImputer\n"
        "model = make_pipeline(SimpleImputer(), GaussianNB(priors=np.array([0.5, 0.5]))).fit(X, y)"
    )
    assert facts.params == {"estimator": "GaussianNB"}


def test_what_was_read_is_its_data(census: TrackedShell) -> None:
    facts = census.run_facts("weights = np.ones(20)\nmodel = Ridge().fit(X, y)\nmodel.predict(X);")
    found = {data.name: (data.kind, data.rows, data.columns) for data in facts.datasets}
    assert found == {"X": ("frame", 20, ("a", "b")), "y": ("series", 20, ("a",))}
    assert all(len(data.digest) == 32 for data in facts.datasets)


def test_data_that_the_fitting_cell_made_itself_is_its_data_too(census: TrackedShell) -> None:
    facts = census.run_facts("train = X.head(15)\nmodel = Ridge().fit(train, y.head(15))")
    assert "train" in {data.name for data in facts.datasets}


def test_fitting_is_told_from_scoring(census: TrackedShell) -> None:
    fitted = census.run_facts("model = Ridge()\nmodel.fit(X, y)").estimators
    scored = census.run_facts("r2 = model.score(X, y)").estimators
    assert [(e.name, e.kind, e.fitted_here, e.fit_on) for e in fitted] == [("model", "Ridge", True, "X")]
    assert [(e.name, e.fitted_here, e.scored_on) for e in scored] == [("model", False, "X")]
    assert fitted[0].digest == scored[0].digest


def test_a_run_without_a_name_is_named_by_its_number_and_its_model(census: TrackedShell) -> None:
    record = census.run("model = make_pipeline(StandardScaler(), Ridge()).fit(X, y)")
    assert record.run is not None
    assert record.run.name == f"In[{record.count}] Ridge"


def test_a_fit_that_fails_is_a_run_with_what_was_known(census: TrackedShell) -> None:
    census.run("late = 1")
    record = census.run("alpha = -1.0\nmodel = Ridge(alpha=alpha)\nmodel.fit(X, y)\nlate = 2")
    assert record.status == "error"
    assert record.run is not None
    assert record.run.params == {"alpha": "-1.0"}


@pytest.mark.parametrize(
    "source",
    ["n_rows = len(X)", "X.head()", "mean = X['a'].mean()", "model = Ridge(alpha=3)", "1 / 0", "# notes"],
)
def test_cells_that_neither_fit_nor_measure_a_model_are_no_runs(census: TrackedShell, source: str) -> None:
    assert census.run(source).run is None


def test_a_cell_that_is_tracked_by_hand_is_always_a_run(census: TrackedShell) -> None:
    census.execute("%%mlops track --name count --hypothesis 'all there' --tag team=a\nrows = X['a'].count()")
    facts = census.session.records[-1].run
    assert facts is not None
    assert (facts.name, facts.hypothesis, facts.tags) == ("count", "all there", {"team": "a"})
    assert facts.metrics == {"rows": 20.0}


@pytest.mark.parametrize("body", ["", "\n\n", "# only a note"])
def test_a_cell_without_code_is_no_run_even_by_hand(census: TrackedShell, body: str) -> None:
    assert census.run(f"%%mlops track\n{body}").run is None


def test_options_of_one_cell_are_not_those_of_the_next(census: TrackedShell) -> None:
    census.run("%%mlops track --name first\nx = 1")
    assert census.run("x = 2").run is None


def test_every_cell_is_a_run_when_that_was_asked_for(census: TrackedShell) -> None:
    census.session.recorder.every_cell = True
    assert census.run_facts("x = 1").params == {"x": "1"}


def test_how_much_data_there_is_is_no_metric(census: TrackedShell) -> None:
    facts = census.run_facts(
        "model = Ridge().fit(X, y)\nrows, columns = X.shape\nhalf = len(X) // 2\nfold = rows // 5 + 1\n"
        "error = abs(model.predict(X) - y).sum() / rows"
    )
    assert set(facts.metrics) == {"error"}


def test_the_number_of_rows_that_a_cell_found_is_a_metric(census: TrackedShell) -> None:
    facts = census.run_facts(
        "model = Ridge().fit(X, y)\nwrong = X[model.predict(X) < 0]\nmistakes = len(wrong)"
    )
    assert set(facts.metrics) == {"mistakes"}


def test_what_makes_no_difference_to_the_model_is_no_parameter(census: TrackedShell) -> None:
    facts = census.run_facts(
        "model = make_pipeline(StandardScaler(copy=False), Ridge(2.0, copy_X=False)).fit(X, y)"
    )
    assert facts.params == {"estimator": "Ridge", "alpha": "2.0"}
