"""A project folder that was moved or copied: the local MLflow store learns where it is now.

MLflow keeps absolute addresses of artifacts. ``.mlops/place`` says for which folder they were written;
when that is another one, the addresses below it are rewritten in one transaction. Only the SQLite file
that this package made is ever touched.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.files import write_atomically

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings

_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
    ("tags", "value"),  # the folder a notebook ran in
)


def follow_move(settings: Settings) -> None:
    """Rewrite addresses if the project is not where it was; costs one small read when it is."""
    if not settings.is_local_store:
        return
    place = settings.home / "place"
    now = str(settings.project)
    with contextlib.suppress(FileNotFoundError):
        before = place.read_text("utf-8")
        if before == now:
            return
        database = settings.project / "mlflow.db"
        if database.is_file():
            _rewrite(database, before, now)
    settings.home.mkdir(parents=True, exist_ok=True)
    write_atomically(place, now)


def _rewrite(database: Path, before: str, now: str) -> None:
    pairs = [(Path(before).as_uri(), Path(now).as_uri()), (before, now)]
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        for table, column in _ADDRESSES:
            for old, new in pairs if table in tables else ():
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # noqa: S608 - names from above
                    f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                    (new, len(old) + 1, old, len(old) + 1, f"{old}/"),
                )
