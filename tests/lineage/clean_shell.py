"""Running a slice in a new shell and in an empty folder, and getting its result."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:
    from jupyter_mlops.lineage.slice import Slice


def in_a_clean_shell(code: Slice) -> object:
    """Run a slice in a new shell; returns its `out`."""
    shell = InteractiveShell()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            for cell in code.cells:
                result = shell.run_cell(cell.source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
                assert error is None or type(error).__name__ == cell.may_raise, f"{error!r} in {cell.source}"
            return shell.user_ns["out"]
        finally:
            shell.restore_sys_module_state()


def needed(sources: list[str]) -> list[str]:
    """Those of a case's cells that its `out` needs: the others begin with "#-"."""
    return [source for source in sources if not source.startswith("#-")]


def forget_modules(names: set[str]) -> None:
    """Let Python import these again."""
    for name in names & sys.modules.keys():
        del sys.modules[name]
