"""Shared parts: a project folder of its own for each test, and notebooks whose cells are recorded."""

from __future__ import annotations

import gc
import os
import sys
import uuid
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from new_store import empty_project
from real_servers import S3, running
from tracked_shell import TrackedShell

from jupyter_mlops.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The same examples every time, so that a change is to blame when a test fails, and as much time for each as a
# busy machine takes; `--hypothesis-profile default` searches on.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")

# Where Chromium, JupyterLab, a kernel and our processes work together, the races of all of them are met.
# Such a test may be run a second time; the summary shows what failed at first: somebody has to look why.
_PAGES_AND_SERVERS = frozenset({"browser", "server"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--started-kernels",
        type=int,
        default=3,
        metavar="N",
        help="how many kernels, each started as Jupyter starts them, are killed at random points",
    )
    parser.addoption(
        "--load-seconds",
        type=float,
        default=6.0,
        metavar="S",
        help="how long a bundle's server is under load",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: half of the time a worker waits for processes of its tests."""
    cores = os.cpu_count() or 1
    return cores + max(1, cores // 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file of each folder in turn: browsers and clean processes beside what computes little."""
    place: dict[Path, int] = {}
    seen: Counter[Path] = Counter()
    for item in items:
        if item.path not in place:
            place[item.path] = seen[item.path.parent]
            seen[item.path.parent] += 1
        if item.path.parent.name in _PAGES_AND_SERVERS:
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(autouse=True)
def _streams_without_shells() -> None:
    """IPython leaves its own `write` on a stream where an exception passes through a cell: take it off."""
    for stream in (sys.stdout, sys.stderr):
        vars(stream).pop("write", None)


@pytest.fixture(scope="module", autouse=True)
def _nothing_old_is_collected() -> None:
    """Each shell ends with a collection: with the objects of all libraries it would take half a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _key_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Objects are marked with a key of these tests, and not with that of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_KEY_FILE", str(tmp_path_factory.mktemp("config") / "key"))
        patch.setenv("MLOPS_PIPELINE", "off")  # seconds for each promotion; its own tests turn it on
        yield


@pytest.fixture(scope="session")
def empty_store() -> Path:
    """An MLflow database with its tables and nothing in them, to be copied."""
    return empty_project() / "mlflow.db"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty project folder, which is also the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setenv("MLOPS_PROJECT", str(folder))
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLOPS_SNAPSHOTS", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)
    return load_settings()


@pytest.fixture
def untracked(project: Settings) -> Iterator[TrackedShell]:
    """A notebook with the extension loaded; nothing is tracked yet."""
    shell = TrackedShell(project)
    yield shell
    shell.close()


@pytest.fixture
def notebook(untracked: TrackedShell) -> TrackedShell:
    """A tracked notebook."""
    untracked.track()
    return untracked


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A real S3 server with a bucket ``team``."""
    made = S3(tmp_path_factory.mktemp("s3") / "s3.log")
    with running(made):
        made.make_bucket("team")
        yield made


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place in the bucket, for a client with credentials in its environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://team/{uuid.uuid4().hex}/snapshots"
