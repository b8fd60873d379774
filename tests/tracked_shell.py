"""A real IPython shell in this process whose cells are recorded; no MLflow and no other process."""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_mlops.lineage.slice import slice_name
from jupyter_mlops.notebook.session import Session, close_session, open_session

if TYPE_CHECKING:
    from jupyter_mlops.lineage.record import CellRecord, RunFacts
    from jupyter_mlops.settings import Settings


class TrackedShell:
    """Runs cells as a kernel does, with history in memory and the extension loaded."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._main = sys.modules["__main__"]
        self._displayhook = sys.displayhook
        self._closed = False
        config = Config()
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.colors = "nocolor"
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell.instance(config=config)
        self.execute("%load_ext jupyter_mlops")

    def execute(self, source: str) -> Any:
        """Run one cell; returns IPython's result, errors included."""
        return self.shell.run_cell(source, store_history=True)

    def track(self) -> Session:
        """As `%mlops track on`, but without the process that brings runs to MLflow."""
        session = open_session(self.shell, self.settings)
        session.start()
        return session

    @property
    def session(self) -> Session:
        return open_session(self.shell, self.settings)

    def run(self, source: str) -> CellRecord:
        """Run one tracked cell; returns its record."""
        before = len(self.session.records)
        self.execute(source)
        records = self.session.records
        assert len(records) == before + 1, f"{len(records) - before} records of one cell"
        return records[-1]

    def run_facts(self, source: str) -> RunFacts:
        """Run one tracked cell that must become a run; returns its facts."""
        facts = self.run(source).run
        assert facts is not None, "the cell did not become a run"
        return facts

    def slice(self, name: str = "out") -> list[str]:
        """Sources of the cells behind a name."""
        return [cell.source for cell in slice_name(self.session.records, name).cells]

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    def close(self) -> None:
        """End the session as a kernel's end would, and leave this process as it was."""
        if self._closed:
            return
        self._closed = True
        close_session()
        os.chdir(self.settings.project)  # it may have been left by a cell
        self.shell.atexit_operations()
        atexit.unregister(self.shell.atexit_operations)  # it would keep every shell until the end
        self.shell.restore_sys_module_state()
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = self._main
        sys.displayhook = self._displayhook
