"""The process that brings journals to MLflow and snapshots to where they are shared, and profiles them.

A process, not a thread: importing MLflow takes seconds of the interpreter lock, and a process outlives a
killed kernel and finishes its runs. It leaves when every session of the project has ended and nothing
waits, or when nobody is left and the store cannot be used for a minute.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

from filelock import FileLock, Timeout

from jupyter_mlops.errors import MlopsError, StoreError
from jupyter_mlops.settings import Settings
from jupyter_mlops.tracking.owed import Journals, Owed, heartbeat
from jupyter_mlops.tracking.profiling import Profiling
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.sharing import Sharing

_NICENESS = 10
_POLL_SECONDS = 0.5
_RETRY_SECONDS = 5.0
_HEARTBEAT_SECONDS = 60.0
_MAX_LAST_TRIES = 12
"""Of a store that cannot be used, once nobody is left to wait for: the next session goes on."""


def start_background(settings: Settings) -> None:
    """Start the project's projecting process; a second one leaves at once.

    Raises:
        StoreError: its folder cannot be written, or no process can be started.
    """
    log = settings.journals / "background.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            subprocess.Popen(
                [sys.executable, "-P", "-m", "jupyter_mlops.tracking.background", str(settings.project)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
                start_new_session=True,  # Ctrl-C in the notebook is not meant for it
            )
    except OSError as error:
        raise StoreError(
            f"the process that brings runs to MLflow cannot be started ({error.strerror})",
            f"Make {log.parent} writable; cells run meanwhile, and `%mlops runs` brings what waits.",
        ) from error


def main(project: Path) -> None:
    """Project until nothing is left to do and nobody is left to wait for."""
    settings = Settings(project=project, tracking_uri="")  # each journal names its own store
    lock = settings.journals / ".background.lock"
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # importing MLflow takes seconds, on a machine that runs the user's cells
    try:
        while True:
            with FileLock(lock, timeout=0):
                _work(settings, lock)
            # The process of a session that began meanwhile found the lock taken, and left.
            if not any(found.is_alive for found in Journals(settings.journals).open()):
                return
    except Timeout:
        return


def _work(settings: Settings, lock: Path) -> None:
    journals = Journals(settings.journals)
    sharing, profiling = Sharing(settings), Profiling(settings)
    failures = 0
    beaten = -_HEARTBEAT_SECONDS
    while lock.exists():  # else the project was removed
        somebody_works = False
        try:
            owed = list(journals.open())
            alive = [found for found in owed if found.is_alive]
            somebody_works = bool(alive)
            if time.monotonic() - beaten >= _HEARTBEAT_SECONDS:
                beaten = time.monotonic()
                _beat(alive)
            shares = sharing.goes_on(owed, somebody_works=somebody_works)
            profiles = profiling.goes_on(somebody_works=somebody_works)
            if any(found.waiting or found.is_over for found in owed):
                sync(settings, journals=journals)
            elif not (somebody_works or shares or profiles):
                return
            failures = 0
        except MlopsError:  # told to the kernels by `sync`; the journal keeps everything
            failures += 1
        except Exception:  # noqa: BLE001 - this process must outlive whatever befalls one journal or disk
            failures += 1
            traceback.print_exc()
        if failures >= _MAX_LAST_TRIES and not somebody_works:
            return
        time.sleep(_RETRY_SECONDS if failures else _POLL_SECONDS)


def _beat(alive: list[Owed]) -> None:
    """Tell other hosts that share the folder that these sessions live, also while no cell ends."""
    for owed in alive:
        with contextlib.suppress(OSError):
            heartbeat(owed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
