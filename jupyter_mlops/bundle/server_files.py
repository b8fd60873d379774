"""What is known about running servers, on disk: one small JSON file each.

A process id alone may by now belong to another process, so the start time is kept beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.files import write_atomically


@dataclass(frozen=True)
class RunningServer:
    """A server that answers at ``url``; ``log`` holds what it printed."""

    name: str
    version: str
    url: str
    pid: int
    log: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])


def remember(server: RunningServer, state: Path) -> None:
    """Write the server's file, at once; one port has one server."""
    import psutil

    record = {
        "name": server.name,
        "version": server.version,
        "url": server.url,
        "pid": server.pid,
        "started": psutil.Process(server.pid).create_time(),
        "log": str(server.log),
    }
    file = _file(server, state)
    write_atomically(file, json.dumps(record))


def forget(server: RunningServer, state: Path) -> None:
    """Remove the server's file; its log stays."""
    _file(server, state).unlink(missing_ok=True)


def list_servers(state: Path) -> list[RunningServer]:
    """The servers that are alive, by port; the files of the others are removed."""
    alive = []
    for server, started in [_recall(file) for file in state.glob("server-*.json")]:
        if _is_alive(server.pid, started):
            alive.append(server)
        else:
            forget(server, state)
    return sorted(alive, key=lambda server: server.port)


def _file(server: RunningServer, state: Path) -> Path:
    return state / f"server-{server.port}.json"


def _recall(file: Path) -> tuple[RunningServer, float]:
    record = json.loads(file.read_text(encoding="utf-8"))
    server = RunningServer(
        record["name"], record["version"], record["url"], int(record["pid"]), Path(record["log"])
    )
    return server, float(record["started"])


def _is_alive(pid: int, started: float) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - started) < 1.0
    except psutil.NoSuchProcess:
        return False
