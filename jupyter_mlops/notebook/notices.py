"""The one quiet line: each problem is said once, after a cell, with the way to see more."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM_FILE = "problem.json"
SHARING_FILE = "sharing.json"
_ALL_THE_SAME = {
    PROBLEM_FILE: "Cells run and are kept in the journal;",
    SHARING_FILE: "Cells run and their data is kept here;",
}
_MORE = "`%mlops track status` says more"


class Notices:
    """Says what went wrong with tracking; details stay here until somebody asks."""

    def __init__(self, journals: Path) -> None:
        self._files = {name: journals / name for name in _ALL_THE_SAME}
        self._seen = {name: _changed_at(file) for name, file in self._files.items()}
        self._said: set[str] = set()
        self._failure: str | None = None
        self.details: str | None = None
        """Traceback of our last own failure, or None."""

    def show_failure(self, error: BaseException, details: str) -> None:
        """Our own code failed: the user's cell ran, and this cell's record is missing."""
        self.details = details
        reason = error.what if isinstance(error, MlopsError) else type(error).__name__
        self._failure = f"{error.what}. {error.fix}" if isinstance(error, MlopsError) else None
        self._say("failure " + type(error).__name__, f"this cell ran but could not be recorded: {reason};")

    def show_recovery(self) -> None:
        """A cell was recorded, and all that waited with it: the next failure is a new one."""
        self._said -= {kind for kind in self._said if kind.startswith("failure ")}
        self._failure = None

    def show_new(self) -> None:
        """Say what the background process reported since the last cell, if anything."""
        for name, file in self._files.items():
            changed_at = _changed_at(file)
            if changed_at == self._seen[name]:
                continue
            self._seen[name] = changed_at
            problem = self._reported(name)
            if problem:  # its figures change with every cell: it is one problem until it is over
                self._say(name, f"{problem} {_ALL_THE_SAME[name]}")
            else:
                self._said.discard(name)

    def problem(self) -> str | None:
        """What keeps cells from the journal, else runs from MLflow, else data from where it is shared."""
        return self._failure or self._reported(PROBLEM_FILE) or self._reported(SHARING_FILE)

    def _reported(self, name: str) -> str | None:
        try:
            return str(json.loads(self._files[name].read_text("utf-8"))["problem"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _say(self, kind: str, text: str) -> None:
        if kind not in self._said:
            self._said.add(kind)
            print(f"mlops: {text} {_MORE}.")  # noqa: T201 - the notebook's output is where the user looks


def _changed_at(path: Path) -> int | None:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - once per cell: the cheap call
    except OSError:
        return None
