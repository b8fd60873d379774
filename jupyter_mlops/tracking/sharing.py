"""Bringing snapshots to the place they are shared at, beside the work of the background process.

In a thread of its own: a first version of hundreds of megabytes must not hold up the runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.notebook.notices import SHARING_FILE
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.snapshot.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.owed import Owed

_LOOK_SECONDS = 1.0
_RETRY_SECONDS = 15.0
_MAX_LAST_TRIES = 3
"""Of a place that cannot be used, once nobody is left to wait for: the next session goes on."""


class Sharing:
    """Brings what waits, for every place that the sessions of a project name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._outboxes: dict[str, Outbox] = {}
        self._thread: threading.Thread | None = None
        self._next = 0.0
        self._waits = False
        self._failures = 0

    def goes_on(self, owed: Iterable[Owed], *, somebody_works: bool) -> bool:
        """Start to bring what waits; True while there is something to do and it is worth trying."""
        for place in _places(self._settings, owed):
            self._outboxes.setdefault(place, Outbox(self._settings.snapshots, place))
        if self._thread is not None and self._thread.is_alive():
            return True
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _LOOK_SECONDS
            self._waits = any(outbox.waiting() for outbox in self._outboxes.values())
            if self._waits:
                self._thread = threading.Thread(target=self._bring, name="mlops-sharing", daemon=True)
                self._thread.start()
        return self._waits and (somebody_works or self._failures < _MAX_LAST_TRIES)

    def _bring(self) -> None:
        problems = [problem for place, box in self._outboxes.items() if (problem := _push(place, box))]
        tell(self._settings, problems[0] if problems else None)
        self._failures = self._failures + 1 if problems else 0
        self._next = time.monotonic() + (_RETRY_SECONDS if problems else 0.0)


def tell(settings: Settings, problem: str | None) -> None:
    """Leave word for the kernels of this project, which look at the file after each cell."""
    path = settings.journals / SHARING_FILE
    with contextlib.suppress(OSError):  # a full disk
        if problem is None:
            path.unlink(missing_ok=True)
        else:
            write_atomically(path, json.dumps({"problem": problem}))


def _push(place: str, outbox: Outbox) -> str | None:
    """What went wrong, in a sentence."""
    try:
        outbox.push()
    except MlopsError as error:
        reason = error.what
    except Exception as error:  # noqa: BLE001 - told, and tried again: the thread must not die of it
        reason = type(error).__name__
    else:
        return None
    count = len(outbox.waiting())
    what = f"{count} {'snapshot waits' if count == 1 else 'snapshots wait'}"
    return f"{what} to be brought to {without_secrets(place)}: {reason.rstrip('.')}."


def _places(settings: Settings, owed: Iterable[Owed]) -> set[str]:
    """Where the sessions share, with the passwords that this process knows."""
    known = [place for place in (settings.shared, os.environ.get("MLOPS_SNAPSHOTS")) if place]
    with_secrets = {without_secrets(place): place for place in known}
    written = {found.session.get("shared") for found in owed}
    return {with_secrets.get(place, place) for place in written if place}
