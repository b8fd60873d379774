"""A store that is gone: cells run, one clear error comes soon, nothing is lost and nothing half done."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook
from real_servers import MlflowServer, free_port, running
from the_story import run_mlops

import jupyter_mlops
from jupyter_mlops.errors import MlopsError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from the_story import Story

FIT = """
import pandas as pd
from sklearn.linear_model import LinearRegression
rows = pd.DataFrame({"a": range(40), "b": [1, 2] * 20})
target = rows["a"] % 7 + rows["b"]
model = LinearRegression().fit(rows, target)
r2 = model.score(rows, target)
"""


@pytest.fixture
def server(tmp_path: Path, empty_store: Path) -> Iterator[MlflowServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copyfile(empty_store, folder / "server.db")
    server = MlflowServer(folder, store_of(folder))
    with running(server):
        yield server


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder}/server.db"


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
    tmp_path: Path, server: MlflowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    notebook = Notebook(tmp_path / "project", MLFLOW_TRACKING_URI=server.url)
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
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store_of(server.log.parent))  # what it would have told
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
        assert notebook.done("%mlops runs").value.rows == ()  # looking makes no store
        assert len(notebook.run("%mlops models").refusal()) == 2
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
