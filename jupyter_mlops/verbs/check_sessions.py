"""What `doctor` finds in the journals: sessions that wait, were killed, or run somewhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from jupyter_mlops.errors import BadInputError, MlopsError, NotFoundError, StoreError, did_you_mean
from jupyter_mlops.tracking.background import start_background
from jupyter_mlops.tracking.owed import STALE_SECONDS, Journals, Owed
from jupyter_mlops.tracking.project import give_up, sync
from jupyter_mlops.verbs.checks import Check, advice_on, count

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings


def check_sessions(settings: Settings) -> list[Check]:
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
    unreadable = sorted(journals.unreadable.items())
    found += [
        Check(
            "failed",
            "a journal that cannot be read",
            reason,
            {"journal": str(path)},
            f"Make {path} readable, or run the doctor as its owner, in the version that wrote it.",
        )
        for path, reason in unreadable
    ]
    closed = len(list(settings.journals.glob("*.jsonl"))) - len(before) - len(unreadable)
    if closed or not (before or unreadable):
        found.append(
            Check(
                "passed",
                "earlier sessions",
                f"{count(closed, 'journal')}, nothing waits",
                {"closed": closed},
            )
        )
    return found


def close_session(settings: Settings, name: str) -> None:
    """Take the user's word that a session of another host is gone, so that the next look closes it.

    Raises:
        NotFoundError: no open session has that id, or one that begins so.
        BadInputError: it is alive, or was heard of a short while ago.
        StoreError: the word cannot be written down.
    """
    sessions = {owed.session["id"]: owed for owed in Journals(settings.journals).open()}
    meant = [owed for found, owed in sessions.items() if name and found.startswith(name)]
    if len(meant) != 1:
        raise NotFoundError(
            f"there is no open session {name!r}.{did_you_mean(name, sessions)}"
            if not meant
            else f"{len(meant)} open sessions begin with {name!r}",
            "`mlops doctor --json` gives the ids of the sessions that are not closed.",
        )
    owed = meant[0]
    if owed.is_alive:
        raise BadInputError(
            f"the session {name!r} is alive, in process {owed.session['pid']}",
            "Shut its kernel down: that closes it.",
        )
    if not owed.is_of_this_host and owed.silent_seconds < STALE_SECONDS:
        raise BadInputError(
            f"the session {name!r} was alive {owed.silent_seconds:.0f} seconds ago on {owed.session['host']}",
            f"Shut its kernel down there, or ask again after {STALE_SECONDS / 60:.0f} minutes of silence.",
        )
    give_up(owed)


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
    brought = f"{count(waited - waiting, 'run')} brought to MLflow" if waited > waiting else "nothing waits"
    if waiting or (before.is_over and after):
        left = f"{count(waiting, 'run')} still in the journal" if waiting else "not closed yet"
        return Check("failed" if problem else "warned", what, left, data, advice_on(problem))
    if state in {"killed", "given up"}:
        return Check("warned", what, f"{brought}, closed as killed", data)
    if state == "on another machine":
        return _elsewhere(before, what, brought, data)
    return Check("passed", what, brought, data)


def _elsewhere(owed: Owed, what: str, brought: str, data: dict[str, object]) -> Check:
    """Whether it lives cannot be looked up here: it is closed there, or by the user's word."""
    silent = owed.silent_seconds
    data["silent_seconds"] = round(silent)
    if silent < STALE_SECONDS:
        return Check("passed", what, f"{brought}, alive {silent:.0f} seconds ago", data)
    advice = (
        f"A session on {owed.session['host']} is closed by a doctor there; "
        f"if its kernel is gone, `%mlops doctor --close {owed.session['id']}` closes it."
    )
    return Check("warned", what, f"{brought}, not heard of for {silent / 60:.0f} minutes", data, advice)


def _state(owed: Owed) -> str:
    if owed.ended:
        return "ended"
    if owed.is_alive:
        return "alive"
    if owed.given_up:
        return "given up"
    return "killed" if owed.is_over else "on another machine"


def check_background(settings: Settings) -> Check:
    """Whether somebody brings the runs of the sessions that are alive; starts it if nobody does."""
    what = "process that brings runs to MLflow"
    needed = any(owed.is_alive for owed in Journals(settings.journals).open())
    if not settings.journals.is_dir() or not (needed or _runs_in_background(settings)):
        return Check("passed", what, "not needed: no session is alive", {"running": False})
    if _runs_in_background(settings):
        return Check("passed", what, "running", {"running": True})
    try:
        start_background(settings)
    except StoreError as error:
        return Check("failed", what, "cannot be started", {"running": False}, advice_on(error))
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
