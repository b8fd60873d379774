"""Starts real kernels, projecting processes and doctors within milliseconds: by fork, after all imports.

Run as ``python fork_server.py kernels`` or ``… mlflow``. Each line of standard input is a JSON order, each
line of standard output the answer. A child is what a started process would be, except that it did not have to
import; `die_at` lets it kill itself at its n-th step on the files of the project, in whichever thread.
"""

from __future__ import annotations

import atexit
import faulthandler
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.link", "os.utime", "sqlite3.connect"}


def load(kind: str) -> None:
    names = ["jupyter_mlops.snapshot.storing", "jupyter_mlops.snapshot.verify"]
    if kind == "kernels":
        names += ["ipykernel.kernelapp", "matplotlib.pyplot", "sklearn.linear_model"]
        names += ["jupyter_mlops.notebook.session", "jupyter_mlops.verbs.log"]
    else:
        names += ["mlflow.store.tracking.sqlalchemy_store", "jupyter_mlops.tracking.background"]
        names += ["jupyter_mlops.cli"]
    for name in names:
        importlib.import_module(name)
    gc.freeze()  # no child collects, and so copies, what it has from here


class Dying:
    """Kills this process before its n-th step on the project's files, or after half of a write."""

    def __init__(self, project: str, die_at: int) -> None:
        self.project, self.left = project, die_at
        self._write = os.write
        os.write = self.write
        for name in ("fsync", "fdatasync"):
            setattr(os, name, self.before(getattr(os, name)))
        sys.addaudithook(self.audit)

    def step(self) -> bool:
        """True when the time has come."""
        self.left -= 1
        return self.left == 0

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event in STEPS and any(isinstance(arg, str) and arg.startswith(self.project) for arg in args):
            self.perhaps()

    def before(self, call: Any) -> Any:
        def dying(handle: int) -> None:
            self.perhaps()
            call(handle)

        return dying

    def perhaps(self) -> None:
        if self.step():
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, handle: int, data: bytes) -> int:
        try:
            ours = str(Path(f"/proc/self/fd/{handle}").readlink()).startswith(self.project)
        except OSError:
            ours = False
        if ours and self.step():
            self._write(handle, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return self._write(handle, data)


def become(order: dict[str, Any]) -> int:
    """What a child does; returns its exit code."""
    atexit._clear()  # what the parent's libraries registered waits for threads that stayed there
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.setsid()
    faulthandler.register(signal.SIGUSR1)  # for whoever looks why one hangs
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    if order.get("die_at"):
        Dying(order["folder"], order["die_at"])
    if order["do"] == "kernel":
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize(["-f", order["connection"], "--HistoryManager.hist_file=:memory:"])
        app.start()
        return 0
    if order["do"] == "project":
        from jupyter_mlops.tracking.background import main

        main(Path(order["folder"]))
        return 0
    from jupyter_mlops.cli import run

    return run(order["words"])


def serve() -> None:
    """Answer orders until the input ends."""
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "wait":
            print(json.dumps(os.waitpid(order["pid"], 0)[1]), flush=True)
            continue
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = become(order)
            except BaseException:
                traceback.print_exc()
            atexit._run_exitfuncs()
            sys.stdout.flush()
            os._exit(code)
        print(json.dumps(child), flush=True)


if __name__ == "__main__":
    load(sys.argv[1])
    serve()
