"""A diff of runs about which less is known: masked, made by plain MLflow, or with files that are gone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag
from new_store import with_store
from verbs.notebook_in_process import Notebook

from jupyter_mlops.comparison.run_diff import run_diff
from jupyter_mlops.errors import NotFoundError, StoreError
from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.client import connect
from jupyter_mlops.tracking.read_runs import find_run, run_slice
from jupyter_mlops.widgets.run_diff import RunDiffReport

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.comparison.run_diff import RunDiff

MAKE = """
import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, r2_score
rng = np.random.default_rng(0)
people = pd.read_csv("people.csv").assign(x=rng.normal(size=400), pay=rng.normal(size=400))
------
%%mlops track --name one
guess = people["x"] * 0.5
r2 = r2_score(people["pay"], guess)
same = accuracy_score(people["name"], people["name"].str.title())
------
people = people.drop(index=[7])
people["name"] = people["name"] + "!"
------
%%mlops track --name other
guess = people["x"] * 0.7
r2 = r2_score(people["pay"], guess)
same = accuracy_score(people["name"], people["name"].str.title())
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a project with two runs on masked data and three that plain MLflow made."""
    made = Notebook(tmp_path_factory.mktemp("masked"))
    (made.folder / "people.csv").write_text("name\n" + "Zoe\nYannis\n" * 200)
    made.done("%mlops track on --mask name")
    for cell in MAKE.split("------\n"):
        made.done(cell.strip())
    made.done("%mlops runs")
    made.close()
    found = Settings(made.folder, local_uri(made.folder))
    for number, name in enumerate(("plain", "plain again", "gone")):
        make_plain_run(found, name, number)
    return found


def make_plain_run(settings: Settings, name: str, number: int) -> None:
    client = connect(settings)
    run = client.create_run(client.create_experiment(f"of {name}"), run_name=name).info.run_id
    client.log_param(run, "lr", str(number))
    client.log_metric(run, "loss", 0.5 - number / 10)
    client.set_tag(run, "team", name)
    inputs = [
        DatasetInput(Dataset("dataset", digest, "http", "{}"), [InputTag("mlflow.data.context", context)])
        for context, digest in (("training", f"d{number}"), ("evaluation", "kept"))
    ]
    client.log_inputs(run, datasets=inputs)
    client.set_terminated(run)


def diff_of(settings: Settings, *names: str) -> RunDiff:
    found = run_diff(settings, [find_run(settings, name) for name in names])
    assert json.dumps(found.to_dict(), allow_nan=False)
    return found


def differing(diff: RunDiff) -> dict[str, Any]:
    return {row.name: row.changes[0] for row in diff.data if not row.same}


def test_masked_columns_are_compared_and_never_shown(settings: Settings) -> None:
    diff = diff_of(settings, "one", "other")
    change = differing(diff)["people"]
    assert (change.rows_removed, [each.column for each in change.cells]) == (1, ["name"])
    shift = {each.column: each.verdict for each in change.shift}
    assert shift == {"name": "drift", "x": "ok", "pay": "ok"}
    report = RunDiffReport.from_diff(diff)
    shown = f"{report}{report._repr_mimebundle_()[0]['text/html']}{json.dumps(diff.to_dict())}"
    for secret in ("Zoe", "Yannis", "masked:"):
        assert secret not in shown


def test_runs_of_plain_mlflow_are_compared_as_far_as_it_knows_them(settings: Settings) -> None:
    diff = diff_of(settings, "plain", "plain again")
    assert [run.experiment for run in diff.runs] == ["of plain", "of plain again"]
    assert [(row.name, row.values) for row in diff.params] == [("lr", ("0", "1"))]
    (loss,) = diff.metrics
    assert (loss.differences[0].low, loss.differences[0].note) == (None, "no code recorded")
    assert [(row.name, row.same) for row in diff.data] == [
        ("dataset (training)", False),
        ("dataset (evaluation)", True),
    ]
    assert differing(diff)["dataset (training)"].note == "neither is stored"
    assert diff.code.statements == ()
    assert "plain: its code was not recorded" in diff.code.note
    assert ("team", ("plain", "plain again")) in [(fact.name, fact.values) for fact in diff.environment.facts]


def test_a_tracked_run_is_compared_with_one_of_plain_mlflow(settings: Settings) -> None:
    diff = diff_of(settings, "one", "plain")
    assert {row.name: row.values for row in diff.metrics}["r2"][1] is None
    assert diff.code.note == "plain: its code was not recorded"
    assert all(None in row.digests for row in diff.data)


def test_runs_of_two_stores_are_compared(settings: Settings, tmp_path: Path) -> None:
    with_store(tmp_path)
    other = replace(settings, tracking_uri=local_uri(tmp_path))
    make_plain_run(other, "elsewhere", 3)
    runs = [find_run(settings, "one"), find_run(other, "elsewhere")]
    diff = run_diff(settings, runs, homes=[settings, other])
    assert [run.experiment for run in diff.runs] == ["notebooks", "of elsewhere"]
    assert ("lr", (None, "3")) in [(row.name, row.values) for row in diff.params]
    assert "people" in {row.name for row in diff.data}
    assert diff.environment.note == "packages were not recorded: elsewhere"


def test_files_that_are_gone_are_said_and_the_rest_is_compared(settings: Settings) -> None:
    shutil.rmtree(settings.artifacts)
    shutil.rmtree(settings.snapshots)
    diff = diff_of(settings, "one", "other")
    assert diff.metrics[0].differences[0].note == "no code recorded"
    assert "its files cannot be read any more" in diff.code.note
    assert differing(diff)["people"].note == "neither is stored"
    assert differing(diff)["people"].rows == (400, 399)
    assert diff.environment.note.startswith("packages were not recorded")
    with pytest.raises(StoreError, match="is gone from the artifact store"):
        run_slice(settings, find_run(settings, "one"))


def test_a_run_that_left_the_store_is_named(settings: Settings) -> None:
    runs = [find_run(settings, "plain"), find_run(settings, "gone")]
    connect(settings)._tracking_client.store._hard_delete_run(runs[1].run_id)
    with pytest.raises(NotFoundError, match="'gone' is no longer in the tracking store"):
        run_diff(settings, runs)
