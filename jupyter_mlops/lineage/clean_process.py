"""A process of its own with limits: watched while it runs, and ended together with all that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import psutil

from jupyter_mlops.lineage.memory_used import memory_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_TICK = 0.05  # seconds: a process fills one or two hundred megabytes in this time
_PAUSES_PER_LOOK = 10  # looking closely at gigabytes takes long, and holds the process up
_TICKS_PER_LOOK = 10  # looking for child processes costs more than asking for the memory of known ones
_LAST_WAIT = 5.0


@dataclass(frozen=True)
class Limits:
    """What the process and its children may take together: seconds, and bytes of memory of their own."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class Ended:
    """How it ended: its exit code, and the limit it went beyond."""

    code: int
    beyond: Literal["time", "memory"] | None


def run_apart(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    errors: Path,
    limits: Limits,
    on_line: Callable[[str], None],
) -> Ended:
    """Run a command in a session of its own; whatever happens, nothing of it runs on afterwards.

    Ctrl-C in this process ends it too. Should this process be killed, it has to notice by itself.

    Args:
        command: the program and its arguments.
        folder: its current folder.
        environment: its whole environment.
        errors: the file for its standard error.
        limits: it is ended when it goes beyond them.
        on_line: told each line of its standard output.
    """
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
    watch = _Watch(process, limits)
    try:
        if os.name == "posix":  # Python's own way; imported libraries (polars) have reads go on after Ctrl-C
            signal.siginterrupt(signal.SIGINT, True)
        watch.start()
        for line in process.stdout or ():
            on_line(line)
        process.wait()
    finally:
        watch.stop()
    return Ended(process.returncode, watch.beyond)


def is_running(process: psutil.Process) -> bool:
    """True until a process has ended, whether or not its parent has taken notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


class _Watch:
    """Looks at the process from a thread until it is stopped or the process went beyond a limit."""

    def __init__(self, process: subprocess.Popen[str], limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._until = time.monotonic() + limits.seconds
        self._known: set[psutil.Process] = set()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="mlops-replay", daemon=True)
        self.beyond: Literal["time", "memory"] | None = None

    def start(self) -> None:
        """Begin to watch."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._known.add(psutil.Process(self._process.pid))
        self._thread.start()

    def stop(self) -> None:
        """End the process, its children and its group, and wait until they are gone."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._end()
        self._process.wait()
        until = time.monotonic() + _LAST_WAIT
        while any(map(is_running, self._known)) and time.monotonic() < until:
            time.sleep(_TICK / 10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _look(self) -> None:
        ticks, pause = 0, _TICK
        while not self._is_over.wait(pause):
            began = time.monotonic()
            if ticks % _TICKS_PER_LOOK == 0:
                self._find_children()
            ticks += 1
            if time.monotonic() > self._until:
                self.beyond = "time"
            elif memory_of(self._known, self._limits.memory) > self._limits.memory:
                self.beyond = "memory"
            if self.beyond:
                self._end()
                return
            pause = max(_TICK, _PAUSES_PER_LOOK * (time.monotonic() - began))

    def _find_children(self) -> None:
        """Also those that began a session of their own, as shell commands of IPython do."""
        for process in list(self._known):
            with contextlib.suppress(psutil.Error):
                self._known.update(process.children(recursive=True))

    def _end(self) -> None:
        self._find_children()
        for process in self._known:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
