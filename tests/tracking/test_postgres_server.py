"""The whole story with a PostgreSQL-backed `mlflow server`, over HTTP and directly, also when it fails."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest
from faulty_proxy import FaultyProxy
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput
from real_servers import PASSWORD, MlflowServer, running
from stored_runs import stored_runs
from verbs.notebook_in_process import Notebook
from waiting import projecting, until

from jupyter_mlops.errors import StoreError
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync, waiting_runs
from jupyter_mlops.tracking.run_history import metric_history
from jupyter_mlops.tracking.run_index import open_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from real_servers import Postgres
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.run_table import RunTable

FRAME = """
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(400, 3)), columns=list("abc"))
y = (X["a"] + X["b"] > 0).astype(int)
"""
FIRST = """%%mlops track --name first --hypothesis "it is a line"
C = 0.5
line = LogisticRegression(C=C).fit(X, y)
accuracy = accuracy_score(y, line.predict(X))
"""
SECOND = """%%mlops track --name second
C = 5.0
steeper = LogisticRegression(C=C).fit(X, y)
accuracy = accuracy_score(y, steeper.predict(X))
"""


@pytest.fixture(scope="module")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    made = MlflowServer(tmp_path_factory.mktemp("server"), postgres.uri)
    with running(made):
        yield made


@pytest.fixture(scope="module")
def direct(postgres: Postgres) -> str:
    """The address of a database of its own, which no server knows."""
    return postgres.make_database("direct")


@pytest.fixture(scope="module")
def passing(server: MlflowServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.url).running() as proxy:
        yield proxy


@pytest.fixture
def proxy(passing: FaultyProxy, monkeypatch: pytest.MonkeyPatch, project: Settings) -> FaultyProxy:
    """The server behind a proxy that works; each test has an experiment of its own."""
    passing.reset()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", passing.url)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", project.project.parent.name)
    return passing


def runs_of(server: MlflowServer, settings: Settings) -> list[tuple[str, str, dict[str, float]]]:
    """Name, status and metrics of the runs of cells in the settings' experiment, as plain MLflow has them."""
    client = MlflowClient(server.url)
    experiment = client.get_experiment_by_name(settings.experiment)
    found = [run for run in stored_runs(client, "cell") if run.info.experiment_id == experiment.experiment_id]
    return [(run.info.run_name, run.info.status, run.data.metrics) for run in found]


