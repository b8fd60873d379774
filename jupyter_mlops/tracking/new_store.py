"""The local MLflow store comes into being whole.

The user's MLflow code in the notebook and our process beside it may both find no store, and two that make the
tables of one SQLite file at once both fail: an error in the user's cell. So ours are made in a file aside,
which becomes the store in one step if there is none by then; if there is, its maker is waited for.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings

_STILL_SECONDS, _AT_WORK_SECONDS = 10.0, 60.0
"""A file without tables that did not change for so long is not being made by anybody; the second, longer time
holds while a transaction is under way in it."""
_POLL_SECONDS = 0.05


def make_local_store(settings: Settings) -> None:
    """Make the project's SQLite store if it is not there, or wait until another process has made it.

    Raises:
        OSError: the folder cannot be written.
    """
    database = settings.project / "mlflow.db"
    if not database.exists():
        _make(settings, database)
    while not _is_made(database) and _is_being_made(database):
        time.sleep(_POLL_SECONDS)


def _make(settings: Settings, database: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    aside = settings.home / "mlflow-new.db"
    aside.unlink(missing_ok=True)
    try:
        store = SqlAlchemyStore(f"sqlite:///{aside.as_posix()}", settings.artifacts.as_uri())
        store.engine.dispose()
        with contextlib.suppress(FileExistsError):
            os.link(aside, database)  # unlike a rename, it leaves alone what is there
    finally:
        aside.unlink(missing_ok=True)


def _is_made(database: Path) -> bool:
    """True once the default experiment is there: MLflow writes it last."""
    try:
        address = f"{database.as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
            count: int = connection.execute("SELECT count(*) FROM experiments").fetchone()[0]
    except sqlite3.OperationalError:  # no such table yet, or locked by whoever makes it
        return False
    except sqlite3.DatabaseError:  # no database at all: MLflow will say so
        return True
    return count > 0


def _is_being_made(database: Path) -> bool:
    times = []
    for path, patience in ((database, _STILL_SECONDS), (_journal_of(database), _AT_WORK_SECONDS)):
        with contextlib.suppress(OSError):
            times.append(time.time() - path.stat().st_mtime < patience)
    return any(times)


def _journal_of(database: Path) -> Path:
    """Where SQLite keeps what a transaction changes until it is over."""
    return database.with_name(f"{database.name}-journal")
