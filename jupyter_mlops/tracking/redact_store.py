"""Texts taken out of the MLflow store that this package made: its SQLite file, and files of runs.

MLflow has no way to change a parameter; only the project's own SQLite file is touched, never a server.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.notebook.redact import Redactor
    from jupyter_mlops.settings import Settings


def redact_database(settings: Settings, redactor: Redactor) -> int:
    """Replace the texts in every column of text; returns how many rows had any. The file is then made anew.

    Raises:
        sqlite3.Error: the file is in use for long, or damaged; then nothing was changed.
    """
    database = settings.project / "mlflow.db"
    if not settings.is_local_store or not database.is_file():
        return 0
    changed = 0
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.create_function(
            "redacted", 1, lambda text: redactor.text(text) if isinstance(text, str) else text
        )
        with connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                changed += _redact_table(connection, table)
        if changed:
            connection.execute("VACUUM")  # what was replaced stands in free pages until then
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed


def _redact_table(connection: sqlite3.Connection, table: str) -> int:
    changed = 0
    for _, column, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
        if kind.upper().startswith(("VARCHAR", "TEXT", "CLOB")):
            place = (
                f'"{table}" SET "{column}" = redacted("{column}") WHERE "{column}" != redacted("{column}")'
            )
            changed += connection.execute(f"UPDATE OR REPLACE {place}").rowcount
    return changed


def redact_files(settings: Settings, redactor: Redactor) -> tuple[int, list[Path]]:
    """Rewrite the project's own files of text, but for journals, snapshots, bundles, and the index of runs.

    Returns:
        How many were rewritten, and those that are no text and still hold one of the texts.
    """
    changed, left = 0, []
    skipped = {settings.snapshots, settings.journals, settings.index, settings.home / "bundles"}
    for top in (settings.home, settings.artifacts):
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            if path.is_symlink() or not path.is_file() or not skipped.isdisjoint(path.parents):
                continue
            if redactor.file(path):
                changed += 1
            if redactor.is_in(path.read_bytes()) or _in_archive(path, redactor):
                left.append(path)
    return changed, left


def _in_archive(path: Path, redactor: Redactor) -> bool:
    """A model written by skops is a zip file."""
    import zipfile

    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(redactor.is_in(archive.read(member)) for member in archive.namelist())
