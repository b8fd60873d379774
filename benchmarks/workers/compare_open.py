"""What `%mlops compare` takes in a fresh process, beside a store of runs. Argument: result file."""

from __future__ import annotations

import sys
from dataclasses import asdict

from benchmarks.workers.measured_shell import make_shell, peak_bytes, report, run


def main(result: str) -> None:
    """Load the extension, import what the verb needs, compare all runs, and once more."""
    shell = make_shell()
    run(shell, "%load_ext jupyter_mlops")
    imports = run(shell, "from jupyter_mlops import compare")
    first = run(shell, "%mlops compare")
    again = run(shell, "%mlops compare")
    shown = len(shell.user_ns["Out"][shell.execution_count - 1].table)
    costs = {"imports": asdict(imports), "first": asdict(first), "again": asdict(again)}
    report(result, **costs, runs=shown, peak=peak_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
