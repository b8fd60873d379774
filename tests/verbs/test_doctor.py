"""`doctor` says how things stand, mends what it can, and tells a shell by its exit code what it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
from jupyter_client.manager import KernelManager
from the_story import run_mlops
from tracking.waiting import until

import jupyter_mlops
from jupyter_mlops.bundle.server_files import RunningServer, remember
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.project import waiting_runs

if TYPE_CHECKING:
    import pytest
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.doctor import Diagnosis

NOBODY = "http://127.0.0.1:9"
# as `%mlops track on`, without the process that would project on its own
TRACK = """
%load_ext jupyter_mlops
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
open_session(get_ipython(), load_settings()).start()
"""


def found(diagnosis: Diagnosis) -> dict[str, tuple[str, str]]:
    """Outcome and figure of each check."""
    return {what: (outcome, figure) for outcome, what, figure in diagnosis.checks}


def test_in_a_new_project_all_is_well_and_nothing_is_made(project: Settings) -> None:
    diagnosis = jupyter_mlops.doctor()
    assert diagnosis.is_well
    assert {outcome for outcome, _ in found(diagnosis).values()} == {"passed"}
    assert list(project.project.iterdir()) == []


def test_the_run_of_a_killed_kernel_is_brought_to_mlflow_and_its_session_closed(project: Settings) -> None:
    manager = KernelManager()
    manager.start_kernel(cwd=str(project.project), env={**os.environ})
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        for source in (TRACK, "%%mlops track --name 'last words'\ndepth = 3\nloss = depth / 2"):
            reply = client.execute_interactive(source, timeout=60, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", reply["content"]
        manager.signal_kernel(9)
        assert manager.provisioner is not None
        manager.provisioner.process.wait(timeout=90)
    finally:
        client.stop_channels()
        manager.cleanup_resources()
    assert waiting_runs(project) == 1

    asked = run_mlops(project.project, "doctor", "--json")
    assert asked.returncode == 0, asked.stderr
    checks = {check["check"]: check for check in json.loads(asked.stdout)["checks"]}
    session = checks["session of project, killed"]
    assert session["outcome"] == "warned"
    assert session["figure"].startswith("1 run brought to MLflow")
    assert (session["data"]["waited"], session["data"]["waiting"]) == (1, 0)
    assert checks["MLflow store"]["data"] == {"runs": 1}

    again = found(jupyter_mlops.doctor())
    assert again["earlier sessions"] == ("passed", "1 journal, nothing waits")
    assert {outcome for outcome, _ in again.values()} == {"passed"}


def test_what_cannot_be_mended_fails_and_gives_the_shell_a_1(
    untracked: TrackedShell, project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", NOBODY)
    untracked.settings = load_settings()
    untracked.track()
    untracked.execute("%%mlops track --name kept\nn = 1")
    untracked.close()

    asked = run_mlops(project.project, "doctor", MLFLOW_TRACKING_URI=NOBODY)
    assert asked.returncode == 1
    assert "session of project, ended" in asked.stdout
    assert "1 run still in the journal" in asked.stdout
    assert "Start it, or point MLFLOW_TRACKING_URI to another one" in asked.stdout
    asked = run_mlops(project.project, "doctor", "--json", MLFLOW_TRACKING_URI=NOBODY)
    assert asked.returncode == 1
    assert json.loads(asked.stdout)["is_well"] is False
    assert waiting_runs(project) == 1


def test_the_process_that_brings_runs_is_started_again_while_a_session_is_alive(
    untracked: TrackedShell, project: Settings
) -> None:
    what = "process that brings runs to MLflow"
    untracked.track()
    untracked.execute("n = 1")
    outcome, figure = found(jupyter_mlops.doctor())[what]
    assert outcome == "warned"
    assert "started again" in figure
    until(lambda: found(jupyter_mlops.doctor())[what] == ("passed", "running"), "it works")
    assert found(jupyter_mlops.doctor())["session of project, alive"] == ("passed", "nothing waits")


def test_a_damaged_snapshot_is_named_and_the_whole_ones_are_counted(project: Settings) -> None:
    store = SnapshotStore(project.snapshots)
    for start in (0, 1000):
        store.put(pd.DataFrame({"n": range(start, start + 500)}))
    assert found(jupyter_mlops.doctor())["snapshot store"] == ("passed", "2 values whole, 1 MB")
    largest = max((f for f in project.snapshots.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-1])
    diagnosis = jupyter_mlops.doctor()
    outcome, figure = found(diagnosis)["snapshot store"]
    assert outcome == "failed"
    assert "1 value whole" in figure
    assert largest.name in diagnosis.note


def test_files_of_servers_that_are_gone_are_removed(project: Settings) -> None:
    project.servers.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        server = RunningServer("income", "1", "http://127.0.0.1:9", process.pid, project.servers / "x.log")
        remember(server, project.servers)
        assert found(jupyter_mlops.doctor())["servers"] == ("passed", "1 running")
    assert found(jupyter_mlops.doctor())["servers"][0] == "warned"
    assert list(project.servers.glob("*.json")) == []
    assert found(jupyter_mlops.doctor())["servers"] == ("passed", "0 running")
