"""Side B: the same session after ``%mlops track on``. Arguments: result file, session name, [``alone``].

The process that brings runs to MLflow works beside the session, as it does for users; this one waits for
it at the end, so that it does not disturb the next measurement, and takes its CPU time from the system.
With ``alone`` it is kept away, and the runs wait in the journal.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from benchmarks.workers.all_sessions import ALL
from benchmarks.workers.measured_shell import bytes_under, make_shell, peak_bytes, report, run, run_all


def main(result: str, session: str, alone: str = "") -> None:
    """Load, track, run the session, end it, and write what each part cost."""
    shell = make_shell()
    home, store = Path(".mlops"), (Path("mlflow.db"), Path("mlartifacts"))
    before = bytes_under(*store)
    (home / "journal").mkdir(parents=True)
    with FileLock(home / "journal" / ".background.lock") if alone else contextlib.nullcontext():
        loading = run(shell, "%load_ext jupyter_mlops")
        starting = run(shell, "%mlops track on")
        cells = run_all(shell, ALL[session].sources())
        peak = peak_bytes()
        ending = run(shell, "%unload_ext jupyter_mlops")  # waits until all snapshots are stored
        background = _wait_for_children()
    report(
        result,
        cells=cells,
        peak=peak,
        loading=asdict(loading),
        starting=asdict(starting),
        ending=asdict(ending),
        background=background,
        runs=len(list(Path("mlartifacts").glob("*/*/artifacts/mlops/record.json"))),
        snapshots=bytes_under(home / "snapshots"),
        journal=bytes_under(home / "journal"),
        store=bytes_under(*store) - before,
    )


def _wait_for_children() -> float:
    """CPU seconds of all processes that the session started, with theirs, once they have ended."""
    total = 0.0
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return total
        total += usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
