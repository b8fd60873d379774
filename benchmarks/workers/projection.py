"""Bring the waiting runs of the current project to MLflow, with clocks. Argument: result file."""

from __future__ import annotations

import sys
import time

from benchmarks.workers.measured_shell import report
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.client import connect
from jupyter_mlops.tracking.project import sync, waiting_runs


def main(result: str) -> None:
    """Connect (import MLflow, open its store), then write the runs."""
    settings = load_settings()
    runs = waiting_runs(settings)
    start, connected = time.process_time(), 0.0
    connect(settings)
    connected = time.process_time()
    sync(settings)
    report(result, runs=runs, connecting=connected - start, writing=time.process_time() - connected)


if __name__ == "__main__":
    main(*sys.argv[1:])
