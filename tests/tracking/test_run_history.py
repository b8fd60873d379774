"""The history of a metric, as it was logged, and thinned without losing what stands out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mlflow.entities import Metric

from jupyter_mlops.tracking.run_history import MOST_POINTS, metric_history

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings


def test_points_come_by_step_with_gaps_where_there_is_no_number(
    client: MlflowClient, project: Settings
) -> None:
    run_id = client.create_run("0").info.run_id
    logged = [(0.5, 20, 1), (math.nan, 30, 2), (0.75, 10, 0), (math.inf, 40, 3)]
    client.log_batch(run_id, metrics=[Metric("auc", value, time, step) for value, time, step in logged])
    found = metric_history(project, [run_id, "0" * 32], "auc", rows=[7, 8])
    assert found == {
        "metric": "auc",
        "thinned": False,
        "runs": [
            {"row": 7, "steps": [0, 1, 2, 3], "values": [0.75, 0.5, None, None], "times": [10, 20, 30, 40]},
            {"row": 8, "steps": [], "values": [], "times": []},
        ],
    }


def test_a_long_history_keeps_its_ends_and_extremes(client: MlflowClient, project: Settings) -> None:
    run_id = client.create_run("0").info.run_id
    values = [math.sin(step / 50) for step in range(5000)]
    values[1234], values[4001], values[77] = 9.0, -9.0, math.nan
    for start in range(0, 5000, 1000):
        part = range(start, start + 1000)
        client.log_batch(run_id, metrics=[Metric("loss", values[step], step, step) for step in part])
    found = metric_history(project, [run_id], "loss")
    (run,) = found["runs"]
    assert found["thinned"]
    assert len(run["steps"]) <= MOST_POINTS
    assert {0, 1234, 4001, 4999} <= set(run["steps"])
    assert run["steps"] == sorted(run["times"])
    numbers = [value for value in run["values"] if value is not None]
    assert (max(numbers), min(numbers)) == (9.0, -9.0)
    assert all(
        values[step] == value for step, value in zip(run["steps"], run["values"], strict=True) if value
    )
