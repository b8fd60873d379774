"""The user's MLflow code and ours may make the project's store at the same moment: neither fails."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from waiting import until

from jupyter_mlops.errors import StoreError
from jupyter_mlops.tracking.client import connect

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings

USERS = "import sys, mlflow\nprint('ready', flush=True)\nsys.stdin.readline()\nmlflow.log_metric('m', 1.0)"
OURS = (
    "import sys, mlflow\nfrom jupyter_mlops.settings import load_settings\n"
    "from jupyter_mlops.tracking.client import connect\nprint('ready', flush=True)\nsys.stdin.readline()\n"
    "print(connect(load_settings()).search_experiments()[0].name)"
)


def start(code: str, **environment: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_that_make_the_store_at_once_both_succeed(project: Settings) -> None:
    theirs = start(USERS, MLFLOW_TRACKING_URI=project.tracking_uri)
    ours = start(OURS)
    go(theirs)
    until((project.project / "mlflow.db").exists, "the user's MLflow begins")
    go(ours)
    for process in (theirs, ours):
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, output + errors
    assert len(connect(project).search_runs(["0"])) == 1


def test_a_file_that_is_no_database_is_told_at_once(project: Settings) -> None:
    (project.project / "mlflow.db").write_bytes(b"not a database, and long enough to be read as one" * 50)
    with pytest.raises(StoreError):
        connect(project)


def test_an_unfinished_store_of_a_maker_that_is_gone_is_finished(project: Settings) -> None:
    database = project.project / "mlflow.db"
    sqlite3.connect(database).close()
    database.touch()
    os.utime(database, (0, 0))
    assert connect(project).search_experiments()[0].name == "Default"
