"""The process that answers quick questions: whatever happens to it, the next question has its answer."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jupyter_mlops.errors import StoreError
from jupyter_mlops.lineage.clean_process import is_running
from jupyter_mlops.server import desk as desks
from jupyter_mlops.server.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

PAGE = {"offset": 0, "limit": 10}


def children() -> list[psutil.Process]:
    """The desk's processes that live; other tests' servers, with desks of their own, may be there as well."""
    return [each for each in psutil.Process().children() if is_running(each) and is_ours(each)]


def is_ours(process: psutil.Process) -> bool:
    try:
        return "jupyter_mlops.server.worker" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


async def gone(process: psutil.Process) -> None:
    while is_running(process):
        await asyncio.sleep(0.02)


def run(work: Coroutine[Any, Any, None]) -> None:
    async def to_the_end() -> None:
        await work
        while children():
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)  # until the loop has taken notice

    asyncio.run(asyncio.wait_for(to_the_end(), 240))


def test_a_killed_process_is_not_missed_and_one_that_hangs_is_given_up(
    project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        desk = Desk()
        first = await desk.ask(project.project, "run_page", **PAGE)
        (worker,) = children()
        worker.kill()
        assert await desk.ask(project.project, "run_page", **PAGE) == first
        await gone(worker)

        (worker,) = children()
        worker.suspend()
        monkeypatch.setattr(desks, "SECONDS", 0.5)
        with pytest.raises(StoreError):
            await desk.ask(project.project, "run_page", **PAGE)
        await gone(worker)
        monkeypatch.setattr(desks, "SECONDS", 60.0)
        assert await desk.ask(project.project, "run_page", **PAGE) == first

        (worker,) = children()
        desk.close()
        await gone(worker)
        assert not children()

    run(story())


def test_what_waits_twice_is_asked_once_and_idle_processes_end(
    project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        desk = Desk()
        monkeypatch.setattr(desks, "MOST_WAITING", 3)
        pages = [desk.ask(project.project, "run_page", **PAGE) for _ in range(50)]
        others = [desk.ask(project.project, "run_page", offset=at, limit=1) for at in range(8)]
        found = await asyncio.gather(*pages, *others, return_exceptions=True)
        assert all(page == found[0] for page in found[:50])
        assert [type(each) for each in found[-2:]] == [StoreError, StoreError]

        (worker,) = children()
        monkeypatch.setattr(desks, "IDLE", 0.1)
        await desk.ask(project.project, "run_page", **PAGE)
        await gone(worker)
        desk.close()

    run(story())


def test_projects_share_a_number_of_processes(
    project: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        desk = Desk()
        monkeypatch.setattr(desks, "MOST_PROCESSES", 1)
        for name in ("a", "b", "c"):
            (tmp_path / name).mkdir()
            await desk.ask(tmp_path / name, "run_page", **PAGE)
        while len(children()) > 1:
            await asyncio.sleep(0.02)
        (worker,) = children()
        assert worker.cwd() == str(tmp_path / "c")
        desk.close()

    run(story())


def test_files_of_the_project_and_noise_at_the_start_are_not_in_the_way(
    project: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = tmp_path / "noise"
    noise.mkdir()
    (noise / "sitecustomize.py").write_text('import os\nos.write(1, b"hello\\n{}\\nmlops\\n")\n')
    for module in ("json", "numpy", "sqlite3"):
        (project.project / f"{module}.py").write_text('raise SystemExit("run without being asked")\n')
    monkeypatch.setenv("PYTHONPATH", str(noise), prepend=":")

    async def story() -> None:
        desk = Desk()
        assert json.loads(await desk.ask(project.project, "run_page", **PAGE))["total"] == 0
        desk.close()

    run(story())


def test_runs_on_their_way_are_counted_and_brought_though_the_kernels_helper_is_gone(
    notebook: TrackedShell, project: Settings
) -> None:
    notebook.run("%%mlops track --name early\nx = 1")

    async def story() -> None:
        desk = Desk()
        page = json.loads(await desk.ask(project.project, "run_page", **PAGE))
        assert (page["total"], page["waiting"]) == (0, 1)
        while page["waiting"]:
            await asyncio.sleep(0.2)
            page = json.loads(await desk.ask(project.project, "run_page", **PAGE))
        assert [run["name"] for run in page["runs"]] == ["early"]
        notebook.session.end()
        (worker,) = children()
        while any(is_running(each) for each in worker.children(recursive=True)):
            await asyncio.sleep(0.1)
        desk.close()

    run(story())


def test_a_users_own_store_is_the_one_that_is_asked(
    project: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/broken.db")
    (tmp_path / "broken.db").write_text("no database")

    async def story() -> None:
        desk = Desk()
        with pytest.raises(desks.AnsweredError) as refused:
            await desk.ask(project.project, "run_page", **PAGE)
        assert refused.value.kind == "StoreError"
        desk.close()

    run(story())
