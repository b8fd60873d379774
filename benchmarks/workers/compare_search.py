"""What `mlflow.search_runs` over everything takes in a fresh process. Argument: result file."""

from __future__ import annotations

import sys
from dataclasses import asdict

from benchmarks.workers.measured_shell import make_shell, peak_bytes, report, run


def main(result: str) -> None:
    """Import MLflow, and read all runs into a frame."""
    shell = make_shell()
    imports = run(shell, "import mlflow\nmlflow.set_tracking_uri('sqlite:///mlflow.db')")
    first = run(shell, "runs = mlflow.search_runs(search_all_experiments=True)")
    costs = {"imports": asdict(imports), "first": asdict(first)}
    report(result, **costs, runs=len(shell.user_ns["runs"]), peak=peak_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
