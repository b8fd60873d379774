"""Run pieces of code in a clean process, and say what a variable is then.

Reads ``task.json``: `chunks` of a cell's number and its code, the `target`, the `folder`, and `seeded`.
"""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.workers.fitted import content
from benchmarks.workers.notebook_shell import answer, notebook_shell, run_cell, seed, task


def main() -> None:
    """Run them all, also after one that fails."""
    asked, home = task(), Path.cwd()
    os.chdir(asked["folder"])
    shell = notebook_shell()
    why = ""
    for number, source in asked["chunks"]:
        if asked["seeded"]:
            seed(number)
        error = run_cell(shell, source)
        if error is not None:
            why = why or f"{type(error).__name__} in what it keeps of cell {number}"
    value = shell.user_ns.get(asked["target"])
    answer({"digest": content(value) if value is not None else None, "why": why}, home)


if __name__ == "__main__":
    main()
