"""What is known about running servers, on disk: one small JSON file each.

A process id alone may by now belong to another process, so the start time is kept beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_mlops.files import write_atomically


@dataclass(frozen=True)
class RunningServer:
    """A server that answers at ``url``; ``log`` holds what it printed.

    `engine` is what scores, empty where an older version of ours wrote the file. `started` is known of those
    read from their files: seconds since 1970 (UTC).
    """

    name: str
    version: str
    url: str
    pid: int
    log: Path
    engine: str = ""
    started: float = field(default=0.0, compare=False)

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
        "engine": server.engine,
    }
    file = _file(server, state)
    write_atomically(file, json.dumps(record))


def forget(server: RunningServer, state: Path) -> None:
    """Remove the server's file; its log stays."""
    _file(server, state).unlink(missing_ok=True)


def list_servers(state: Path) -> list[RunningServer]:
    """The servers that are alive, by port; the files of the others are removed."""
    alive = []
    for server in filter(None, [_recall(file) for file in state.glob("server-*.json")]):
        if _is_alive(server.pid, server.started):
            alive.append(server)
        else:
            forget(server, state)
    return sorted(alive, key=lambda server: server.port)


def _file(server: RunningServer, state: Path) -> Path:
    return state / f"server-{server.port}.json"


def _recall(file: Path) -> RunningServer | None:
    """None for a file that is gone by now, or that is not ours."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        server = RunningServer(
            str(record["name"]),
            str(record["version"]),
            str(record["url"]),
            int(record["pid"]),
            Path(record["log"]),
            str(record.get("engine", "")),
            float(record["started"]),
        )
        known = f"server-{server.port}.json" == file.name
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return server if known else None


def _is_alive(pid: int, started: float) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - started) < 1.0
    except (psutil.NoSuchProcess, ValueError, OverflowError):  # or no number that a process can have
        return False
