"""Long work: how a command's end is told, whatever it was, and that nothing of it is left behind."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from jupyter_in_process import held_jobs

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.lineage.clean_process import is_running
from jupyter_mlops.server import jobs as all_jobs
from jupyter_mlops.server.command_process import CommandProcess
from jupyter_mlops.server.jobs import BusyError, Job, Jobs

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from jupyter_mlops.settings import Settings


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 150))


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A word for commands that do not end by themselves."""
    monkeypatch.setenv("PYTHONPATH", held_jobs(tmp_path / "held"))
    return "held"


def made() -> Jobs:
    return Jobs(lambda: None, logging.getLogger("jobs"))


def start(jobs: Jobs, folder: Path, *words: str) -> Job:
    return jobs.start("reproduce", "x", ["reproduce", "--json", "--", *words], folder, words)


async def over(job: Job) -> Job:
    while not job.is_over:
        await job.changed.wait()
    return job


async def process_of(job: Job) -> psutil.Process:
    while job.command is None:
        await asyncio.sleep(0.01)
    return psutil.Process(job.command.pid)


def test_a_command_that_cannot_be_started_or_is_killed_has_failed(
    project: Settings, tmp_path: Path, held: str
) -> None:
    async def story() -> None:
        jobs = made()
        nowhere = await over(start(jobs, tmp_path / "gone", "x"))
        refused = await over(start(jobs, project.project, "a\0b"))
        assert {nowhere.status, refused.status} == {"failed"}

        killed = start(jobs, project.project, held)
        (await process_of(killed)).kill()
        await over(killed)
        assert killed.status == "failed"
        assert killed.problem
        assert "memory" in killed.problem["what"]

    run(story())


def test_the_same_twice_and_too_many_at_once_are_refused_and_what_waits_can_be_cancelled(
    project: Settings, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        jobs = made()
        monkeypatch.setattr(all_jobs, "MOST_WAITING", 1)
        begun = [start(jobs, project.project, held, word) for word in ("a", "b", "c")]
        processes = [await process_of(job) for job in begun[:2]]
        for process in processes:
            process.suspend()  # so that they do not stop when they are asked to
        with pytest.raises(BusyError, match="same"):
            start(jobs, project.project, held, "c")
        with pytest.raises(BusyError, match="too many"):
            start(jobs, project.project, "d")
        await jobs.cancel(begun[2])
        assert [job.status for job in begun] == ["running", "running", "cancelled"]
        with pytest.raises(NotFoundError):
            jobs.find(begun[0].id, project.project / "other")
        assert jobs.all(project.project / "other") == []

        monkeypatch.setattr(all_jobs, "_GRACE_AT_THE_END", 0.2)
        jobs.close()
        assert psutil.wait_procs(processes, 60)[1] == []
        for job in begun:
            await over(job)

    run(story())


def test_a_job_that_is_cancelled_while_it_is_started_leaves_no_process(project: Settings, held: str) -> None:
    async def story() -> None:
        before = set(psutil.Process().children())
        jobs = made()
        job = start(jobs, project.project, held)
        while not (started := set(psutil.Process().children()) - before):
            await asyncio.sleep(0)
        assert job.command is None
        await jobs.cancel(job)
        assert job.status == "cancelled"
        await job.changed.wait()  # told once more, when the process has ended
        assert job.status == "cancelled"
        assert not any(map(is_running, started))

    run(story())


def test_the_jobs_that_are_kept_have_a_number(project: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        jobs = made()
        monkeypatch.setattr(all_jobs, "_KEPT", 3)
        for number in range(8):
            await over(start(jobs, project.project / "gone", str(number)))
        assert len(jobs.all(project.project / "gone")) == 4

    run(story())


async def printed(code: str) -> tuple[Any, list[tuple[str, float]]]:
    """What is heard of a program as if it were the command."""
    heard: list[tuple[str, float]] = []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    ended = await CommandProcess(process).end(lambda *told: heard.append(told))
    return ended, heard


def test_whatever_a_command_prints_is_read_to_its_end_and_kept_small() -> None:
    async def story() -> None:
        ended, heard = await printed(
            "import sys, json\n"
            "sys.stdout.write('x' * 30_000_000)\n"
            "sys.stderr.write('y' * 20_000_000 + '\\n')\n"
            "for line in ('[1]', '{', '{\"share\": 1}', '[' * 50_000, json.dumps({'progress': 'p' * 1000, "
            "'share': 1e400}), 'last words'):\n    print(line, file=sys.stderr)\n"
        )
        assert (ended.code, ended.answer) == (0, None)
        assert heard == [("p" * 300, 1.0)]
        assert ended.said.endswith("last words")
        assert len(ended.said) < 200_000
        ended, _ = await printed('print(\'{"a": NaN, "b": Infinity, "c": 1}\')')
        assert ended.answer == {"a": None, "b": None, "c": 1}

    run(story())
