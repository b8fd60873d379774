"""Background servers: start a bundle's own ``serve.py``, and stop it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from jupyter_mlops.bundle.ports import HOST, free_port, is_free
from jupyter_mlops.bundle.server_files import RunningServer, forget, list_servers, remember
from jupyter_mlops.errors import NotFoundError, ServeError, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.bundle.runtime.manifest import Manifest

__all__ = ["RunningServer", "list_servers", "start_server", "stop_one", "stop_server"]

FIRST_PORT = 8080
START_SECONDS = 120
STOP_SECONDS = 15


def start_server(bundle: Path, *, port: int | None, state: Path, tie_to_parent: bool) -> RunningServer:
    """Start the bundle's server and wait until it answers.

    Args:
        bundle: the folder that ``export_bundle`` wrote.
        port: the port to use; None takes the first free one from 8080 upwards.
        state: where the servers' files and logs are kept.
        tie_to_parent: stop the server when this process ends, however it ends.

    Raises:
        NotFoundError: `bundle` is not a bundle.
        ServeError: the port is busy, or the server stopped or never became ready.
    """
    manifest = _read_manifest(bundle)
    state.mkdir(parents=True, exist_ok=True)
    if port is not None and not is_free(port):
        raise _busy(port)
    chosen = free_port(FIRST_PORT) if port is None else port
    while True:
        log = state.resolve() / f"server-{chosen}.log"
        process = _spawn(bundle, chosen, log, tie_to_parent)
        try:
            problem = _wait_until_ready(process, chosen)
        except BaseException:  # Ctrl+C: nobody would know of it
            _end(process)
            raise
        if problem is None:
            break
        _wait_for_the_end(process)
        if f"port {chosen} is busy" not in _read(log):
            raise _failure(manifest, log, problem)
        # Someone took the port between our look and the server's own.
        if port is not None:
            raise _busy(chosen)
        chosen = free_port(chosen + 1)
    url = f"http://{HOST}:{chosen}"
    server = RunningServer(manifest.name, manifest.version, url, process.pid, log, manifest.engine)
    remember(server, state)
    # Someone must wait for a child, or it stays in the process table after its end. The waiting thread also
    # keeps the process object, and with it the pipe that ties the server to us.
    waiting = threading.Thread(
        target=_wait_for_the_end, args=(process,), name=f"server-{chosen}", daemon=True
    )
    waiting.start()
    return server


def stop_server(state: Path, name: str | None) -> list[RunningServer]:
    """Stop the servers of the model `name`, or all for None, and return those that were stopped.

    Each is asked to finish what it is answering, and killed when it does not.

    Raises:
        NotFoundError: no server of that name runs.
    """
    running = list_servers(state)
    chosen = [server for server in running if name in {None, server.name}]
    if name is not None and not chosen:
        names = {server.name for server in running}
        raise NotFoundError(
            f"No server of {name!r} is running.{did_you_mean(name, names)}",
            f"Running: {', '.join(sorted(names)) or 'none'}.",
        )
    _stop(chosen, state)
    return chosen


def stop_one(state: Path, port: int) -> RunningServer:
    """Stop the server on a port, as `stop_server` does.

    Raises:
        NotFoundError: no server of this project is there.
    """
    for server in list_servers(state):
        if server.port == port:
            _stop([server], state)
            return server
    raise NotFoundError(f"No server runs on port {port}.", "`mlops serve` lists those that run.")


def _stop(chosen: list[RunningServer], state: Path) -> None:
    import psutil

    processes = []
    for server in chosen:
        try:
            process = psutil.Process(server.pid)
            process.terminate()
            processes.append(process)
        except psutil.NoSuchProcess:
            continue  # it ended by itself just now
    for stubborn in psutil.wait_procs(processes, timeout=STOP_SECONDS)[1]:
        stubborn.kill()
        stubborn.wait(STOP_SECONDS)
    for server in chosen:
        forget(server, state)


def _spawn(bundle: Path, port: int, log: Path, tie_to_parent: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "serve.py", "serve", "--host", HOST, "--port", str(port)]
    if tie_to_parent:
        command.append("--until-stdin-closes")
    log.write_bytes(b"")
    with log.open("ab") as out:  # at its end, always: the server of another starter may write here too
        return subprocess.Popen(
            command,
            cwd=bundle,
            # The pipe's other end stays open as long as this process lives, and closes with it.
            stdin=subprocess.PIPE if tie_to_parent else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # an interrupt of the notebook's kernel is not meant for the server
        )


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> str | None:
    """None when the server answers 200; else why it never will, and then its process has ended."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        status = _ping(port)
        if status is not None and not _listens(process, port):
            status = None  # that was another server, which took the port first; ours will notice, and end
        if status == http.HTTPStatus.OK:
            return None
        if status is not None:
            _end(process)
            return f"it answered {status} to /ping"
        if time.monotonic() > deadline:
            _end(process)
            return f"it did not answer within {START_SECONDS} s"
        time.sleep(0.05)
    return f"it stopped with exit code {process.returncode}"


def _wait_for_the_end(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    """True if it is this process, or a child of it, that has the port."""
    import psutil

    try:
        ours = psutil.Process(process.pid)
        family = [ours, *ours.children(recursive=True)]  # a virtual environment's python.exe starts another
        found = [each for one in family for each in one.net_connections("tcp")]
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in found)


def _ping(port: int) -> int | None:
    """The status of ``/ping``, or None while nobody answers. Not urllib: it would ask a configured proxy."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _failure(manifest: Manifest, log: Path, problem: str) -> ServeError:
    """What the server said last: its own two lines, or the last line of a traceback."""
    lines = [line.strip() for line in _read(log).splitlines() if line.strip()]
    said = [index for index, line in enumerate(lines) if line.startswith("error: ")]
    last = lines[said[-1] :] if said else lines[-1:]
    reason = last[0].removeprefix("error: ") if last else problem
    fix = last[1] if len(last) > 1 else "Install the bundle's requirements.lock."
    return ServeError(
        f"The server of {manifest.name} {manifest.version} did not start: {reason}", f"{fix} Its log: {log}"
    )


def _busy(port: int) -> ServeError:
    return ServeError(
        f"port {port} is busy.", f"Use --port {free_port(port + 1)} (free), or no --port at all."
    )


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _read_manifest(bundle: Path) -> Manifest:
    from jupyter_mlops.bundle.runtime.manifest import read_manifest
    from jupyter_mlops.bundle.runtime.problems import StartError

    try:
        return read_manifest(bundle)
    except StartError as problem:
        raise NotFoundError(f"{bundle} is not a bundle: {problem.what}", "Make one with export.") from problem
