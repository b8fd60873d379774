"""A notebook's cells in IPython alone: whether they run, and what was fitted last. Reads ``task.json``."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.workers.fitted import last_fitted
from benchmarks.workers.notebook_shell import (
    CellError,
    answer,
    count_statements,
    notebook_shell,
    run_cells,
    seed,
    task,
)


def main() -> None:
    """Run them, with generators that begin in a known state."""
    asked, home = task(), Path.cwd()
    os.chdir(asked["folder"])
    shell = notebook_shell()
    seed(0)
    try:
        run_cells(shell, asked["cells"])
    except CellError as error:
        answer({"failed": str(error)}, home)
    name = last_fitted(shell, asked["cells"])
    answer({"failed": None, "model": name, "statements": count_statements(shell, asked["cells"])}, home)


if __name__ == "__main__":
    main()
