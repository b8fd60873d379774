"""From the journal to MLflow: each run exactly once and whole, whatever happened in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import mlflow
import pandas as pd
import pytest
from stored_runs import names, stored_runs

from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

FIT = """%%mlops track --name {name} --hypothesis "ridges are enough" --tag team=a
alpha = {alpha}
model = Ridge(alpha=alpha).fit(X, y)
r2 = model.score(X, y)
"""


@pytest.fixture
def ridges(notebook: TrackedShell, client: MlflowClient) -> TrackedShell:
    """A notebook that tracked two fits; nothing was brought to MLflow yet."""
    notebook.run(
        "import pandas as pd\nfrom sklearn.linear_model import Ridge\n"
        "X = pd.DataFrame({'a': [1.0, 2.0, 3.0], 'b': ['x', 'y', 'z']}).drop(columns='b')\n"
        "y = pd.Series([1.0, 2.5, 2.9], name='target')"
    )
    notebook.run(FIT.format(name="weak", alpha=0.1))
    notebook.run(FIT.format(name="strong", alpha=10.0))
    return notebook


def assert_whole(client: MlflowClient, *, sessions: int = 1) -> None:
    """Two runs with everything in them, each once."""
    assert names(client) == ["weak", "strong"]
    for run, alpha in zip(stored_runs(client, "cell"), ("0.1", "10.0"), strict=True):
        assert run.info.status == "FINISHED"
        assert run.data.params == {"alpha": alpha, "estimator": "Ridge"}
        assert set(run.data.metrics) == {"r2"}
        assert len(client.get_metric_history(run.info.run_id, "r2")) == 1
        assert sorted(found.dataset.name for found in run.inputs.dataset_inputs) == ["X", "y"]
    assert len(stored_runs(client, "session")) == sessions


def test_a_plain_client_finds_everything(
    ridges: TrackedShell, client: MlflowClient, project: Settings, tmp_path: Path
) -> None:
    assert waiting_runs(project) == 2
    sync(project)
    assert waiting_runs(project) == 0
    assert_whole(client)
    run = stored_runs(client, "cell")[0]
    session = stored_runs(client, "session")[0]
    tags = run.data.tags
    assert tags["mlflow.parentRunId"] == session.info.run_id
    assert tags["mlops.hypothesis"] == tags["mlflow.note.content"] == "ridges are enough"
    assert tags["user.team"] == "a"
    assert session.info.status == "RUNNING"
    assert all(len(found.dataset.digest) == 32 for found in run.inputs.dataset_inputs)
    used = {found.dataset.name: found.tags[0].value for found in run.inputs.dataset_inputs}
    assert used == {"X": "training", "y": "y"}
    (step,) = {metric.step for metric in client.get_metric_history(run.info.run_id, "r2")}
    assert step == ridges.session.records[-2].serial
    assert "cells.jsonl" in session.data.tags["mlflow.note.content"]

    code = client.download_artifacts(run.info.run_id, "code/slice.py", str(tmp_path))
    assert "Ridge(alpha=alpha)" in open(code, encoding="utf-8").read()  # noqa: PTH123, SIM115
    record = client.download_artifacts(run.info.run_id, "mlops/record.json", str(tmp_path))
    with open(record, encoding="utf-8") as file:  # noqa: PTH123
        assert json.load(file)["run"]["metrics"] == run.data.metrics


def test_the_data_of_a_run_can_be_loaded_through_mlflow(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    ridges.run("X.loc[0, 'a'] = 99.0")  # it was another frame when the run read it
    ridges.session.keeper.drain()
    sync(project)
    inputs = {
        found.dataset.name: found.dataset for found in stored_runs(client, "cell")[0].inputs.dataset_inputs
    }
    loaded = mlflow.data.get_source(inputs["X"]).load()
    pd.testing.assert_frame_equal(loaded, pd.DataFrame({"a": [1.0, 2.0, 3.0]}))


def test_the_git_commit_is_kept(ridges: TrackedShell, client: MlflowClient, project: Settings) -> None:
    import subprocess

    def git(*words: str) -> str:
        own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *own, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    (project.project / "code.py").write_text("a = 1\n")
    git("init", "-q")
    git("add", "code.py")
    git("commit", "-q", "-m", "first")
    (project.project / "code.py").write_text("a = 2\n")
    sync(project)
    tags = stored_runs(client, "cell")[0].data.tags
    assert tags["mlflow.source.git.commit"] == git("rev-parse", "HEAD")
    assert tags["mlops.git.dirty"] == "true"


def test_syncing_again_changes_nothing(ridges: TrackedShell, client: MlflowClient, project: Settings) -> None:
    for _ in range(3):
        sync(project)
    assert_whole(client)


def test_a_crash_while_a_run_was_written(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    sync(project)
    half_done = stored_runs(client, "cell")[1].info.run_id
    client.update_run(half_done, status="RUNNING")
    marks = next(project.journals.glob("*.projected"))
    marks.write_bytes(marks.read_bytes().splitlines(keepends=True)[0])
    sync(project)
    assert_whole(client)


def test_a_crash_at_any_mark_and_any_byte_of_the_last_one(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    sync(project)
    ridges.session.end()
    sync(project)
    marks = next(project.journals.glob("*.projected"))
    whole = marks.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]
    for cut in [0, *ends, *range(ends[-2] + 1, len(whole))]:
        marks.write_bytes(whole[:cut])
        sync(project)
        assert list(read_journal(marks))[-1]["type"] == "closed"
    assert_whole(client)
    assert stored_runs(client, "session")[0].info.status == "FINISHED"


def test_a_mark_torn_at_any_byte_in_the_middle_of_the_work(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    sync(project)
    marks = next(project.journals.glob("*.projected"))
    whole = marks.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(whole), 4):
        marks.write_bytes(whole[:cut])
        sync(project)
    assert waiting_runs(project) == 0
    assert_whole(client)


def test_a_kernel_that_ends_in_good_order_finishes_its_session(
    ridges: TrackedShell, client: MlflowClient, project: Settings, tmp_path: Path
) -> None:
    ridges.session.end()
    sync(project)
    assert_whole(client)
    session = stored_runs(client, "session")[0]
    assert session.info.status == "FINISHED"
    cells = client.download_artifacts(session.info.run_id, "mlops/cells.jsonl", str(tmp_path))
    with open(cells, encoding="utf-8") as file:  # noqa: PTH123
        assert len(file.readlines()) == len(ridges.session.records) or ridges.session.records == []


def test_a_session_without_runs_leaves_no_trace(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("x = 1")
    notebook.session.end()
    sync(project)
    assert stored_runs(client, "session") == []


def test_a_failed_cell_is_a_failed_run(ridges: TrackedShell, client: MlflowClient, project: Settings) -> None:
    ridges.run("%%mlops track --name wrong\nbad = Ridge(alpha=-1.0).fit(X, y)")
    sync(project)
    run = stored_runs(client, "cell")[-1]
    assert (run.info.run_name, run.info.status) == ("wrong", "FAILED")
    assert run.data.tags["mlops.error"] == "InvalidParameterError"


def test_two_sessions_of_one_project_stay_apart(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    ridges.session.end()
    from jupyter_mlops.notebook.session import close_session

    close_session()
    ridges.track()
    ridges.run("%%mlops track --name later\nagain = Ridge().fit(X, y)")
    sync(project)
    assert names(client) == ["weak", "strong", "later"]
    sessions = {run.info.run_id: run.info.status for run in stored_runs(client, "session")}
    assert sorted(sessions.values()) == ["FINISHED", "RUNNING"]
    later = stored_runs(client, "cell")[-1].data.tags["mlflow.parentRunId"]
    assert sessions[later] == "RUNNING"


def test_the_users_own_active_run_is_left_alone(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    mlflow.set_tracking_uri(project.tracking_uri)
    try:
        with mlflow.start_run() as own:
            mlflow.log_param("mine", 1)
            sync(project)
            assert mlflow.active_run().info.run_id == own.info.run_id
        found = client.get_run(own.info.run_id)
    finally:
        mlflow.set_tracking_uri(None)
    assert (found.info.status, found.data.params) == ("FINISHED", {"mine": "1"})
    assert_whole(client)


def test_a_session_run_that_the_user_deleted_stays_deleted(
    ridges: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    sync(project)
    client.delete_run(stored_runs(client, "session")[0].info.run_id)
    ridges.session.end()
    sync(project)
    assert_whole(client, sessions=0)
    assert waiting_runs(project) == 0
