"""A store that is gone: cells run, one clear error comes soon, nothing is lost and nothing half done."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from notebook_in_process import Notebook
from the_story import environment_of, run_mlops

import jupyter_mlops
from jupyter_mlops.errors import MlopsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from the_story import Story

FIT = """
import pandas as pd
from sklearn.linear_model import LinearRegression
rows = pd.DataFrame({"a": range(40), "b": [1, 2] * 20})
target = rows["a"] % 7 + rows["b"]
model = LinearRegression().fit(rows, target)
r2 = model.score(rows, target)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A real `mlflow server`; `store` is the database behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.store = f"sqlite:///{folder}/server.db"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [
                    str(Path(sys.executable).with_name("mlflow")), "server", "--port", str(self.port),
                    "--backend-store-uri", self.store, "--workers", "1",
                    "--default-artifact-root", f"{self.folder}/artifacts",
                ],
                cwd=self.folder, env=environment_of(self.folder), stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 120
        while True:
            assert self._process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=5).close()
            except OSError:
                assert time.monotonic() < deadline
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.2)
            else:
                return

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        family = [
            *psutil.Process(self._process.pid).children(recursive=True),
            psutil.Process(self._process.pid),
        ]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=20)
        self._process.wait(20)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "server"
    folder.mkdir()
    made = Server(folder)
    made.start()
    yield made
    made.stop()


def test_cells_run_without_the_tracking_server_and_verbs_say_what_is_wrong(tmp_path: Path) -> None:
    uri = f"http://127.0.0.1:{free_port()}"
    notebook = Notebook(tmp_path / "project", MLFLOW_TRACKING_URI=uri)
    try:
        notebook.done("%mlops track on")
        notebook.done(FIT)
        notebook.done("%%mlops track --name again\nagain = LinearRegression().fit(rows, target)")
        assert 0 < notebook["r2"] < 1
        for verb in ("runs", "compare", "models", "promote model --as x", "serve x"):
            said = notebook.run(f"%mlops {verb}").refusal()
            assert uri in said[0]
        assert notebook.done("%mlops track status").value.waiting == 2
    finally:
        notebook.close()
    done = run_mlops(tmp_path / "project", "models", "--json", MLFLOW_TRACKING_URI=uri)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == "StoreError"


def test_a_promotion_whose_registry_is_gone_after_the_replay_registers_nothing(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    notebook = Notebook(tmp_path / "project", MLFLOW_TRACKING_URI=server.uri)
    seen: list[str] = []

    def stop_at(text: str, share: float) -> None:
        seen.append(text)
        if text == "registering":
            server.stop()

    try:
        notebook.done("%mlops track on")
        notebook.done(FIT)
        notebook.done("%mlops promote model --as steady")
        with notebook.here(), pytest.raises(StoreError) as caught:
            jupyter_mlops.promote(notebook["model"], "steady", progress=stop_at)
        assert seen[-1] == "registering"
        assert len(str(caught.value).splitlines()) == 2
    finally:
        notebook.close()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.store)  # what the server would have told
    found = jupyter_mlops.models("steady").to_dict()["versions"]
    moves = jupyter_mlops.models("steady", moves=True).to_dict()["moves"]
    assert [(version["version"], version["aliases"]) for version in found] == [("1", ["champion"])]
    assert [move["after"] for move in moves] == ["1"]


def test_a_project_that_cannot_be_written_costs_one_line_and_no_cell(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    working = tmp_path / "working"
    notebook = Notebook(working, MLOPS_PROJECT=str(tmp_path / "file" / "project"))
    try:
        on = notebook.done("%mlops track on").value
        assert not on.is_on
        assert "cannot be written" in str(on.problem)
        tracked = notebook.done("%%mlops track --name lost\nkept = 6 * 7")
        assert notebook["kept"] == 42
        assert len(tracked.printed.strip().splitlines()) == 1
        assert "this cell is not tracked" in tracked.printed
        notebook.done(FIT)
        assert 0 < notebook["r2"] < 1
        for verb in ("runs", "models"):
            assert len(notebook.run(f"%mlops {verb}").refusal()) == 2
        notebook.done("%mlops track status")
        notebook.done("%mlops track off")
    finally:
        notebook.close()


def test_an_export_to_a_place_that_cannot_be_written_leaves_nothing(at_story: Story, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MlopsError) as caught:
        jupyter_mlops.export("income", tmp_path / "file" / "bundle")
    assert len(str(caught.value).splitlines()) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
