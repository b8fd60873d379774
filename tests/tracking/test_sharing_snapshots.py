"""A notebook whose data goes to a bucket as well: cells never wait for it, a colleague gets it from there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faulty_proxy import FaultyProxy
from verbs.notebook_in_process import Notebook
from waiting import until

import jupyter_mlops
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.settings import Settings, load_settings
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from real_servers import S3

FRAME = """
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
X = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 3)), columns=list("abc"))
y = (X["a"] > 0).astype(int)
"""
FIT = """%%mlops track --name fit
model = LogisticRegression().fit(X, y)
score = model.score(X, y)
"""


@pytest.fixture
def shared(project: Settings, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A project that shares its snapshots in a bucket."""
    monkeypatch.setenv("MLOPS_SNAPSHOTS", bucket)
    return load_settings()


@pytest.fixture
def notebook(shared: Settings) -> Iterator[Notebook]:
    made = Notebook(shared.project, background=True)
    yield made
    made.close()


def store_all() -> None:
    """Wait until all values of the notebook's cells are stored here."""
    session = current_session()
    assert session is not None
    session.keeper.drain()


def waiting(settings: Settings) -> list[str]:
    assert settings.shared is not None
    return Outbox(settings.snapshots, settings.shared).waiting()


def run_mlops(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The console script, in a shell that knows the bucket but nothing of this process's notebook."""
    known = {"MLOPS_PROJECT": str(folder), "MLOPS_SNAPSHOTS": os.environ["MLOPS_SNAPSHOTS"]}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "MLOPS_"))}
    return subprocess.run(
        [str(Path(sys.executable).with_name("mlops")), *words],
        cwd=folder, env={**kept, **known, **more},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_a_colleague_promotes_from_the_bucket(notebook: Notebook, shared: Settings, tmp_path: Path) -> None:
    for source in ("%mlops track on", FRAME, FIT):
        notebook.done(source)
    store_all()
    until(lambda: not waiting(shared), "all is brought to the bucket")
    assert "none waiting" in notebook.done("%mlops track status").value.sharing
    assert ("passed", f"snapshots shared at {shared.shared}", "answers, nothing waits") in notebook.done(
        "%mlops doctor"
    ).value.checks
    notebook.done("%mlops runs")

    theirs = tmp_path / "theirs"  # another machine: the same tracking store and bucket, nothing else
    theirs.mkdir()
    store = f"sqlite:///{shared.project}/mlflow.db"
    asked = run_mlops(theirs, "promote", "fit", "--as", "line", "--json", MLFLOW_TRACKING_URI=store)
    assert asked.returncode == 0, asked.stderr
    assert '"verified": true' in asked.stdout


def test_a_missing_bucket_is_told_once_and_everything_comes_when_it_is_made(
    notebook: Notebook, shared: Settings, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shared.shared is not None
    later = f"later{os.getpid()}"
    address = shared.shared.replace("team", later)
    notebook.environment = {**notebook.environment, "MLOPS_SNAPSHOTS": address}
    monkeypatch.setenv("MLOPS_SNAPSHOTS", address)
    project = load_settings()
    notebook.done("%mlops track on")
    printed = notebook.done(FRAME).printed
    until((project.journals / "sharing.json").exists, "the problem is met")
    for number in range(3):
        printed += notebook.done(f"x = {number}").printed
    lines = [line for line in printed.splitlines() if line.startswith("mlops:")]
    assert len(lines) == 1
    assert "to be brought to" in lines[0]
    assert "there is no such bucket" in lines[0]
    assert "to be brought to" in notebook.done("%mlops track status").value.problem
    asked = run_mlops(project.project, "doctor")
    assert asked.returncode == 1
    assert "still here only" in asked.stdout
    assert "Make the bucket" in asked.stdout

    s3.make_bucket(later)
    asked = run_mlops(project.project, "doctor")
    assert asked.returncode == 0, asked.stdout
    assert waiting(project) == []
    assert SnapshotStore(address).verify().ok
    assert notebook.done("%mlops track status").value.problem is None


def test_cells_do_not_wait_for_a_slow_bucket_and_the_kernel_ends_without_it(shared: Settings, s3: S3) -> None:
    with FaultyProxy(s3.url).running() as proxy:
        proxy.fault = lambda number: "hold"
        notebook = Notebook(shared.project, background=True, AWS_ENDPOINT_URL=proxy.url)
        for source in ("%mlops track on", FRAME, FIT):
            notebook.done(source)
        until(lambda: proxy.asked, "the bucket is asked")
        notebook.done("X = X * 2")
        notebook.close()
        assert not proxy.held.is_set()
        made = waiting(shared)
        assert len(made) >= 3  # two frames, one of them in two versions
        proxy.held.set()
        until(lambda: not waiting(shared), "everything arrives after the kernel ended")
    assert shared.shared is not None
    assert SnapshotStore(shared.shared).verify().values == len(made)


def test_the_data_of_a_run_is_read_back_by_plain_mlflow_from_the_bucket(
    notebook: Notebook, shared: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    for source in ("%mlops track on", FRAME, FIT, "%mlops runs"):
        notebook.done(source)
    store_all()
    until(lambda: not waiting(shared), "all is brought to the bucket")
    client = mlflow.MlflowClient(f"sqlite:///{shared.project}/mlflow.db")
    run = client.get_run(jupyter_mlops.runs().to_dict()["runs"][0]["id"])
    data = {found.dataset.name: found for found in run.inputs.dataset_inputs}
    monkeypatch.setenv("MLOPS_PROJECT", str(tmp_path / "elsewhere"))
    assert mlflow.data.get_source(data["X"]).load().equals(notebook["X"])


def test_a_bucket_makes_turning_tracking_on_no_slower(shared: Settings) -> None:
    code = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in ("%load_ext jupyter_mlops", "%mlops track on", "x = 1", "%mlops track status"):
    shell.run_cell(source, store_history=True).raise_error()
print({"numpy", "pandas", "pyarrow", "mlflow", "fsspec"} & {*sys.modules})
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=shared.project,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "set()"
