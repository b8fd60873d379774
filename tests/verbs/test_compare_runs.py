"""`compare` on real MLflow stores: several experiments and stores, what its view asks, and frames of runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mlflow
import numpy as np
import pandas as pd
import polars as pl
import pytest
from mlflow.entities import Metric, Param
from new_store import with_store

import jupyter_mlops
from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.settings import local_uri
from jupyter_mlops.tracking.client import connect

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.widgets.compare import Comparison


def made(client: MlflowClient, name: str, minute: int, experiment: str = "0", **values: float) -> str:
    run = client.create_run(experiment, 60_000 * minute, run_name=name)
    run_id: str = run.info.run_id
    metrics = [Metric(key, value, 60_000 * minute, 0) for key, value in values.items()]
    client.log_batch(run_id, metrics=metrics, params=[Param("depth", str(minute))])
    client.set_terminated(run_id, end_time=60_000 * minute + 500)
    return run_id


@pytest.fixture
def client(project: Settings) -> MlflowClient:
    with_store(project.project)
    return connect(project)


@pytest.fixture
def ours(client: MlflowClient) -> dict[str, str]:
    """Run ids by name: three runs in two experiments."""
    other = client.create_experiment("other")
    return {
        "a": made(client, "a", 1, auc=0.7),
        "b": made(client, "b", 3, auc=0.9, loss=0.1),
        "c": made(client, "c", 5, other, auc=0.8),
    }


@pytest.fixture
def theirs(project: Settings, tmp_path: Path) -> tuple[str, str]:
    """Another MLflow store with a run; its address and the run's id."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    with_store(folder)
    settings = replace(project, project=folder, tracking_uri=local_uri(folder))
    return settings.tracking_uri, made(connect(settings), "x", 4, f1=0.5)


def asked(comparison: Comparison, what: str, **arguments: Any) -> Any:
    """What the kernel sends to the view that asks; the last message without its id."""
    sent: list[dict[str, Any]] = []
    comparison.send = lambda content, buffers=None: sent.append(content)  # the border to the browser
    comparison._handle_custom_msg({"id": "1", "ask": what, **arguments}, [])
    return {key: value for key, value in sent[-1].items() if key != "id"}


def test_runs_of_all_some_and_no_experiments(ours: dict[str, str]) -> None:
    assert list(jupyter_mlops.compare().to_frame().index) == ["a", "b", "c"]
    assert list(jupyter_mlops.compare(experiment="other").to_frame().index) == ["c"]
    assert len(jupyter_mlops.compare(experiment=["other", "Default"]).to_frame()) == 3
    with pytest.raises(NotFoundError, match="Did you mean 'other'"):
        jupyter_mlops.compare(experiment="othr")


def test_runs_of_another_store_stand_beside_ours(ours: dict[str, str], theirs: tuple[str, str]) -> None:
    frame = jupyter_mlops.compare(stores=[theirs[0]]).to_frame()
    assert list(frame.index) == ["a", "b", "x", "c"], "by time"
    assert frame.loc["x", "store"] == theirs[0]
    assert frame.loc["a", "store"] == "this project"
    assert frame.loc["x", "f1"] == 0.5
    assert np.isnan(frame.loc["x", "auc"])
    named = jupyter_mlops.compare("x", "b", stores=[theirs[0]])
    assert sorted(named.to_frame().index) == ["b", "x"]
    assert {run["id"] for run in named.to_dict()["runs"]} == {theirs[1], ours["b"]}


def test_a_run_that_is_not_there_is_named_with_the_nearest(ours: dict[str, str]) -> None:
    with pytest.raises(NotFoundError, match="no run 'zzz'"):
        jupyter_mlops.compare("a", "zzz")


def test_names_and_hypotheses_are_written_where_the_run_is(
    client: MlflowClient, ours: dict[str, str], project: Settings, theirs: tuple[str, str]
) -> None:
    comparison = jupyter_mlops.compare(stores=[theirs[0]])
    assert asked(comparison, "rename", row=0, text=" first ") == {"answer": None}
    assert client.get_run(ours["a"]).info.run_name == "first"
    asked(comparison, "hypothesis", row=2, text="it is lower")
    there = connect(replace(project, tracking_uri=theirs[0]))
    assert there.get_run(theirs[1]).data.tags["mlops.hypothesis"] == "it is lower"
    frame = comparison.to_frame()
    assert frame.index[0] == "first"
    assert frame.loc["x", "hypothesis"] == "it is lower"
    assert comparison._edits == {"run.name": {"0": "first"}, "info.hypothesis": {"2": "it is lower"}}
    assert "needs a name" in asked(comparison, "rename", row=0, text=" ")["problem"]
    assert list(jupyter_mlops.compare().to_frame().index) == ["first", "b", "c"]


