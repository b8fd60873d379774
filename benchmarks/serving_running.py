"""A server under measurement: started, asked by wrk, and what its processes took."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROTATE = Path(__file__).with_name("workers") / "rotate.lua"
_START_SECONDS = 120
_PAUSE = 0.01
"""Seconds between two looks whether the server is there."""


@dataclass(frozen=True)
class Load:
    """What one run of wrk showed.

    Attributes:
        cpu: seconds of CPU a request took, of all the server's processes.
        p50: seconds.
        p99: seconds.
        rate: requests a second.
        requests: how many were answered.
    """

    cpu: float
    p50: float
    p99: float
    rate: float
    requests: int


class Running:
    """A started server.

    Attributes:
        start_seconds: from its start to the first prediction.
        start_cpu: seconds of CPU until then, of all its processes.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
        self._process, self._port, self._path, self._log = process, port, path, log
        self.start_seconds = self.start_cpu = 0.0

    def ask(self, body: bytes) -> Any:
        """The content of one answer.

        Raises:
            OSError: nobody listens, or not for long.
            ValueError: it was no prediction.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", self._path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        except http.client.HTTPException as error:
            raise ValueError("no HTTP") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(f"{answer.status}: {content[:300]!r}")
        return json.loads(content)

    def wait(self, body: bytes, began: float) -> None:
        """Until it predicts."""
        problem: Exception | None = None
        while time.perf_counter() - began < _START_SECONDS and self._process.poll() is None:
            try:
                self.ask(body)
            except (OSError, ValueError) as error:
                problem = error
                time.sleep(_PAUSE)
            else:
                self.start_seconds, self.start_cpu = time.perf_counter() - began, self.cpu()
                return
        last = "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-15:])
        raise SystemExit(f"the server does not predict ({problem}):\n{last}")

    def load(self, bodies: Path, connections: int, seconds: int) -> Load:
        """Ask with the bodies in a file, one a line, over and over.

        Raises:
            SystemExit: some requests failed, so the figures mean nothing.
        """
        before = self.cpu()
        done = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(connections)),
                *("--duration", f"{seconds}s", "--timeout", "30s", "--script", str(_ROTATE)),
                *(f"http://127.0.0.1:{self._port}{self._path}", "--", str(bodies)),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        cpu = self.cpu() - before
        found = json.loads(done.stdout.splitlines()[-1])
        if found["failed"] or not found["requests"]:
            raise SystemExit(f"{found['failed']} requests failed, {found['requests']} did not")
        requests = found["requests"]
        return Load(cpu / requests, found["p50"], found["p99"], requests / found["seconds"], requests)

    def cpu(self) -> float:
        """Seconds of all processes so far, also of those that have ended."""
        total = 0.0
        for process in self._processes():
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
        return total

    def memory(self) -> dict[str, int]:
        """How many processes there are, and their bytes: what several share is counted once."""
        processes = self._processes()
        return {"processes": len(processes), "pss": sum(each.memory_full_info().pss for each in processes)}

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]


@contextmanager
def running(
    command: list[str], folder: Path, port: int, path: str, log: Path, env: dict[str, str], first: bytes
) -> Iterator[Running]:
    """A server that has answered the body `first`; stopped at the end with all its processes.

    Args:
        command: what to start.
        folder: to start it in.
        port: where it listens.
        path: where it predicts.
        log: a file for what it prints.
        env: its environment.
        first: a body that it can answer.

    Raises:
        SystemExit: it did not answer.
    """
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        server = Running(process, port, path, log)
        server.wait(first, began)
        yield server
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, wanted)
            process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    psutil.wait_procs(started, timeout=10)


def free_ports(count: int) -> tuple[int, ...]:
    """Ports of this machine that nobody listens on."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return tuple(holder.getsockname()[1] for holder in holders)
    finally:
        for holder in holders:
            holder.close()
