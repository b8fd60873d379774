"""Side C: the same session with MLflow's fluent calls in the cells. Arguments: result file, session name.

MLflow is imported, its store has its tables, and one run with a parameter, a metric and a dataset was
logged before the clock starts: what is measured is the twentieth run of a day, not the first.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.sessions import SESSIONS
from benchmarks.workers.measured_shell import bytes_under, make_shell, peak_bytes, report, run, run_all

_WARM_UP = """\
import mlflow, pandas, numpy
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.set_experiment("by hand")
with mlflow.start_run():
    mlflow.log_params({"a": 1})
    mlflow.log_metrics({"b": 1.0})
    mlflow.log_input(mlflow.data.from_pandas(pandas.DataFrame({"a": [1.0], "b": ["x"]})))
    mlflow.log_input(mlflow.data.from_numpy(numpy.ones((2, 2)), targets=numpy.ones(2)))"""


def main(result: str, session: str) -> None:
    """Warm MLflow up, run the session and write what it cost."""
    shell = make_shell()
    run(shell, _WARM_UP)
    store = (Path("mlflow.db"), Path("mlruns"))
    before = bytes_under(*store)
    cells = run_all(shell, SESSIONS[session].sources(by_hand=True))
    peak = peak_bytes()
    runs = len(_runs())
    report(result, cells=cells, peak=peak, runs=runs - 1, store=bytes_under(*store) - before)


def _runs() -> list[object]:
    from mlflow import MlflowClient

    client = MlflowClient()
    experiment = client.get_experiment_by_name("by hand")
    return list(client.search_runs([experiment.experiment_id])) if experiment else []


if __name__ == "__main__":
    main(*sys.argv[1:])
