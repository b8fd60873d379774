"""`doctor`: what waits, what is broken, and mending of what can be mended without a decision of the user."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from filelock import FileLock, Timeout

from jupyter_mlops.bundle.server import list_servers
from jupyter_mlops.errors import MlopsError, StoreError
from jupyter_mlops.settings import Settings, load_settings, without_secrets
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.background import start_background
from jupyter_mlops.tracking.owed import Journals, Owed
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import search_runs
from jupyter_mlops.verbs.answers import DataCard, in_full
from jupyter_mlops.verbs.command import current_place, verb

_MOST_RUNS = 1000
_MOST_PROBLEMS = 3


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    `outcome` is ``passed``; ``warned`` if it was mended or only needs to be known; ``failed`` if something
    is wrong that could not be mended. `figure` says in a few words how it stands, `advice` what to do about
    it; `data` is for programs.
    """

    outcome: str
    what: str
    figure: str
    data: Any = None
    advice: str = ""


@dataclass(frozen=True)
class Diagnosis(DataCard):
    """What `doctor` found."""

    @property
    def is_well(self) -> bool:
        """True if nothing is wrong that could not be mended."""
        return all(outcome != "failed" for outcome, _, _ in self.checks)


def doctor() -> Diagnosis:
    """Look at everything the project keeps, and mend what can be mended.

    Runs that wait in journals are brought to MLflow, sessions whose process is gone are closed, the process
    that brings runs is started if a session needs it, and files of servers that are gone are removed.
    """
    settings = load_settings()
    sessions = _sessions(settings)  # first: it brings the runs that the store is then asked about
    checks = [
        *sessions,
        _background(settings),
        _store(settings),
        _snapshots(settings),
        _servers(settings),
    ]
    failed = sum(check.outcome == "failed" for check in checks)
    mended = sum(check.outcome == "warned" for check in checks)
    title = f"{failed} of {len(checks)} checks failed" if failed else "everything is in order"
    return Diagnosis(
        f"{title}, {mended} worth knowing" if mended else title,
        (("project", str(settings.project)), ("store", without_secrets(settings.tracking_uri))),
        tuple((check.outcome, check.what, check.figure) for check in checks),
        volatile=frozenset({"project", "store"}),
        note=" ".join(dict.fromkeys(check.advice for check in checks if check.advice)),
        data={
            "is_well": not failed,
            "checks": [
                {
                    "outcome": check.outcome,
                    "check": check.what,
                    "figure": check.figure,
                    "advice": check.advice,
                    "data": check.data,
                }
                for check in checks
            ],
        },
    )


def _sessions(settings: Settings) -> list[Check]:
    """One check per session that is not closed yet, and one for the rest of the journals."""
    journals = Journals(settings.journals)
    before = list(journals.open())
    problem: MlopsError | None = None
    try:
        sync(settings)
    except StoreError as error:
        problem = error
    after = {owed.journal: owed for owed in journals.open()}
    found = [_session(owed, after.get(owed.journal), problem) for owed in before]
    closed = len(list(settings.journals.glob("*.jsonl"))) - len(before)
    if closed or not before:
        found.append(
            Check(
                "passed",
                "earlier sessions",
                f"{_count(closed, 'journal')}, nothing waits",
                {"closed": closed},
            )
        )
    return found


def _session(before: Owed, after: Owed | None, problem: MlopsError | None) -> Check:
    notebook = Path(before.session.get("notebook") or before.session["folder"]).name
    state = _state(before)
    waited, waiting = len(before.waiting), len(after.waiting) if after else 0
    data = {
        "session": before.session["id"],
        "pid": before.session["pid"],
        "host": before.session["host"],
        "state": state,
        "cells": len(before.records),
        "waited": waited,
        "waiting": waiting,
    }
    what = f"session of {notebook}, {state}"
    brought = f"{_count(waited - waiting, 'run')} brought to MLflow" if waited > waiting else "nothing waits"
    if waiting or (before.is_over and after):
        left = f"{_count(waiting, 'run')} still in the journal" if waiting else "not closed yet"
        return Check("failed" if problem else "warned", what, left, data, _advice(problem))
    if state == "killed":
        return Check("warned", what, f"{brought}, closed as killed", data)
    if state == "on another machine":
        return Check(
            "warned", what, brought, data, "A session on another machine is closed by a doctor there."
        )
    return Check("passed", what, brought, data)


