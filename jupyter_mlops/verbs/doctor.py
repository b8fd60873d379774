"""`doctor`: what waits, what is broken, and mending of what can be mended without a decision of the user."""

from __future__ import annotations

import json
from dataclasses import dataclass

import click

from jupyter_mlops.settings import load_settings, without_secrets
from jupyter_mlops.verbs.answers import DataCard, in_full
from jupyter_mlops.verbs.check_places import (
    check_folder,
    check_servers,
    check_shared,
    check_snapshots,
    check_store,
)
from jupyter_mlops.verbs.check_registry import check_registry
from jupyter_mlops.verbs.check_sessions import check_background, check_sessions, close_session
from jupyter_mlops.verbs.command import current_place, verb


@dataclass(frozen=True)
class Diagnosis(DataCard):
    """What `doctor` found."""

    @property
    def is_well(self) -> bool:
        """True if nothing is wrong that could not be mended."""
        return all(outcome != "failed" for outcome, _, _ in self.checks)


def doctor(*, close: str | None = None) -> Diagnosis:
    """Look at everything the project keeps, and mend what can be mended.

    Runs that wait in journals are brought to MLflow, sessions whose process is gone are closed, the process
    that brings runs is started if a session needs it, and files of servers that are gone are removed.

    Args:
        close: id of a session on another machine, or its beginning, whose kernel you know to be gone.

    Raises:
        NotFoundError: `close` names no open session.
        BadInputError: the session to close is alive, or was a short while ago.
    """
    settings = load_settings()
    if close is not None:
        close_session(settings, close)
    sessions = check_sessions(settings)  # first: it brings the runs that the store is then asked about
    checks = [
        *check_folder(settings),
        *sessions,
        check_background(settings),
        check_store(settings),
        *check_registry(settings),
        check_snapshots(settings),
        *check_shared(settings),
        check_servers(settings),
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


@verb("doctor")
@click.option("--close", metavar="SESSION", help="Close a session of another machine whose kernel is gone.")
def command(close: str | None) -> Diagnosis:
    """Check what tracking keeps in this project, and mend what can be mended.

    Runs that wait are brought to MLflow, sessions whose kernel is gone are closed, files of servers that are
    gone are removed; the MLflow store is asked and every snapshot is read.

    The shell command ends with code 0 when all is well or was mended, 1 when something is wrong that needs
    you, 2 on an error.
    """
    found = doctor(close=close)
    place = current_place()
    if place.shell is None and not found.is_well:
        _say_and_leave(found, as_json=place.as_json)
    return found


def _say_and_leave(found: Diagnosis, *, as_json: bool) -> None:
    """A shell learns from the exit code that something failed."""
    click.echo(json.dumps(found.to_dict(), indent=1) if as_json else in_full(found))
    raise click.exceptions.Exit(1)
