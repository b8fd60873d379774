"""A notebook's cells under ipyflow; then its slice of one variable. Runs in the peers' environment.

Reads ``task.json`` as `own_slice` does, and `seeded`: whether generators are seeded before each cell.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from benchmarks.workers.fitted import content
from benchmarks.workers.notebook_shell import answer, count_statements, notebook_shell, run_cells, task

_HEADER = re.compile(r"^# Cell (\d+)$", re.MULTILINE)


def main() -> None:
    """Run, and ask for the slice: pairs of a cell's number and its code."""
    asked, home = task(), Path.cwd()
    os.chdir(asked["folder"])
    shell = notebook_shell()
    shell.run_cell("%load_ext ipyflow")
    cells, target = asked["cells"], asked["target"]
    run_cells(shell, cells, seeded=asked["seeded"], numbered=True, stop=not asked["to_the_end"])
    value = content(shell.user_ns[target])
    question = f"from ipyflow import code as _code\n_text = str(_code({target}))"
    shell.run_cell(question, cell_id=len(cells) + 1)
    _, *rest = _HEADER.split(shell.user_ns.get("_text", ""))
    chunks = [(int(number), source.strip()) for number, source in zip(rest[::2], rest[1::2], strict=True)]
    statements = count_statements(shell, [source for _, source in chunks])
    answer({"digest": value, "chunks": chunks, "statements": statements}, home)


if __name__ == "__main__":
    main()
