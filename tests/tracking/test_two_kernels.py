"""Two kernels work on one project at once: what one does, the other sees, and neither spoils anything."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from forked import start_kernel
from nothing_lost import TRACK_ON, assert_nothing_lost
from stored_runs import names, stored_runs
from waiting import until

import jupyter_mlops
from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.background import start_background
from jupyter_mlops.tracking.client import connect
from jupyter_mlops.tracking.owed import Journals
from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

DATA = """
import jupyter_mlops
import pandas as pd
from sklearn.linear_model import LinearRegression, Ridge
df = pd.DataFrame({"a": range(300), "b": [1, 2, 3] * 100})
"""
FIT = """%%mlops track --name {name}
model = {model}.fit(df, df["a"] % 17 + df["b"])
r2 = model.score(df, df["a"] % 17 + df["b"])"""


def test_two_kernels_track_see_each_other_promote_at_once_and_restart(
    project: Settings, client: MlflowClient
) -> None:
    one, other = start_kernel(project.project), start_kernel(project.project)
    for kernel in (one, other):
        kernel.send([TRACK_ON, DATA])
    one.send([FIT.format(name="one", model="Ridge(2.0)"), "df = df[df['b'] > 1]", "n = len(df)"])
    other.send([FIT.format(name="other", model="LinearRegression()"), "df = df[df['b'] > 1]", "m = 1"])
    for kernel in (one, other):
        kernel.run()
    for kernel in (one, other):
        seen = "{run['name'] for run in jupyter_mlops.runs().to_dict()['runs']}"
        kernel.run(f"assert {seen} >= {{'one', 'other'}}, {seen}")
    one.send(["%mlops promote one --as first"])
    other.send(["%mlops promote other --as second"])
    for kernel in (one, other):
        kernel.run()
    for kernel in (one, other):
        kernel.run(
            "shown = str(jupyter_mlops.models())\nassert 'first' in shown and 'second' in shown, shown"
        )
    one.end(signal.SIGKILL)
    again = start_kernel(project.project)  # as a restart: a new process in the same notebook
    again.run(TRACK_ON, DATA, FIT.format(name="again", model="Ridge(3.0)"))
    again.end("restart")
    other.end("restart")
    until(lambda: not list(Journals(project.journals).open()), "the runs arrive and the sessions are closed")
    assert sorted(names(client)) == ["again", "one", "other"]
    assert sorted(run.info.status for run in stored_runs(client, "session")) == [
        "FINISHED",
        "FINISHED",
        "KILLED",
    ]
    for name in ("first", "second"):
        assert str(client.get_model_version_by_alias(name, "champion").version) == "1"
    digests = {
        dataset.dataset.digest
        for run in stored_runs(client, "cell")
        for dataset in run.inputs.dataset_inputs
        if dataset.dataset.name == "df"
    }
    assert len(digests) == 1
    assert digests.pop() in SnapshotStore(project.snapshots)
    assert_nothing_lost(project, client, [])


def test_who_waits_for_another_process_says_so_and_the_runs_arrive_once(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    with FileLock(project.journals / ".lock"):
        notebook.run("%%mlops track --name patient\nn = 1")
        with pytest.raises(StoreError, match="another process"):
            sync(project, lock_seconds=0.1)
        assert jupyter_mlops.track("status").waiting == 1
    for _ in range(2):
        sync(project)
    assert names(client) == ["patient"]


@pytest.mark.timeout(400)
def test_while_somebody_locks_the_database_cells_run_and_their_runs_arrive_once_later(
    notebook: TrackedShell, empty_store: Path, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    database = project.project / "mlflow.db"
    shutil.copy(empty_store, database)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as third:
        third.execute("BEGIN EXCLUSIVE")
        start_background(project)
        capsys.readouterr()
        for number in range(3):
            notebook.run(f"%%mlops track --name locked{number}\nn = {number}")
        # longer than MLflow waits for a lock by itself
        until(notebook.session.notices.problem, "the projecting process gives up for now", 200)
        status = jupyter_mlops.track("status")
        assert status.waiting == 3
        assert "cannot be used" in (status.problem or "")
        assert "3 runs wait" in (status.problem or "")
        notebook.run("x = 1")
        notebook.run("y = 1")
        assert capsys.readouterr().out.count("mlops:") == 1
        third.execute("ROLLBACK")
    until(lambda: not waiting_runs(project), "the runs arrive", 120)
    notebook.close()
    until(lambda: not list(Journals(project.journals).open()), "the session is closed")
    client = connect(project)
    assert names(client) == ["locked0", "locked1", "locked2"]
    assert [run.info.status for run in stored_runs(client, "session")] == ["FINISHED"]
