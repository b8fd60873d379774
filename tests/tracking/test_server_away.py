"""An MLflow server that goes away half-way: cells go on, runs wait, and arrive once when it is back."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest
from real_servers import MlflowServer, running
from stored_runs import names, stored_runs

from jupyter_mlops.errors import StoreError
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.client import connect
from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings


@pytest.fixture
def server(
    project: Settings, tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MlflowServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "mlflow.db").write_bytes(empty_store.read_bytes())
    server = MlflowServer(folder, f"sqlite:///{folder}/mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
    with running(server):
        yield server


def test_runs_wait_for_the_server_and_arrive_once(
    server: MlflowServer, untracked: TrackedShell, capsys: pytest.CaptureFixture[str]
) -> None:
    project = load_settings()
    untracked.settings = project
    untracked.track()
    assert project.tracking_uri == server.url
    untracked.run("%%mlops track --name before\nn = 1")
    sync(project)
    client = connect(project)
    assert names(client) == ["before"]

    server.stop()
    capsys.readouterr()
    for number in range(3):
        record = untracked.run(f"%%mlops track --name away{number}\nn = {number}\nhalf = n / 2")
        assert record.status == "ok"
        with pytest.raises(StoreError, match="cannot be used"):
            sync(project)
    untracked.run("x = 1")
    lines = [line for line in capsys.readouterr().out.splitlines() if "mlops:" in line]
    assert len(lines) == 1
    assert "1 run waits" in lines[0]
    assert waiting_runs(project) == 3
    assert "3 runs wait" in (untracked.session.notices.problem() or "")

    server.start()
    sync(project)
    sync(project)
    assert waiting_runs(project) == 0
    assert untracked.session.notices.problem() is None
    assert names(client) == ["before", "away0", "away1", "away2"]
    assert [run.data.metrics for run in stored_runs(client, "cell")[1:]] == [
        {"half": 0.0}, {"half": 0.5}, {"half": 1.0},
    ]  # fmt: skip
    assert len(stored_runs(client, "session")) == 1


def test_a_session_whose_server_is_gone_does_not_hold_up_another_store(
    untracked: TrackedShell, client: MlflowClient, project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    untracked.settings = load_settings()
    untracked.track()
    untracked.run("%%mlops track --name stranded\nn = 1")
    untracked.settings = project
    untracked.track()
    untracked.run("%%mlops track --name local\nn = 2")
    with pytest.raises(StoreError):
        sync(project)
    assert names(client) == ["local"]
    assert waiting_runs(project) == 1


def test_a_password_in_the_address_is_not_shown(
    untracked: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:1")
    project = load_settings()
    untracked.settings = project
    untracked.track()
    untracked.run("%%mlops track --name x\nn = 1")
    with pytest.raises(StoreError) as caught:
        sync(project)
    assert "secret" not in str(caught.value)
    assert "secret" not in (untracked.session.notices.problem() or "")


def test_a_server_that_hangs_up_is_not_asked_for_minutes(
    project: Settings, untracked: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:  # closed: the test is over
                    return
                asked.append(1)
                connection.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{listening.getsockname()[1]}")
        untracked.settings = load_settings()
        untracked.track()
        untracked.run("%%mlops track --name x\nn = 1")
        with pytest.raises(StoreError, match="cannot be used"):
            sync(untracked.settings)
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert len(asked) <= 5  # is it there, then one request with two more tries
    assert "MLFLOW_HTTP_REQUEST_MAX_RETRIES" not in os.environ


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nosuch://ann:secret@there", "cannot be opened"),
        ("./mlruns", "maintenance mode"),
        ("http://ann:secret@[there", "cannot be used"),
        ("http://127.0.0.1:port", "cannot be used"),
    ],
)
def test_an_address_of_no_store_is_told_and_the_cells_run(
    address: str, said: str, untracked: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    untracked.settings = load_settings()
    untracked.track()
    assert untracked.run("%%mlops track --name x\nn = 1").status == "ok"
    with pytest.raises(StoreError, match=said) as caught:
        sync(untracked.settings)
    assert "MLFLOW_TRACKING_URI" in caught.value.fix
    assert "secret" not in str(caught.value)
    assert waiting_runs(untracked.settings) == 1
