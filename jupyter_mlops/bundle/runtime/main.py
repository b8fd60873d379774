"""What ``serve.py`` does: serve the bundle, verify its files, check that it predicts, or make a token."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, NoReturn

from .access import decide
from .manifest import CHALLENGER, read_manifest, verify
from .options import read_options
from .problems import StartError
from .tls import tls_context
from .tokens import add_token

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from .versions.versions import Versions
    from .watch import Watch

_LAST_SECONDS = 10.0
"""How long the log may take to be written at the end."""
BUSY = 2
"""The exit code when the port is taken."""


def main(folder: Path, arguments: Sequence[str]) -> int:
    """Do what the command line asks of the bundle in `folder`; the result is the exit code."""
    try:
        options = read_options(arguments)
        if options.verify:
            return _verify(folder)
        if options.check:
            return _check(folder, options)
        if options.new_token:
            return _new_token(options)
        return _serve(folder, options)
    except StartError as problem:
        _complain(problem)
        return problem.exit_code
    except ModuleNotFoundError as error:
        _complain(
            StartError(
                f"No module named {error.name!r} for this Python ({sys.executable}).",
                "Install the packages: python -m pip install -r requirements.lock",
            )
        )
        return 1


def _verify(folder: Path) -> int:
    findings = verify(folder)
    for finding in findings:
        _say(finding)
    if not findings:
        manifest = read_manifest(folder)
        _say(f"{len(manifest.files)} files are as exported; digest {manifest.digest}")
    return 1 if findings else 0


def _check(folder: Path, options: argparse.Namespace) -> int:
    if _verify(folder):
        return 1
    from .served import predict_example

    versions = _load(folder, options)
    count = predict_example(folder, versions.champion.served)
    _say(f"the recorded example was predicted: {count} rows")
    if versions.challenger is not None:
        count = predict_example(folder / CHALLENGER, versions.challenger.served)
        _say(f"the challenger predicted its own, too: {count} rows")
    return 0


def _new_token(options: argparse.Namespace) -> int:
    if options.tokens is None:
        raise StartError("There is no file for the token.", "Name one with --tokens FILE.")
    token = add_token(options.tokens, options.new_token, options.token_name)
    sys.stderr.write(f"{options.tokens} has its hash now; the token itself is shown only here:\n")
    sys.stderr.flush()
    _say(token)
    return 0


def _serve(folder: Path, options: argparse.Namespace) -> int:
    # Until the server runs; it has its own way to stop.
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, _stop)
    if options.until_stdin_closes:
        threading.Thread(target=_stop_with_parent, name="parent", daemon=True).start()
    access = decide(options.tokens, options.host, insecure=options.insecure)
    tls = tls_context(options.tls_cert, options.tls_key)
    # The port before the model: loading takes seconds, and a taken port should say so at once.
    listener = _listen(options.host, options.port)

    from .app import App
    from .predictions import Limits
    from .run import run

    versions = _load(folder, options)
    limits = Limits(options.max_body_mb * 2**20, options.timeout, options.max_requests)
    watch = _watch(folder, versions, options)
    ready = _is_ready(folder, versions)
    app = App(versions, folder, access=access, watch=watch, ready=ready, limits=limits)
    host, port = listener.getsockname()[:2]
    manifest = versions.champion.served.manifest
    scheme = "http" if tls is None else "https"
    _say(f"serving {manifest.name} {manifest.version} at {scheme}://{_in_url(host)}:{port}")
    watch.start()
    run(app, listener, drain_seconds=options.drain, tls=tls)
    versions.close()
    watch.stop(_LAST_SECONDS)
    _say(f"stopped: {app.taken} requests were taken, {app.answered} answered")
    return 0


def _load(folder: Path, options: argparse.Namespace) -> Versions:
    from .served import load
    from .versions.loading import load_versions

    return load_versions(
        folder,
        load(folder),
        rollout=options.rollout,
        most_waiting=options.max_requests,
        check_share=options.shadow_share,
    )


def _watch(folder: Path, versions: Versions, options: argparse.Namespace) -> Watch:
    from .watch import EngineInfo, Watch, WatchSettings

    if options.log is not None:
        _check_log(options.log)
    engines = {}
    for version in versions.all():
        manifest, engine = version.served.manifest, version.served.engine
        engines[version.name] = EngineInfo(
            manifest.name, version.name, manifest.run_id, engine.name, engine.classes
        )
    settings = WatchSettings(
        log=options.log,
        sample=options.log_sample,
        mask=options.log_mask,
        rotate_rows=options.log_rows,
        rotate_seconds=options.log_seconds,
    )
    watch = Watch(folder, versions.champion.served.columns, engines, settings)
    watch.second_opinions = versions.second_opinions
    return watch


def _check_log(folder: Path) -> None:
    """Now, and not when the first file is due: minutes of rows would be lost by then."""
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(
            f"No log can be written to {folder} ({error.strerror}).",
            "Name a folder with --log that this user may write to.",
        ) from error


def _is_ready(folder: Path, versions: Versions) -> bool:
    from .served import predict_example

    try:
        predict_example(folder, versions.champion.served)
        if versions.challenger is not None:
            predict_example(folder / CHALLENGER, versions.challenger.served)
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


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


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
