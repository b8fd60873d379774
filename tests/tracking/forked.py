"""Kernels and processes of `fork_server.py`, as a test sees them."""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.manager import KernelManager
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SERVER = Path(__file__).with_name("fork_server.py")


class ForkServer:
    """One `fork_server.py`; `kind` is ``kernels`` or ``mlflow``."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(SERVER), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "IPYTHONDIR": str(folder / "ipython"),
                "MPLBACKEND": "agg",
                "MLFLOW_DISABLE_TELEMETRY": "true",
            },
        )
        self._answer()

    def fork(self, do: str, project: Path, die_at: int = 0, **more: Any) -> int:
        """Start a child; returns its pid."""
        order = {"do": do, "folder": str(project), "environment": {"MLOPS_PROJECT": str(project)}, **more}
        order |= {"die_at": die_at, "output": more.get("output") or str(self.folder / f"{do}.log")}
        return int(self._ask(order))

    def wait(self, pid: int) -> int:
        """Wait for a child that ends; returns its exit code, or the negative number of its signal."""
        return os.waitstatus_to_exitcode(int(self._ask({"do": "wait", "pid": pid})))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(90)

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


class Kernel:
    """A real kernel that is sent all its cells at once and answers one after the other."""

    def __init__(self, client: BlockingKernelClient, pid: int, reap: Callable[[], object]) -> None:
        self.client, self.pid, self._reap = client, pid, reap
        self._asked: dict[str, str] = {}
        self.finished: list[str] = []
        """Sources of the cells whose end was acknowledged, in their order."""
        self.errors: list[str] = []
        """What the cells that failed said."""

    def send(self, cells: Sequence[str]) -> None:
        for source in cells:
            self._asked[self.client.execute(source, stop_on_error=False)] = source

    def listen(self, until_time: float = math.inf, cells: int = 1 << 30) -> None:
        """Take answers until a time (`time.monotonic`), until so many cells are done, or it is gone."""
        while len(self.finished) < min(cells, len(self._asked)) and time.monotonic() < until_time:
            try:
                self._take(min(0.05, max(0.0, until_time - time.monotonic())))
            except queue.Empty:
                if self.is_gone():
                    return

    def _take(self, seconds: float) -> None:
        message = self.client.get_shell_msg(timeout=seconds)
        source = self._asked.get(message["parent_header"].get("msg_id", ""))
        if message["msg_type"] == "execute_reply" and source and message["content"]["status"] != "aborted":
            self.finished.append(source)
            if message["content"]["status"] == "error":
                self.errors.append("\n".join(message["content"]["traceback"]))

    def run(self, *cells: str) -> None:
        """Run cells that must go well."""
        self.send(cells)
        self.listen()
        assert not self.errors, self.errors[0]

    def is_gone(self) -> bool:
        """True for a process that ended, also while nobody has asked how."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    def end(self, how: int | str) -> None:
        """Send a signal, or ask for a ``restart``; then take what it had still answered."""
        if how == "restart":
            self.client.shutdown(restart=True)
        else:
            os.kill(self.pid, int(how))
        until(self.is_gone, "the kernel ends")
        self._reap()
        with contextlib.suppress(queue.Empty):
            while True:
                self._take(0.05)
        self.client.stop_channels()


def fork_kernel(server: ForkServer, project: Path, name: str, die_at: int = 0) -> Kernel:
    """A kernel that begins after its imports; `die_at` as in `fork_server.py`."""
    connection = str(server.folder / f"{name}.json")
    write_connection_file(connection, transport="ipc", ip=str(server.folder / name))
    pid = server.fork("kernel", project, die_at, connection=connection)
    client = BlockingKernelClient(connection_file=connection)
    client.load_connection_file()
    client.start_channels()
    return Kernel(client, pid, lambda: server.wait(pid))


def start_kernel(project: Path) -> Kernel:
    """A kernel as Jupyter starts it."""
    manager = KernelManager()
    manager.start_kernel(cwd=str(project), env={**os.environ, "MLOPS_PROJECT": str(project)})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    assert manager.provisioner is not None

    def reap() -> None:
        manager.provisioner.process.wait(60)
        manager.cleanup_resources()

    return Kernel(client, manager.provisioner.pid, reap)


def kill(server: ForkServer, pid: int) -> None:
    """Kill a child that may have ended by itself."""
    os.kill(pid, signal.SIGKILL)  # a zombie, too, takes it
    server.wait(pid)