def _advice(problem: MlopsError | None) -> str:
    return f"{problem.what}. {problem.fix}" if problem else "A cell ended just now: ask again."


def _state(owed: Owed) -> str:
    if owed.ended:
        return "ended"
    if owed.is_alive:
        return "alive"
    return "killed" if owed.is_over else "on another machine"


def _background(settings: Settings) -> Check:
    what = "process that brings runs to MLflow"
    needed = any(owed.is_alive for owed in Journals(settings.journals).open())
    if not settings.journals.is_dir() or not (needed or _runs_in_background(settings)):
        return Check("passed", what, "not needed: no session is alive", {"running": False})
    if _runs_in_background(settings):
        return Check("passed", what, "running", {"running": True})
    try:
        start_background(settings)
    except StoreError as error:
        return Check("failed", what, "cannot be started", {"running": False}, _advice(error))
    return Check("warned", what, "was gone; started again", {"running": True})


def _runs_in_background(settings: Settings) -> bool:
    """True while a process holds the lock that it holds all its life."""
    try:
        with FileLock(settings.journals / ".background.lock", timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that cannot be written: nobody can hold a lock in it
        return False


def _store(settings: Settings) -> Check:
    what = "MLflow store"
    if settings.is_local_store and not (settings.project / "mlflow.db").exists():
        return Check("passed", what, "none yet: the first tracked run makes it", {"runs": 0})
    try:
        found = len(search_runs(settings, limit=_MOST_RUNS))
    except StoreError as error:
        return Check("failed", what, "cannot be used", {"runs": None}, _advice(error))
    more = " or more" if found == _MOST_RUNS else ""
    return Check("passed", what, f"answers, {_count(found, 'run')}{more}", {"runs": found})


def _snapshots(settings: Settings) -> Check:
    what = "snapshot store"
    if not settings.snapshots.is_dir():
        return Check("passed", what, "none yet: the first tracked frame makes it", {"values": 0, "bytes": 0})
    store = SnapshotStore(settings.snapshots)
    try:
        health, size = store.verify(), store.size()
    except (StoreError, OSError) as error:
        reason = error.what if isinstance(error, StoreError) else type(error).__name__
        advice = f"Make {settings.snapshots} readable ({reason})."
        return Check("failed", what, "cannot be read", None, advice)
    data = {"values": health.values, "bytes": size, "problems": list(health.problems)}
    whole = f"{_count(health.values, 'value')} whole, {_size(size)}"
    if health.ok:
        return Check("passed", what, whole, data)
    first = "; ".join(health.problems[:_MOST_PROBLEMS])
    advice = f"{first}: bring it back from a copy, or run the cells again that made the values."
    return Check("failed", what, f"{_count(len(health.problems), 'problem')}, {whole}", data, advice)


def _servers(settings: Settings) -> Check:
    what = "servers"
    files = sorted(settings.servers.glob("server-*.json"))
    try:
        running = list_servers(settings.servers)
    except (ValueError, KeyError, TypeError, OSError) as error:
        advice = f"Stop the servers by hand and remove server-*.json in {settings.servers}."
        return Check(
            "failed", what, f"a file of theirs cannot be read ({type(error).__name__})", None, advice
        )
    gone = len(files) - len(running)
    figure = f"{len(running)} running"
    data = {"running": [server.url for server in running], "gone": gone}
    if gone > 0:
        return Check("warned", what, f"{figure}; removed the files of {_count(gone, 'server')} gone", data)
    return Check("passed", what, figure, data)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _size(size: int) -> str:
    """Rounded up to whole megabytes: small changes are no news."""
    return f"{-(-size // 1_000_000)} MB"


@verb("doctor")
def command() -> Diagnosis:
    """Check what tracking keeps in this project, and mend what can be mended.

    Runs that wait are brought to MLflow, sessions whose kernel is gone are closed, files of servers that are
    gone are removed; the MLflow store is asked and every snapshot is read.

    The shell command ends with code 0 when all is well or was mended, 1 when something is wrong that needs
    you, 2 on an error.
    """
    found = doctor()
    place = current_place()
    if place.shell is None and not found.is_well:
        _say_and_leave(found, as_json=place.as_json)
    return found


def _say_and_leave(found: Diagnosis, *, as_json: bool) -> None:
    """A shell learns from the exit code that something failed."""
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else in_full(found))
    raise click.exceptions.Exit(1)
