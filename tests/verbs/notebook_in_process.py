"""A real IPython shell in this process, in a project folder of its own, with the extension loaded.

Unless a test is about it, the process that brings runs to MLflow beside the notebook finds that another one
does so already, and leaves before it imports MLflow: verbs bring what waits, in this process, which has it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from new_store import with_store
from tracking.waiting import projecting, until
from traitlets.config import Config

from jupyter_mlops.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Cell:
    """What one execution gave: its value, what it printed, and how it failed."""

    value: Any
    printed: str
    error: BaseException | None

    @property
    def said(self) -> str:
        """The text a person reads under the cell."""
        return f"{self.printed}{'' if self.value is None else self.value}"

    def refusal(self) -> list[str]:
        """The two lines of a clear error: it is one of ours, without a traceback."""
        assert self.error is not None, f"nothing was refused: {self.said[:300]}"
        lines = [line for line in self.printed.splitlines() if line.strip()]
        lines = [
            line for line in lines if not line.startswith("mlops: ")
        ]  # what tracking says once by itself
        assert "Traceback" not in self.printed, self.printed
        assert lines[0].startswith("UsageError: "), self.printed
        assert len(lines) == 2, self.printed
        return lines


class Notebook:
    """Runs cells as a person would; folder and environment hold only while a cell runs.

    Args:
        folder: the project and the current folder; it is made if it is not there.
        background: whether a process beside the notebook brings its runs to MLflow.
        environment: more variables, such as another store.
    """

    def __init__(self, folder: Path, *, background: bool = False, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.environment: Mapping[str, str] = {"MLOPS_PROJECT": str(folder), **environment}
        if not (environment or (folder / "mlflow.db").exists()):
            with_store(folder)
        journals = Settings(folder, "").journals
        self._instead = FileLock(journals / ".background.lock", timeout=0)
        if not background:
            journals.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(Timeout):  # another notebook of this project has it
                self._instead.acquire()
        self._main, self._displayhook = sys.modules["__main__"], sys.displayhook
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance(config=config)
        self.run("%load_ext jupyter_mlops")

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """This notebook's folder and environment."""
        saved = {name: os.environ.get(name) for name in ("MLFLOW_TRACKING_URI", *self.environment)}
        with contextlib.chdir(self.folder):
            os.environ.pop("MLFLOW_TRACKING_URI", None)
            os.environ.update(self.environment)
            try:
                yield
            finally:
                for name, value in saved.items():
                    os.environ.pop(name, None)
                    if value is not None:
                        os.environ[name] = value

    def run(self, source: str) -> Cell:
        """Execute one cell, errors included."""
        with self.here(), capture_output() as captured:
            result = self.shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        return Cell(result.result, captured.stdout + captured.stderr, error)

    def done(self, source: str) -> Cell:
        """Execute one cell that must go well."""
        cell = self.run(source)
        assert cell.error is None, cell.printed
        return cell

    def complete(self, line: str, at: int | None = None) -> list[str]:
        """The lines that the Tab key offers to make of `line`, with the cursor `at` or at its end."""
        at = len(line) if at is None else at
        with self.here(), provisionalcompleter():
            offered = list(self.shell.Completer.completions(line, at))
        return [line[: each.start] + each.text + line[each.end :] for each in offered]

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    def close(self) -> None:
        """End tracking as a kernel's end would, and leave this process as it was."""
        self.run("%unload_ext jupyter_mlops")
        InteractiveShell.clear_instance()
        sys.modules["__main__"], sys.displayhook = self._main, self._displayhook
        if self._instead.is_locked:  # a process that is still starting would take the lock and go to work
            until(lambda: not projecting(self.folder), "the process leaves that finds another one")
        self._instead.release()
