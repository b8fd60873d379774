"""The one quiet line: each problem is said once, after a cell, with the way to see more."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM_FILE = "problem.json"
_MORE = "`%mlops track status` says more"


class Notices:
    """Says what went wrong with tracking; details stay here until somebody asks."""

    def __init__(self, journals: Path) -> None:
        self._file = journals / PROBLEM_FILE
        self._file_seen: int | None = _changed_at(self._file)
        self._said: set[str] = set()
        self.details: str | None = None
        """Traceback of our last own failure, or None."""

    def show_failure(self, details: str) -> None:
        """Our own code failed: the user's cell ran, and this cell's record is missing."""
        self.details = details
        reason = details.strip().splitlines()[-1].partition(":")[0]
        self._say(f"mlops: this cell ran but could not be recorded ({reason}); {_MORE}.")

    def show_new(self) -> None:
        """Say what the projection to MLflow reported since the last cell, if anything."""
        changed_at = _changed_at(self._file)
        if changed_at == self._file_seen:
            return
        self._file_seen = changed_at
        problem = self.problem()
        if problem:
            self._say(f"mlops: {problem} Cells run and are kept in the journal; {_MORE}.")
        else:
            self._said.clear()

    def problem(self) -> str | None:
        """What keeps runs from reaching MLflow now, in one sentence, or None."""
        try:
            return str(json.loads(self._file.read_text("utf-8"))["problem"])
        except (OSError, ValueError, KeyError):
            return None

    def _say(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            print(line)  # noqa: T201 - the notebook's output is where the user looks


def _changed_at(path: Path) -> int | None:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - once per cell: the cheap call
    except OSError:
        return None
