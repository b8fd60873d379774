"""What two or three tracked runs differ in, read from what was recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_mlops.comparison.run_diff import run_diff
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from verbs.notebook_in_process import Notebook

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run


def diff_of(settings: Settings, *runs: Run) -> dict[str, Any]:
    """The diff as JSON gives it to the browser."""
    found: dict[str, Any] = json.loads(json.dumps(run_diff(settings, runs).to_dict(), allow_nan=False))
    return found


def by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows}


def test_parameters_and_metrics_stand_side_by_side(settings: Settings, first: Run, second: Run) -> None:
    found = diff_of(settings, first, second)
    assert [run["name"] for run in found["runs"]] == ["first", "second"]
    params = by_name(found["params"])
    assert params["C"] == {"name": "C", "values": ["1.0", "0.001"], "same": False}
    assert params["max_iter"] == {"name": "max_iter", "values": ["500", "500"], "same": True}
    metrics = by_name(found["metrics"])
    assert metrics["loss"]["lower_is_better"]
    assert not metrics["auc"]["lower_is_better"]
    for name, row in metrics.items():
        assert row["values"] == [first.metrics[name], second.metrics[name]]
        assert row["differences"][0]["value"] == second.metrics[name] - first.metrics[name]


def test_data_that_changed_say_rows_cells_and_shift(settings: Settings, first: Run, second: Run) -> None:
    data = by_name(diff_of(settings, first, second)["data"])
    assert {name for name, row in data.items() if row["same"]} == {"X_test", "y_test", "adult.csv"}
    assert data["adult.csv"]["kind"] == "file"
    (change,) = data["X_train"]["changes"]
    assert change["rows"] == [1500, 1497]
    assert (change["rows_added"], change["rows_removed"]) == (0, 3)
    assert change["cells"] == [{"column": "age", "changed": 1497}]
    assert [(each["column"], each["verdict"]) for each in change["shift"]] == [
        ("age", "drift"),
        ("education-num", "ok"),
        ("hours-per-week", "ok"),
    ]
    (labels,) = data["y_train"]["changes"]
    assert (labels["rows_removed"], labels["cells"], labels["note"]) == (3, [], "")


def test_code_differs_by_statements_and_not_by_their_layout(
    settings: Settings, first: Run, second: Run
) -> None:
    statements = diff_of(settings, first, second)["code"]["statements"]
    other = [(each["kind"], each["texts"]) for each in statements if each["kind"] != "same"]
    assert [(kind, [text and text[:12] for text in texts]) for kind, texts in other] == [
        ("added", [None, "X_train = X_"]),
        ("added", [None, "X_train = X_"]),
        ("added", [None, "y_train = y_"]),
        ("changed", ["C = 1.0", "C = 0.001"]),
        ("added", [None, "model.coef_ "]),
    ]
    same = next(each for each in statements if str(each["texts"][0]).startswith("model = "))
    assert same["kind"] == "same"
    assert same["cells"] == ["In[5]", "In[8]"]


def test_data_of_another_name_are_matched_by_their_use(settings: Settings, first: Run, third: Run) -> None:
    data = by_name(diff_of(settings, first, third)["data"])
    (change,) = data["X_test → X_other"]["changes"]
    assert change["rows"] == [500, 300]
    assert change["rows_removed"] == 200
    assert data["X_train"]["changes"][0]["rows_removed"] == 3
    assert data["y_other"]["digests"][0] is None
    assert data["y_other"]["changes"] == [None]


def test_three_runs_share_their_rows(settings: Settings, first: Run, second: Run, third: Run) -> None:
    found = diff_of(settings, first, second, third)
    assert by_name(found["params"])["C"]["values"] == ["1.0", "0.001", "0.1"]
    assert by_name(found["metrics"])["accuracy"]["differences"][1]["value"] is None
    rows = [(each["kind"], each["texts"]) for each in found["code"]["statements"]]
    assert all(len(texts) == 3 for _, texts in rows)
    dropped = [kind for kind, texts in rows if texts[1] == texts[2] and "X_train.drop" in str(texts[1])]
    assert dropped == ["added"]
    for at in range(3):
        said = [texts[at] for _, texts in rows if texts[at] is not None]
        alone = diff_of(settings, *[(first, second), (second, third), (third, first)][at])
        assert said == [
            each["texts"][0] for each in alone["code"]["statements"] if each["texts"][0] is not None
        ]


def test_the_environment_counts_what_agrees(settings: Settings, first: Run, second: Run) -> None:
    found = diff_of(settings, first, second)["environment"]
    assert found["packages"] == []
    assert found["note"] == "all packages are the same"
    facts = by_name(found["facts"])
    assert facts["session"]["same"]
    assert facts["team"]["values"] == ["census", "census"]
    assert facts["cell"]["values"] == ["In[5]", "In[8]"]


def test_a_diff_asked_right_after_the_cells_waits_for_their_data(
    census: Notebook, settings: Settings, first: Run, second: Run
) -> None:
    assert census["at_once"].to_dict() == run_diff(settings, [first, second]).to_dict()


def test_what_an_index_does_not_know_of_a_run_is_read(settings: Settings, first: Run, second: Run) -> None:
    partly = [replace(run, tags={}, params={}, datasets=()) for run in (first, second)]
    assert diff_of(settings, *partly) == diff_of(settings, first, second)


def test_a_diff_is_of_two_or_three_runs(settings: Settings, first: Run, second: Run) -> None:
    for runs in ([first], [first, first], [first, second] * 2):
        with pytest.raises(BadInputError, match="two or three"):
            run_diff(settings, runs)
