"""A kernel that is killed loses nothing that finished, and its session does not look alive."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from jupyter_client.manager import KernelManager
from stored_runs import names, stored_runs

from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings

# as `%mlops track on`, without the process that would project on its own
TRACK = """
%load_ext jupyter_mlops
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
open_session(get_ipython(), load_settings()).start()
"""


class Kernel:
    """A real IPython kernel in the project folder."""

    def __init__(self, folder: str) -> None:
        self.manager = KernelManager()
        self.manager.start_kernel(cwd=folder, env={**os.environ})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, source: str) -> None:
        reply = self.client.execute_interactive(source, timeout=60, output_hook=lambda message: None)
        assert reply["content"]["status"] == "ok", reply["content"]


@pytest.fixture
def kernel(project: Settings, client: MlflowClient) -> Iterator[Kernel]:
    kernel = Kernel(str(project.project))
    yield kernel
    kernel.client.stop_channels()
    if kernel.manager.is_alive():
        kernel.manager.shutdown_kernel(now=True)
    kernel.manager.cleanup_resources()


def test_the_run_of_a_killed_kernel_arrives_and_its_session_is_killed(
    kernel: Kernel, client: MlflowClient, project: Settings
) -> None:
    kernel.run(TRACK)
    kernel.run("%%mlops track --name 'last words'\ndepth = 3\nloss = depth / 2")
    assert waiting_runs(project) == 1
    kernel.manager.signal_kernel(9)
    assert kernel.manager.provisioner is not None
    kernel.manager.provisioner.process.wait(timeout=90)
    for _ in range(2):
        sync(project)
    assert names(client) == ["last words"]
    run = stored_runs(client, "cell")[0]
    assert (run.data.params, run.data.metrics) == ({"depth": "3"}, {"loss": 1.5})
    assert run.info.status == "FINISHED"
    session = stored_runs(client, "session")
    assert [found.info.status for found in session] == ["KILLED"]
    assert session[0].info.end_time >= run.info.end_time


def test_a_kernel_that_is_shut_down_finishes_its_session(
    kernel: Kernel, client: MlflowClient, project: Settings
) -> None:
    kernel.run(TRACK)
    kernel.run("%%mlops track --name one\nn = 1")
    kernel.manager.shutdown_wait_time = 120.0  # it would be killed after five seconds
    kernel.manager.shutdown_kernel(now=False)
    sync(project)
    assert names(client) == ["one"]
    assert [found.info.status for found in stored_runs(client, "session")] == ["FINISHED"]
