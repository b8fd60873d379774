"""The session under ipyflow. Arguments: result file, session name. Runs in the peers' environment."""

from __future__ import annotations

import sys

from benchmarks.sessions import SESSIONS
from benchmarks.workers.measured_shell import make_shell, peak_bytes, report, run, run_all


def main(result: str, session: str) -> None:
    """Load it, run the session, and check that it saw the last name that was bound."""
    shell = make_shell()
    run(shell, "%load_ext ipyflow")
    cells = run_all(shell, SESSIONS[session].sources())
    report(result, cells=cells, peak=peak_bytes(), runs=0, stored=0)
    name = [key for key in shell.user_ns if not key.startswith("_")][-1]
    run(shell, f"from ipyflow import code\nassert str(code({name}))")


if __name__ == "__main__":
    main(*sys.argv[1:])
