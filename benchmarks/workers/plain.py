"""Side A: the session in IPython alone. Arguments: result file, session name."""

from __future__ import annotations

import sys

from benchmarks.workers.all_sessions import ALL
from benchmarks.workers.measured_shell import make_shell, peak_bytes, report, run_all


def main(result: str, session: str) -> None:
    """Run the session and write what it cost."""
    shell = make_shell()
    cells = run_all(shell, ALL[session].sources())
    report(result, cells=cells, peak=peak_bytes(), runs=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
