"""A project folder can be moved or copied: runs, their files and snapshots come along."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_mlops.settings import local_uri
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import find_run, run_slice, search_runs

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

FIT = "from sklearn.linear_model import Ridge\nmodel = Ridge().fit([[0.0], [1.0]], [0.0, 1.0])"


def moved(settings: Settings, name: str) -> Settings:
    """The same project in a folder of another name beside it."""
    folder = settings.project.with_name(name)
    return replace(settings, project=folder, tracking_uri=local_uri(folder))


def test_files_of_runs_are_found_after_the_folder_was_moved(notebook: TrackedShell) -> None:
    notebook.run(FIT)
    sync(notebook.settings)
    there = moved(notebook.settings, "moved")
    shutil.copytree(notebook.settings.project, there.project)
    for file in (notebook.settings.project / "mlartifacts").rglob("*.json"):
        file.write_text("the old place is not read any more", "utf-8")
    run = find_run(there, "last")
    assert FIT in run_slice(there, run).code
    assert run.tags["mlops.folder"] == str(there.project)


def test_runs_that_were_waiting_arrive_in_the_store_that_moved(notebook: TrackedShell) -> None:
    notebook.run(FIT)
    there = moved(notebook.settings, "copy")
    shutil.copytree(notebook.settings.project, there.project)
    sync(there)
    assert [run.status for run in search_runs(there)] == ["FINISHED"]
    assert not (notebook.settings.project / "mlflow.db").exists()


def test_addresses_outside_the_project_stay_as_they_are(notebook: TrackedShell) -> None:
    notebook.run(FIT)
    sync(notebook.settings)
    beside = moved(notebook.settings, notebook.settings.project.name + "-2")
    shutil.copytree(notebook.settings.project, beside.project)
    again = moved(beside, notebook.settings.project.name)
    assert find_run(beside, "last").tags["mlops.folder"] == str(beside.project)
    assert find_run(again, "last").tags["mlops.folder"] == str(again.project)
