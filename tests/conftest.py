"""Shared parts: a project folder of its own for each test, and notebooks whose cells are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tracked_shell import TrackedShell

from jupyter_mlops.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _key_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Objects are marked with a key of these tests, and not with that of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_KEY_FILE", str(tmp_path_factory.mktemp("config") / "key"))
        yield


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty project folder, which is also the current one."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setenv("MLOPS_PROJECT", str(folder))
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "JPY_SESSION_NAME"):
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
