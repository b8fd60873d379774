"""What a page is told while its notebook runs: a real kernel, asked over its sockets as JupyterLab asks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from test_killed_kernel import Kernel

from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.source_hash import hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings

# As `%mlops track` without the process that brings runs to MLflow: here the test does.
SESSION = """
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
session = open_session(get_ipython(), load_settings())
"""
HEAVY = "numpy pandas sklearn scipy mlflow sqlalchemy pyarrow plotly anywidget ipywidgets click requests"
FIT = "%%mlops track --name fit\nrate = 2\nloss = x / rate\n"


class Notebook:
    """A kernel and the messages between it and pages."""

    def __init__(self, folder: str) -> None:
        self.kernel = Kernel(folder)
        self.client = self.kernel.client

    def send(self, kind: str, content: dict[str, Any], cell: str | None = None) -> list[dict[str, Any]]:
        """Send a message; what the kernel published until it had dealt with it."""
        message = self.client.session.msg(kind, content, metadata={"cellId": cell} if cell else {})
        self.client.shell_channel.send(message)
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["content"].get("execution_state") != "idle":
            found = self.client.get_iopub_msg(timeout=60)
            if found["parent_header"].get("msg_id") == message["msg_id"]:
                seen.append(found)
        return seen

    def run(self, source: str, cell: str | None = None) -> list[dict[str, Any]]:
        """Run a cell; what the kernel published meanwhile."""
        content = {"code": source, "silent": False, "store_history": True}
        messages = self.send("execute_request", content, cell)
        assert self._reply(messages)["status"] == "ok", messages
        return messages

    @property
    def is_known(self) -> bool:
        """Whether a page that looks for us finds us."""
        messages = self.send("comm_info_request", {"target_name": "jupyter-mlops"})
        return bool(self._reply(messages)["comms"])

    def _reply(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == messages[0]["parent_header"]["msg_id"]:
                found: dict[str, Any] = reply["content"]
                return found


class Page:
    """A comm to the kernel's side, as the page opens it, and what it was told."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.id = uuid.uuid4().hex
        self.state: dict[str, Any] = {}
        self.cells: dict[str, Any] = {}
        self.is_closed = False
        self.send("comm_open", target_name="jupyter-mlops", data={})

    def send(self, kind: str, **content: Any) -> None:
        self.messages = self.notebook.send(kind, {"comm_id": self.id, **content})
        self.hear(self.messages)

    def hear(self, messages: list[dict[str, Any]]) -> int:
        """Take in what was published; how many of these messages were for this page."""
        ours = [each for each in messages if each["content"].get("comm_id") == self.id]
        for each in ours:
            data = each["content"]["data"]
            self.is_closed |= each["msg_type"] == "comm_close"
            if data.get("type") == "state":
                self.state = data
            elif data.get("type") == "cells":
                self.cells |= data["cells"]
        return len(ours)

    def look(self) -> None:
        """Ask again, as the page does while runs wait."""
        self.send("comm_msg", data={"ask": "state"})


@pytest.fixture
def notebook(project: Settings) -> Iterator[Notebook]:
    made = Notebook(str(project.project))
    yield made
    made.client.stop_channels()
    made.kernel.manager.shutdown_kernel(now=True)
    made.kernel.manager.cleanup_resources()


def test_pages_are_told_of_runs_of_ids_that_arrive_later_and_of_what_is_stale(
    notebook: Notebook, project: Settings, client: MlflowClient
) -> None:
    assert not notebook.is_known
    notebook.run("%load_ext jupyter_mlops")
    assert notebook.is_known
    page = Page(notebook)
    assert page.state == {"type": "state", "tracking": False, "waiting": 0, "problem": None}
    notebook.run(f"{SESSION}session.start()")
    page.hear(notebook.run("x = 1", "one"))
    assert page.state["tracking"]
    assert page.cells["one"]["run"] is None

    page.hear(notebook.run(FIT, "two"))
    told = {"serial": 4, "status": "ok", "run": "fit", "run_id": None, "metric": "loss 0.5", "stale": []}
    assert page.cells["two"] == told | {"source": hash_of(FIT)}
    assert page.state["waiting"] == 1
    page.hear(notebook.run("x = 1", "one"))
    assert page.cells["two"]["stale"] == [], "the same content is no newer version"
    page.hear(notebook.run("x = 5", "one"))
    assert page.cells["two"]["stale"] == ["x"]
    assert page.hear(notebook.run("y = 1", "three")) == 2, "the state, and the one cell that is new"

    sync(project)
    page.look()
    assert page.state["waiting"] == 0
    assert client.get_run(page.cells["two"]["run_id"]).info.run_name == "fit"

    other = Page(notebook)
    assert other.cells == page.cells
    page.send("comm_close", data={})
    messages = notebook.run(FIT, "two")
    assert (page.hear(messages), other.hear(messages)) == (0, 2)
    assert other.cells["two"]["stale"] == []
    reloads = [Page(notebook) for _ in range(7)]
    assert not other.is_closed
    other.hear(Page(notebook).messages)
    assert other.is_closed, "pages that only left would be told for ever"
    reloads[-1].hear(notebook.run("%unload_ext jupyter_mlops"))
    assert reloads[-1].is_closed
    assert not notebook.is_known


def test_a_cell_tracked_alone_is_told_under_its_own_id(notebook: Notebook) -> None:
    notebook.run("%load_ext jupyter_mlops")
    page = Page(notebook)
    notebook.run(f"{SESSION}x = 3", "first")
    page.hear(notebook.run(FIT, "alone"))
    assert (page.cells["alone"]["run"], page.cells["alone"]["source"]) == ("fit", hash_of(FIT))
    assert not page.state["tracking"]


def test_without_a_page_nothing_heavy_is_loaded_nothing_is_sent_and_nothing_computed(
    notebook: Notebook,
) -> None:
    notebook.run("import sys\nbefore = set(sys.modules)")
    notebook.run("%load_ext jupyter_mlops")
    notebook.run(
        f"loaded = {{name.split('.')[0] for name in set(sys.modules) - before}} & set('{HEAVY}'.split())"
    )
    notebook.run("assert not loaded, loaded")
    messages = notebook.run(f"{SESSION}session.start()")
    messages += notebook.run("x = 1", "one")
    messages += notebook.run(FIT, "two")
    assert not [each["msg_type"] for each in messages if each["msg_type"].startswith("comm")]
    notebook.run("import jupyter_mlops.magic as magic\nassert magic._live._told == {}")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("", "wvjl67o803"),
        ("x = 1", "1vgcqbyxuxw"),
        ("x = 1\n\n", "1vgcqbyxuxw"),
        ("model.fit(X)\nscore = 0.5", "yj3kbxbrt0"),
        ("ünï 😀 \ud800", "23xegipy5hz"),
    ],
)
def test_a_text_has_the_same_hash_here_and_on_the_page(text: str, digits: str) -> None:
    assert hash_of(text) == digits
