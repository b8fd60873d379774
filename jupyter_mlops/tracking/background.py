"""The process that brings journals to MLflow while the notebook works.

A process, not a thread: importing MLflow takes seconds of the interpreter lock, and a process outlives a
killed kernel and finishes its runs. It leaves when every session of the project has ended and nothing
waits.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.settings import Settings
from jupyter_mlops.tracking.project import sync, unfinished

_POLL_SECONDS = 0.5
_RETRY_SECONDS = 5.0


def start_background(settings: Settings) -> None:
    """Start the project's projecting process; a second one leaves at once."""
    log = settings.journals / "background.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        subprocess.Popen(
            [sys.executable, "-m", "jupyter_mlops.tracking.background", str(settings.project)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"},
            start_new_session=True,  # Ctrl-C in the notebook is not meant for it
        )


def main(project: Path) -> None:
    """Project until nothing is left to do and nobody is left to wait for."""
    settings = Settings(project=project, tracking_uri="")  # each journal names its own store
    try:
        lock = settings.journals / ".background.lock"
        with FileLock(lock, timeout=0):
            while lock.exists():  # else the project was removed
                left = unfinished(settings)
                if left is None:
                    return
                pause = _POLL_SECONDS
                if left:
                    try:
                        sync(settings)
                    except MlopsError:
                        pause = _RETRY_SECONDS  # told to the kernels by `sync`; the journal keeps everything
                time.sleep(pause)
    except Timeout:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
