"""A notebook's cells tracked; then the checked slice of one variable, as the verb `slice` finds it.

Reads ``task.json``: `cells`, the `target`, the `folder` they run in, and the one to run the slice in.
"""

from __future__ import annotations

import ast
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.stopwatch import Stopwatch
from benchmarks.workers.notebook_shell import answer, notebook_shell, run_cells, seed, task
from jupyter_mlops.lineage.checked import check_slice
from jupyter_mlops.lineage.replay import Terms
from jupyter_mlops.lineage.script import on_its_own
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.sliced import find_target

if TYPE_CHECKING:
    from jupyter_mlops.lineage.slice import SliceCell

_SECONDS = 90.0
"""For each clean process."""


def main() -> None:
    """Run, slice, run the slice, compare."""
    asked, home = task(), Path.cwd()
    settings = load_settings()
    os.chdir(asked["folder"])
    shell = notebook_shell()
    shell.run_cell("%load_ext jupyter_mlops")
    session = open_session(shell, settings)
    seed(0)
    session.start()
    run_cells(shell, asked["cells"], stop=not asked["to_the_end"])
    watch = Stopwatch()
    target, _ = find_target(settings, asked["target"])
    scratch = home / "scratch"
    scratch.mkdir()
    checked = check_slice(target, Terms(Path(asked["elsewhere"]), scratch, timeout=_SECONDS))
    found: dict[str, Any] = {
        **asdict(watch.took()),
        "is_right": checked.code.rung is not None and None not in target.recorded.values(),
        "rung": checked.code.rung,
        "kept": [cell.serial - session.records[0].serial + 1 for cell in checked.code.cells],
        "statements": sum(_statements(cell) for cell in checked.code.cells),
        "why": "" if checked.code.rung else checked.code.said,
    }
    answer(found, home)


def _statements(cell: SliceCell) -> int:
    """Those of the notebook: lines that only set a recorded random state are not counted."""
    added = on_its_own(replace(cell, source="pass", may_raise=None)).source
    return len(ast.parse(cell.source).body) - len(ast.parse(added).body) + 1


if __name__ == "__main__":
    main()