def test_archived_and_deleted_runs_leave_the_table_and_come_back(
    client: MlflowClient, ours: dict[str, str]
) -> None:
    comparison = jupyter_mlops.compare()
    asked(comparison, "archive", rows=[0], on=True)
    asked(comparison, "delete", rows=[1], on=True)
    assert list(comparison.to_frame().index) == ["c"]
    assert "1 run" in repr(comparison)
    assert client.get_run(ours["b"]).info.lifecycle_stage == "deleted"
    assert list(jupyter_mlops.compare().to_frame().index) == ["c"]
    assert list(jupyter_mlops.compare(archived=True).to_frame().index) == ["a", "c"]
    asked(comparison, "delete", rows=[1], on=False)
    assert list(comparison.to_frame().index) == ["b", "c"]
    assert list(jupyter_mlops.compare().to_frame().index) == ["b", "c"]


def test_pinned_runs_are_pinned_in_the_next_comparison(ours: dict[str, str]) -> None:
    asked(jupyter_mlops.compare(), "pins", rows=[2, 0])
    assert jupyter_mlops.compare()._pins == [2, 0]
    asked(jupyter_mlops.compare("b", "c"), "pins", rows=[])
    assert jupyter_mlops.compare()._pins == [0], "runs that are not shown stay pinned"


def test_histories_of_several_stores_come_as_one(ours: dict[str, str], theirs: tuple[str, str]) -> None:
    comparison = jupyter_mlops.compare(stores=[theirs[0]])
    told = asked(comparison, "history", rows=[3, 2, 0], metric="auc")["answer"]
    found = {run["row"]: run["values"] for run in told["runs"]}
    assert found == {3: [0.8], 2: [], 0: [0.7]}


def test_what_runs_differ_in_is_told_by_row_and_by_name(
    ours: dict[str, str], theirs: tuple[str, str]
) -> None:
    comparison = jupyter_mlops.compare(stores=[theirs[0]])
    told = asked(comparison, "diff", rows=[1, 0])["answer"]
    assert [run["name"] for run in told["runs"]] == ["b", "a"]
    assert told["params"] == [{"name": "depth", "values": ["3", "1"], "same": False}]
    assert [run.name for run in comparison.diff("b", "a").runs] == ["b", "a"]
    comparison.selected = [ours["a"], ours["c"]]
    assert [run.name for run in comparison.diff().runs] == ["a", "c"]
    assert [run.name for run in comparison.diff("a", "x").runs] == ["a", "x"], "of two stores"
    with pytest.raises(NotFoundError, match="in this comparison"):
        comparison.diff("a", "nobody")


@pytest.mark.parametrize("library", [pd, pl])
def test_a_frame_of_runs_is_compared(library: Any) -> None:
    frame = library.DataFrame(
        {"name": ["a", "a"], "auc": [0.9, 0.8], "model": ["x", None], "deep": [True, False]}
    )
    comparison = jupyter_mlops.compare(frame, sort="auc", filter="auc > 0.85")
    assert list(comparison.to_frame().index) == ["a"]
    assert list(comparison.table.metrics) == ["auc"]
    assert comparison.table.params == {"model": ["x", None], "deep": ["True", "False"]}


def test_what_search_runs_gives_is_understood(ours: dict[str, str], project: Settings) -> None:
    mlflow.set_tracking_uri(project.tracking_uri)
    table = jupyter_mlops.compare(mlflow.search_runs(search_all_experiments=True)).table
    mlflow.set_tracking_uri(None)
    assert sorted(table.names) == ["a", "b", "c"]
    assert set(table.run_ids) == set(ours.values())
    assert set(table.metrics) == {"auc", "loss"}
    assert table.params == {"depth": ["5", "3", "1"]}
    assert set(table.info) == {"experiment", "status", "started", "ended"}
    assert table.info["started"][2] == "1970-01-01 00:01:00"


def test_frames_without_runs_or_names_and_things_that_are_none() -> None:
    assert "No runs yet" in repr(jupyter_mlops.compare(pd.DataFrame({"auc": []})))
    named = jupyter_mlops.compare(pd.DataFrame({"auc": [1.0, 2.0]}, index=["x", "y"]))
    assert named.table.names == ["x", "y"]
    assert jupyter_mlops.compare(pd.DataFrame({0: [1.0]})).table.names == ["run 1"]
    with pytest.raises(BadInputError, match=r"cannot be compared from a builtins\.list"):
        jupyter_mlops.compare([1, 2])
    with pytest.raises(BadInputError, match="two columns of one name"):
        jupyter_mlops.compare(pd.DataFrame([[1, 2]], columns=["a", "a"]))
