"""The process that brings runs to MLflow comes by itself, works, and leaves by itself."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from stored_runs import names, stored_runs
from waiting import projecting, until

from jupyter_mlops.errors import StoreError
from jupyter_mlops.tracking.background import start_background
from jupyter_mlops.tracking.project import waiting_runs

if TYPE_CHECKING:
    import psutil
    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings


def workers(project: Settings) -> list[psutil.Process]:
    return projecting(project.project)


def test_it_projects_while_the_session_works_and_leaves_after_it_ended(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    start_background(project)
    # the one that holds the lock is the first: two that start together may take it in either order
    until((project.journals / ".background.lock").exists, "the process starts")
    first = workers(project)
    assert first
    start_background(project)
    until(lambda: workers(project) == first, "the second process leaves")

    notebook.run("%%mlops track --name early\nx = 1")
    until(lambda: names(client) == ["early"] and not waiting_runs(project), "the first run arrives")
    assert workers(project) == first
    notebook.run("%%mlops track --name late\nx = 2")
    notebook.session.end()
    until(lambda: not workers(project), "the process leaves")
    assert names(client) == ["early", "late"]
    assert [run.info.status for run in stored_runs(client, "session")] == ["FINISHED"]


def test_files_beside_the_notebook_are_none_of_its_modules(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    for module in ("random", "mlflow", "filelock"):
        (project.project / f"{module}.py").write_text("raise ImportError('of the notebook')")
    start_background(project)
    notebook.run("%%mlops track --name mine\nx = 1")
    until(lambda: names(client) == ["mine"], "the run arrives")
    notebook.session.end()
    until(lambda: not workers(project), "the process leaves")


def test_it_leaves_when_the_project_is_removed(notebook: TrackedShell, project: Settings) -> None:
    start_background(project)
    until((project.journals / ".background.lock").exists, "the process starts")
    (worker,) = workers(project)
    worker.suspend()  # a file that it makes meanwhile would keep a folder from being removed
    shutil.rmtree(project.home)
    worker.resume()
    until(lambda: not workers(project), "the process leaves")


def test_a_folder_it_cannot_use_is_a_clear_error(project: Settings) -> None:
    project.home.write_text("a file")
    with pytest.raises(StoreError, match="cannot be started"):
        start_background(project)
