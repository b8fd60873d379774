"""The user's own runs in a real kernel: known from the cell that imports MLflow on, ended after a kill."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import pytest
from test_killed_kernel import TRACK, Kernel
from waiting import until

from jupyter_mlops.tracking.project import sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings


@pytest.fixture
def kernel(project: Settings, client: MlflowClient) -> Iterator[Kernel]:
    known = {found.value for found in entry_points(group="mlflow.run_context_provider")}
    assert "jupyter_mlops.tracking.users_runs:CellContext" in known, "`make setup` installs the plugin"
    kernel = Kernel(str(project.project))
    yield kernel
    kernel.client.stop_channels()
    if kernel.manager.is_alive():
        kernel.manager.shutdown_kernel(now=True)
    kernel.manager.cleanup_resources()


def all_runs(client: MlflowClient) -> list[Any]:
    experiments = [found.experiment_id for found in client.search_experiments()]
    return sorted(client.search_runs(experiments), key=lambda run: run.info.start_time)


def test_runs_of_a_killed_kernel_are_found_and_ended(
    kernel: Kernel, client: MlflowClient, project: Settings
) -> None:
    kernel.run(TRACK)
    kernel.run("n = 1\nimport sys\nassert 'mlflow' not in sys.modules")
    kernel.run("import mlflow\nmlflow.log_metric('first', 1.0)")
    kernel.run("run = mlflow.start_run(run_name='long')")
    kernel.run("c = 3\nmlflow.log_metric('a', 1.0)")
    kernel.client.execute("mlflow.log_metric('mid', 1.0)\nimport time\ntime.sleep(600)")
    until(lambda: any("mid" in run.data.metrics for run in all_runs(client)), "the last cell logs")
    kernel.manager.signal_kernel(9)
    assert kernel.manager.provisioner is not None
    kernel.manager.provisioner.process.wait(timeout=90)
    for _ in range(2):
        sync(project)
    found = {run.info.run_name: run for run in all_runs(client) if run.data.tags["mlops.kind"] == "cell"}
    assert {name: run.info.status for name, run in found.items()} == {"In[3]": "FINISHED", "long": "KILLED"}
    assert found["long"].data.params == {"c": "3"}
    assert found["long"].data.metrics == {"a": 1.0, "mid": 1.0}
    assert [run.info.status for run in all_runs(client) if run.info.run_name not in found] == ["KILLED"]


def test_a_run_of_a_cell_that_never_ended_is_ended(
    kernel: Kernel, client: MlflowClient, project: Settings
) -> None:
    kernel.run(TRACK)
    kernel.client.execute("import mlflow, time\nmlflow.log_metric('m', 1.0)\ntime.sleep(600)")
    until(lambda: any("m" in run.data.metrics for run in all_runs(client)), "the cell logs")
    kernel.manager.signal_kernel(9)
    assert kernel.manager.provisioner is not None
    kernel.manager.provisioner.process.wait(timeout=90)
    sync(project)
    assert [(run.info.run_name, run.info.status) for run in all_runs(client)] == [("In[2]", "KILLED")]