def run_mlops(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The console script, in a shell that knows nothing but `more`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "MLOPS_"))}
    return subprocess.run(
        [str(Path(sys.executable).with_name("mlops")), *words],
        cwd=folder, env={**kept, "MLOPS_PROJECT": str(folder), **more},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def files_with(folder: Path, text: str) -> list[Path]:
    until(lambda: not projecting(folder), "the process that writes files there leaves")
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def tell(notebook: Notebook) -> None:
    """Track, look, promote twice, step back, export: each verb does what it says."""
    for source in ("%mlops track on", FRAME, FIRST, SECOND):
        notebook.done(source)
    listed = notebook.done("%mlops runs").value.to_dict()["runs"]
    assert [(run["name"], run["status"]) for run in listed] == [("first", "finished"), ("second", "finished")]
    compared = notebook.done("%mlops compare").value.to_dict()["runs"]
    assert {run["params"]["C"] for run in compared} == {"0.5", "5.0"}
    assert notebook.done("%mlops show first").value.to_dict()["hypothesis"] == "it is a line"
    assert "LogisticRegression(C=C).fit(X, y)" in notebook.done("%mlops show first --code").value.code
    notebook.done("%mlops restore first:X --as before")
    assert notebook["before"].equals(notebook["X"])
    for model in ("line", "steeper"):
        assert notebook.done(f"%mlops promote {model} --as income").value.to_dict()["verified"]
    versions = notebook.done("%mlops models income").value.to_dict()["versions"]
    assert [(one["version"], one["aliases"]) for one in versions] == [("1", []), ("2", ["champion"])]
    assert notebook.done("%mlops rollback income").value.to_dict()["version"] == "1"
    moves = notebook.done("%mlops models income --history").value.to_dict()["moves"]
    assert [move["after"] for move in moves] == ["1", "2", "1"]
    notebook.done("%mlops export income@champion bundle")
    assert (notebook.folder / "bundle" / "model.json").is_file()
    assert notebook.done("%mlops track status").value.waiting == 0
    doctor = notebook.done("%mlops doctor").value
    assert doctor.is_well
    assert ("passed", "MLflow store", "answers, 2 runs") in doctor.checks


def test_the_whole_story_over_http(server: MlflowServer, postgres: Postgres, tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "project", background=True, MLFLOW_TRACKING_URI=server.url)
    try:
        tell(notebook)
    finally:
        notebook.close()
    assert not (notebook.folder / "mlflow.db").exists()
    with psycopg2.connect(postgres.uri.replace("+psycopg2", "")) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name, status FROM runs WHERE name IN ('first', 'second') ORDER BY name")
        assert cursor.fetchall() == [("first", "FINISHED"), ("second", "FINISHED")]
    connection.close()


def test_the_whole_story_with_the_database_as_address_and_its_password_in_no_file(
    direct: str, tmp_path: Path
) -> None:
    notebook = Notebook(tmp_path / "project", background=True, MLFLOW_TRACKING_URI=direct)
    try:
        tell(notebook)
        status = notebook.done("%mlops track status").value
        said = f"{status.to_dict()} {notebook.done('%mlops doctor').value.to_dict()}"
    finally:
        notebook.close()
    assert PASSWORD not in said
    assert files_with(notebook.folder, PASSWORD) == []
    assert list((notebook.folder / "mlartifacts").rglob("model.skops"))
    assert not (notebook.folder / "mlruns").exists()


def test_a_wrong_password_of_the_database_is_told_at_once_and_not_shown(
    direct: str, untracked: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", direct.replace(PASSWORD, "nonsense-word"))
    untracked.settings = load_settings()
    untracked.track()
    untracked.run("%%mlops track --name x\nn = 1")
    with pytest.raises(StoreError, match="OperationalError") as caught:  # MLflow alone tries for two minutes
        sync(untracked.settings)
    assert "nonsense" not in str(caught.value)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", direct)
    sync(load_settings())  # the same store, with the right password
    assert waiting_runs(untracked.settings) == 0


def test_a_database_whose_driver_is_missing_is_told_with_what_to_install(
    untracked: TrackedShell, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"mysql+pymysql://ann@127.0.0.1:{postgres.port}/runs")
    untracked.settings = load_settings()
    untracked.track()
    untracked.run("%%mlops track --name x\nn = 1")
    with pytest.raises(StoreError, match="needs the package 'pymysql'") as caught:
        sync(untracked.settings)
    assert "runs wait" in caught.value.fix


def test_cells_do_not_wait_for_a_slow_server(
    proxy: FaultyProxy, server: MlflowServer, project: Settings, tmp_path: Path
) -> None:
    proxy.fault = lambda number: "hold"
    notebook = Notebook(
        project.project,
        background=True,
        MLFLOW_TRACKING_URI=proxy.url,
        MLFLOW_EXPERIMENT_NAME=load_settings().experiment,
    )
    try:
        for source in ("%mlops track on", FRAME, FIRST):
            notebook.done(source)
        until(lambda: proxy.asked, "the background process asks")
        notebook.done(SECOND)  # while the server does not answer
        assert notebook.done("%mlops track status").value.waiting == 2
        assert not proxy.held.is_set()
        proxy.held.set()
        until(lambda: not waiting_runs(project), "both runs arrive")
    finally:
        notebook.close()
    assert [(name, status) for name, status, _ in runs_of(server, load_settings())] == [
        ("first", "FINISHED"), ("second", "FINISHED"),
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["503", "hang up", "lose"])
def test_a_server_that_fails_at_any_request_gets_each_run_once(
    fault: str,
    proxy: FaultyProxy,
    server: MlflowServer,
    untracked: TrackedShell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wait in ("BACKOFF_FACTOR", "BACKOFF_JITTER"):
        monkeypatch.setenv(f"MLFLOW_HTTP_REQUEST_{wait}", "0")
    untracked.settings = load_settings()
    untracked.track()
    untracked.run("%%mlops track --name one\nn = 1\nhalf = n / 2")
    broken = 0
    for first in range(1, 100):  # each time it works for one request more, then fails until it is asked again
        proxy.asked = 0
        proxy.fault = lambda number, first=first: "pass" if number <= first else fault
        try:
            sync(untracked.settings)
            break
        except StoreError:
            broken += 1
    assert broken > 5
    proxy.reset()
    sync(untracked.settings)
    assert waiting_runs(untracked.settings) == 0
    untracked.close()
    sync(untracked.settings)
    assert runs_of(server, untracked.settings) == [("one", "FINISHED", {"half": 0.5})]
    (journal,) = untracked.settings.journals.glob("*.jsonl")
    sessions = stored_runs(MlflowClient(server.url), "session")
    assert len([run for run in sessions if run.data.tags["mlops.session"] == journal.stem]) == 1


def test_a_server_whose_database_is_gone_is_told_and_gets_everything_once_when_it_is_back(
    proxy: FaultyProxy, server: MlflowServer, postgres: Postgres, untracked: TrackedShell
) -> None:
    untracked.settings = load_settings()
    untracked.track()
    untracked.run("%%mlops track --name before\nn = 1\nhalf = n / 2")
    sync(untracked.settings)
    postgres.stop()
    try:
        assert untracked.run("%%mlops track --name during\nn = 2\nhalf = n / 2").status == "ok"
        with pytest.raises(StoreError, match="cannot be used"):
            sync(untracked.settings)
        assert "1 run waits" in (untracked.session.notices.problem() or "")
        asked = run_mlops(untracked.settings.project, "doctor", MLFLOW_TRACKING_URI=proxy.url)
        assert asked.returncode == 1
        assert "1 run still in the journal" in asked.stdout
    finally:
        postgres.start()
    sync(untracked.settings)
    assert [name for name, _, _ in runs_of(server, untracked.settings)] == ["before", "during"]
    assert untracked.session.notices.problem() is None


def test_a_server_behind_a_password_is_used_and_the_password_is_in_no_file(
    proxy: FaultyProxy, server: MlflowServer, project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.password = ("ann", PASSWORD)
    experiment = load_settings().experiment
    notebook = Notebook(
        project.project,
        background=True,
        MLFLOW_TRACKING_URI=proxy.url,
        MLFLOW_EXPERIMENT_NAME=experiment,
        MLFLOW_TRACKING_USERNAME="ann",
        MLFLOW_TRACKING_PASSWORD=PASSWORD,
    )
    try:
        notebook.done("%mlops track on")
        notebook.done("%%mlops track --name one\nn = 1\nhalf = n / 2")
        assert len(notebook.done("%mlops runs").value.to_dict()["runs"]) >= 1
    finally:
        notebook.close()
    assert [name for name, _, _ in runs_of(server, load_settings())] == ["one"]
    assert files_with(project.project, PASSWORD) == []

    asked = run_mlops(project.project, "runs", MLFLOW_TRACKING_URI=proxy.url)
    assert asked.returncode == 2
    assert "wants to know who asks" in asked.stderr
    assert "MLFLOW_TRACKING_PASSWORD" in asked.stderr
    asked = run_mlops(
        project.project, "runs", MLFLOW_TRACKING_URI=proxy.url.replace("//", f"//ann:{PASSWORD}@")
    )
    assert asked.returncode == 0, asked.stderr
    assert PASSWORD not in asked.stdout + asked.stderr
    assert files_with(project.project, PASSWORD) == []


def test_the_index_follows_the_server_and_its_database(
    server: MlflowServer, postgres: Postgres, project: Settings
) -> None:
    client = MlflowClient(server.url)
    home = client.create_experiment("indexed")
    run_ids = [
        client.create_run(home, 1000 + number, run_name=f"run {number}").info.run_id for number in range(3)
    ]
    for number, run_id in enumerate(run_ids):
        client.log_metric(run_id, "auc", number / 7)
        client.log_metric(run_id, "none", math.nan)
        client.log_param(run_id, "C", number)
        client.log_inputs(run_id, [DatasetInput(Dataset("X", "f" * 32, "mlops", "{}"))])

    def tables() -> list[RunTable]:
        """Through the server, through the database as it was opened before, and through the database anew."""
        with_before = [open_index(project, uri=uri) for uri in (server.url, postgres.uri)]
        indexes = [*with_before, open_index(project, uri=postgres.uri, refresh=True)]
        return [index.table(["indexed"]) for index in indexes]

    def told(table: RunTable) -> list[object]:
        values = {**table.metrics, **table.params, **table.info}
        return [list(table.names), {name: [str(each) for each in column] for name, column in values.items()}]

    first = tables()
    assert told(first[0]) == told(first[1]) == told(first[2])
    assert list(first[0].names) == ["run 0", "run 1", "run 2"]
    assert list(first[0].metrics["auc"]) == [0, 1 / 7, 2 / 7]
    client.update_run(run_ids[0], name="renamed")
    client.log_metric(run_ids[1], "auc", 0.75, step=4)
    client.log_metric(run_ids[1], "late", 1.5)
    client.set_tag(run_ids[2], "mlops.hypothesis", "less noise")
    client.create_run(home, 9000, run_name="new")
    second = tables()
    assert told(second[0]) == told(second[1]) == told(second[2])
    assert list(second[0].names) == ["renamed", "run 1", "run 2", "new"]
    assert list(second[0].metrics["auc"][:3]) == [0, 0.75, 2 / 7]
    assert list(second[0].info["hypothesis"]) == [None, None, "less noise", None]
    for uri in (server.url, postgres.uri):
        history = metric_history(project, run_ids[1:2], "auc", uri=uri)["runs"][0]
        assert history["values"] == [1 / 7, 0.75]
    assert files_with(project.project, PASSWORD) == []
