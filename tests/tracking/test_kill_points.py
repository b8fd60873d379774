"""Killed at 200 random points, tracking loses no finished cell, doubles no run, leaves no half-written file.

Each batch is a project in which real kernels work, two at a time, while the projecting process brings their
runs to MLflow. Kernels and that process are killed at random times, or kill themselves at a random step on
the project's files. They are forked from processes that have all imports behind them (`fork_server.py`): 200
take minutes instead of half an hour. ``pytest --started-kernels N`` kills N kernels that were started as
Jupyter starts them, and that start their projecting process themselves; without it, three.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from forked import ForkServer, fork_kernel, kill, start_kernel
from nothing_lost import FULL, GREEDY, NO_MEMORY, RELIEF, TRACK_ON, assert_nothing_lost, cells
from waiting import until

from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.client import connect
from jupyter_mlops.tracking.owed import Journals

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCHES = 10
KERNELS = 16  # and so many kills of them
PROJECTIONS = 4  # kills of the projecting process
ROUNDS = 2  # of cells: every kind of them once for names that are new, and once for names that are known
LONGEST = 60  # characters
WAYS = ("signal", "signal", "signal", "step", "step", "terminate", "restart")


@pytest.fixture(scope="module")
def short() -> Iterator[Path]:
    """A folder with a short name: the address of a Unix socket has at most 100 characters."""
    folder = Path(tempfile.mkdtemp(prefix="kill"))
    if len(str(folder)) > LONGEST:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="kill", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def kernels(short: Path) -> Iterator[ForkServer]:
    server = ForkServer("kernels", short)
    yield server
    server.close()


@pytest.fixture(scope="module")
def mlflow(short: Path) -> Iterator[ForkServer]:
    server = ForkServer("mlflow", short)
    yield server
    server.close()


def doctor(server: ForkServer, project: Settings) -> dict[str, str]:
    """What `mlops doctor --json` found in a process of its own: outcome and figure of each check."""
    answer = project.home / "doctor.json"
    answer.unlink(missing_ok=True)
    pid = server.fork("doctor", project.project, words=["doctor", "--json"], output=str(answer))
    assert server.wait(pid) == 0, answer.read_text()
    checks = json.loads(answer.read_text())["checks"]
    return {check["check"]: f"{check['outcome']}: {check['figure']}" for check in checks}


def a_project(folder: Path, empty_store: Path) -> Settings:
    folder.mkdir()
    shutil.copy(empty_store, folder / "mlflow.db")
    return Settings(folder, local_uri(folder))


def assert_doctor_finds_all(server: ForkServer, project: Settings) -> None:
    """One doctor mends what was left; the next one finds nothing to do."""
    doctor(server, project)
    again = doctor(server, project)
    assert all(figure.startswith("passed") for figure in again.values()), again


@pytest.mark.parametrize("seed", range(BATCHES))
def test_whatever_is_killed_nothing_is_lost_and_nothing_comes_twice(
    seed: int, kernels: ForkServer, mlflow: ForkServer, empty_store: Path, short: Path
) -> None:
    chance = random.Random(seed)
    project = a_project(short / f"p{seed}", empty_store)
    projecting: list[int] = []
    sessions = []
    for number in range(0, KERNELS, 2):
        if len(projecting) <= PROJECTIONS:
            if projecting:
                kill(mlflow, projecting[-1])
            die_at = chance.randrange(1, 120) if chance.random() < 0.5 else 0
            projecting.append(mlflow.fork("project", project.project, die_at))
        pair = []
        for each in range(2):
            way = chance.choice(WAYS)
            die_at = chance.randrange(1, 200) if way == "step" else 0
            kernel = fork_kernel(kernels, project.project, f"{seed}.{number + each}", die_at)
            pair.append((kernel, way, cells(1000 * seed + number + each, ROUNDS)))
        for kernel, _, sent in pair:
            kernel.send(sent)
        for kernel, way, sent in sorted(pair, key=lambda _: chance.random()):
            kernel.listen(cells=1)
            kernel.listen(time.monotonic() + chance.uniform(0, 1))
            soft = {"terminate": signal.SIGTERM, "restart": "restart"}
            kernel.end(signal.SIGKILL if kernel.is_gone() else soft.get(way, signal.SIGKILL))
            sessions.append((sent, kernel.finished, "" if way in soft else "KILLED"))
    kill(mlflow, projecting[-1])
    assert_doctor_finds_all(mlflow, project)
    assert_nothing_lost(project, connect(project), sessions)
    shutil.rmtree(project.project)


@pytest.mark.parametrize("trouble", ["full", "memory"])
def test_cells_that_met_a_full_disk_or_no_memory_are_found_when_it_is_over(
    trouble: str, kernels: ForkServer, mlflow: ForkServer, empty_store: Path, short: Path
) -> None:
    project = a_project(short / trouble, empty_store)
    sessions = []
    for seed in range(4):
        chance = random.Random(seed)
        kernel = fork_kernel(kernels, project.project, f"{trouble}{seed}")
        sent = cells(seed)
        begin, end = chance.randrange(2, 8), chance.randrange(10, 18)
        squeeze = FULL.format(limit=chance.randrange(0, 9000))
        if trouble == "memory":
            squeeze = NO_MEMORY.format(limit=chance.randrange(8, 60) << 20)
            sent[end:end] = [GREEDY]
        sent[end + 1 : end + 1] = [RELIEF]
        sent[begin:begin] = [squeeze]
        kernel.send(sent)
        kernel.listen(cells=begin)
        # without memory, compiled code may end the process or take minutes where Python would raise an error
        is_short = trouble == "memory"
        kernel.listen(time.monotonic() + (20 if is_short else 120), cells=end + 5)
        assert len(kernel.finished) >= (begin if is_short else end + 5)
        kernel.listen(time.monotonic() + chance.uniform(0, 0.3))
        kernel.end(signal.SIGKILL)
        sessions.append((sent, kernel.finished, "KILLED"))
    assert_doctor_finds_all(mlflow, project)
    assert_nothing_lost(project, connect(project), sessions)


def test_kernels_as_jupyter_starts_them_are_followed_to_the_end_by_their_own_process(
    request: pytest.FixtureRequest, empty_store: Path, short: Path
) -> None:
    project = a_project(short / "started", empty_store)
    sessions = []
    for seed in range(request.config.getoption("--started-kernels")):
        chance = random.Random(seed)
        kernel = start_kernel(project.project)
        sent = cells(seed, track=TRACK_ON)
        kernel.send(sent)
        kernel.listen(cells=2)
        kernel.listen(time.monotonic() + chance.uniform(0, 4))
        kernel.end(signal.SIGKILL)
        sessions.append((sent, kernel.finished, "KILLED"))
    until(lambda: not list(Journals(project.journals).open()), "the runs arrive and the sessions are closed")
    assert_nothing_lost(project, connect(project), sessions)
