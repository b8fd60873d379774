"""The command line of a bundle: serve it, verify its files, or check that it predicts."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

from .manifest import read_manifest, verify
from .problems import StartError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .served import Served

BUSY = 2
"""The exit code when the port is taken."""


def main(folder: Path, arguments: Sequence[str]) -> int:
    """Do what the command line asks of the bundle in `folder`; the result is the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.verify:
            return _verify(folder)
        if options.check:
            return _check(folder)
        return _serve(folder, options)
    except StartError as problem:
        _complain(problem)
        return problem.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="serve.py", description="Serve the model in this folder over HTTP.")
    # Container platforms start an image with the word serve.
    parser.add_argument("command", nargs="?", choices=["serve"], default="serve", help="the default")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8080, help="port, 0 for any free one (default %(default)s)"
    )
    parser.add_argument(
        "--max-body-mb", type=int, default=16, help="largest request (default %(default)s MB)"
    )
    parser.add_argument("--timeout", type=float, default=60.0, help="longest request (default %(default)s s)")
    parser.add_argument(
        "--max-requests", type=int, default=512, help="most requests at a time (default %(default)s)"
    )
    parser.add_argument(
        "--drain",
        type=float,
        default=0.2,
        help="when told to stop, go on so long while clients learn of it (default %(default)s s)",
    )
    parser.add_argument("--verify", action="store_true", help="compare every file with bundle.json and stop")
    parser.add_argument("--check", action="store_true", help="verify, predict the recorded example and stop")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when the parent goes away")
    return parser


def _verify(folder: Path) -> int:
    findings = verify(folder)
    for finding in findings:
        _say(finding)
    if not findings:
        manifest = read_manifest(folder)
        _say(f"{len(manifest.files)} files are as exported; digest {manifest.digest}")
    return 1 if findings else 0


def _check(folder: Path) -> int:
    if _verify(folder):
        return 1
    from .served import load, predict_example

    count = predict_example(folder, load(folder))
    _say(f"the recorded example was predicted: {count} rows")
    return 0


def _serve(folder: Path, options: argparse.Namespace) -> int:
    # Until the server runs; it has its own way to stop.
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, _stop)
    if options.until_stdin_closes:
        threading.Thread(target=_stop_with_parent, name="parent", daemon=True).start()
    # The port first: loading takes seconds, and a taken port should say so at once.
    listener = _listen(options.host, options.port)

    from .app import App, Limits
    from .run import run
    from .served import load

    served = load(folder)
    limits = Limits(options.max_body_mb * 2**20, options.timeout, options.max_requests)
    app = App(served, folder, ready=_is_ready(folder, served), limits=limits)
    host, port = listener.getsockname()[:2]
    _say(f"serving {served.manifest.name} {served.manifest.version} at http://{host}:{port}")
    run(app, listener, drain_seconds=options.drain)
    return 0


def _is_ready(folder: Path, served: Served) -> bool:
    from .served import predict_example

    try:
        predict_example(folder, served)
    except StartError as problem:
        _complain(problem)
        return False
    return True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves small answers waiting 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere the option lets two servers share one port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OverflowError as error:
        raise StartError(f"{port} is not a port.", "Use a number from 1024 to 65535.") from error
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(f"port {port} is busy.", "Use --port with another number.", BUSY) from error
        raise StartError(
            f"{host}:{port} cannot be listened on ({error.strerror}).",
            "Name another address with --host, or another port with --port.",
        ) from error
    return listener


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(problem: StartError) -> None:
    sys.stderr.write(f"error: {problem}\n")
    sys.stderr.flush()


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


def _stop_with_parent() -> None:
    # os.read, because a thread blocked inside sys.stdin would hold its lock when the interpreter ends.
    while os.read(0, 4096):
        pass
    signal.raise_signal(signal.SIGTERM)
