"""Sessions that cannot be looked up here, or were judged wrongly: not closed on a guess, and not lost."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from stored_runs import names, stored_runs

import jupyter_mlops
from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.notebook.journal import Journal, read_journal
from jupyter_mlops.tracking.owed import STALE_SECONDS, Journals, heartbeat
from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings


def change_owner(journal: Path, **owner: object) -> None:
    """Write a journal anew as if another process had written it."""
    header, *events = list(read_journal(journal))
    journal.unlink()
    anew = Journal(journal)
    for event in ({**header, **owner}, *events):
        anew.append(event)
    anew.close()


@pytest.fixture
def elsewhere(notebook: TrackedShell, client: MlflowClient) -> Path:
    """The journal of a session of another host with one run; its session here is over."""
    notebook.run("%%mlops track --name there\nn = 1")
    journal = notebook.session.journal.path
    kept = journal.read_bytes()
    notebook.close()
    journal.write_bytes(kept)  # without its end
    change_owner(journal, host="elsewhere")
    return journal


def found(asked: object) -> dict[str, tuple[str, str]]:
    return {what: (outcome, figure) for outcome, what, figure in asked.checks}  # type: ignore[attr-defined]


def test_the_runs_of_another_host_arrive_and_its_session_stays_open(
    elsewhere: Path, client: MlflowClient, project: Settings
) -> None:
    long_ago = time.time() - 2 * STALE_SECONDS
    os.utime(elsewhere, (long_ago, long_ago))
    sync(project)
    sync(project)
    assert names(client) == ["there"]
    assert [run.info.status for run in stored_runs(client, "session")] == ["RUNNING"]
    asked = jupyter_mlops.doctor()
    outcome, figure = found(asked)["session of project, on another machine"]
    assert (outcome, figure) == ("warned", "nothing waits, not heard of for 20 minutes")
    assert f"doctor --close {elsewhere.stem}" in asked.note


def test_a_session_of_another_host_is_closed_by_the_users_word_only_after_a_long_silence(
    elsewhere: Path, client: MlflowClient, project: Settings
) -> None:
    sync(project)
    assert found(jupyter_mlops.doctor())["session of project, on another machine"][0] == "passed"
    with pytest.raises(BadInputError, match="seconds ago on elsewhere"):
        jupyter_mlops.doctor(close=elsewhere.stem)
    with pytest.raises(NotFoundError, match="no open session"):
        jupyter_mlops.doctor(close="another")
    long_ago = time.time() - 2 * STALE_SECONDS
    os.utime(elsewhere, (long_ago, long_ago))
    jupyter_mlops.doctor(close=elsewhere.stem[:15])
    assert [run.info.status for run in stored_runs(client, "session")] == ["KILLED"]
    assert found(jupyter_mlops.doctor())["earlier sessions"] == ("passed", "1 journal, nothing waits")
    with pytest.raises(NotFoundError):
        jupyter_mlops.doctor(close=elsewhere.stem)


def test_a_heartbeat_is_seen_as_the_time_of_the_journal(elsewhere: Path, project: Settings) -> None:
    os.utime(elsewhere, (1.0, 1.0))
    owed = next(Journals(project.journals).open())
    assert owed.silent_seconds > STALE_SECONDS
    heartbeat(owed)
    assert owed.silent_seconds < STALE_SECONDS


def test_a_session_that_lives_is_not_closed_by_word(notebook: TrackedShell) -> None:
    notebook.run("n = 1")
    with pytest.raises(BadInputError, match="is alive"):
        jupyter_mlops.doctor(close=notebook.session.id)


def test_a_session_that_was_taken_for_dead_goes_on_with_its_next_cell(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("%%mlops track --name before\nn = 1")
    journal = notebook.session.journal.path
    header = next(read_journal(journal))
    kept = journal.read_bytes()
    change_owner(journal, pid=2**22 - 1, process_started=0.0, process_ticks=0)
    sync(project)
    assert [run.info.status for run in stored_runs(client, "session")] == ["KILLED"]
    assert list(Journals(project.journals).open()) == []
    journal.write_bytes(kept)  # it was a mistake: its owner lives and goes on
    later = Journal(journal)
    cell = next(event for event in read_journal(journal) if event.get("run"))
    later.append({**cell, "serial": cell["serial"] + 1, "run": {**cell["run"], "name": "after"}})
    later.append({"type": "end", "time": header["time"]})
    later.close()
    assert waiting_runs(project) == 1
    sync(project)
    assert sorted(names(client)) == ["after", "before"]
    assert [run.info.status for run in stored_runs(client, "session")] == ["FINISHED"]
    assert list(Journals(project.journals).open()) == []


def test_a_journal_that_cannot_be_read_holds_up_nobody_and_the_doctor_names_it(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    strange = Journal(project.journals / "19990101-strange.jsonl")
    for event in ({"type": "session", "id": "strange"}, {"type": "cell", "serial": 1, "writes": "later"}):
        strange.append(event)
    strange.close()
    notebook.run("%%mlops track --name fine\nn = 1")
    sync(project)
    assert names(client) == ["fine"]
    asked = jupyter_mlops.doctor()
    assert not asked.is_well
    assert found(asked)["a journal that cannot be read"][0] == "failed"
    assert strange.path.name in asked.note


def test_what_was_read_of_a_journal_is_not_read_again(notebook: TrackedShell, project: Settings) -> None:
    journals = Journals(project.journals)
    notebook.run("a = 1")
    first = next(journals.open())
    assert next(journals.open()) is first
    notebook.run("b = 1")
    second = next(journals.open())
    assert len(second.records) == len(first.records) + 1
    assert second.records[0] is first.records[0]


def test_an_event_that_was_written_twice_counts_once(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("%%mlops track --name once\nn = 1")
    journal = notebook.session.journal
    cell = [event for event in read_journal(journal.path) if event.get("run")]
    journal.append(cell[0])
    assert waiting_runs(project) == 1
    sync(project)
    assert names(client) == ["once"]
    assert len(next(Journals(project.journals).open()).records) == len(notebook.session.records)
