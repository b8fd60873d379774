"""Opening the index of a store: what was kept is loaded, brought in step with the store, and kept again."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jupyter_mlops.errors import StoreError
from jupyter_mlops.settings import plain_uri, same_store, without_secrets
from jupyter_mlops.tracking.client import check_reachable, connect, is_database, store_errors, unreachable
from jupyter_mlops.tracking.run_index import sql_tables, sqlite_tables
from jupyter_mlops.tracking.run_index.asked import Asking
from jupyter_mlops.tracking.run_index.disk import load, place_of, save
from jupyter_mlops.tracking.run_index.index import RunIndex
from jupyter_mlops.tracking.run_index.known import Known
from jupyter_mlops.tracking.run_index.tables import NotAsExpectedError, in_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.run_index.known import Progress

_FOLDERS = "MLFLOW_ALLOW_FILE_STORE"


def silent(text: str, share: float) -> None:
    """No progress."""


def open_index(
    settings: Settings, *, uri: str | None = None, progress: Progress = silent, refresh: bool = False
) -> RunIndex:
    """The index of a store, in step with it; of a server see `asked` for what can be seen later.

    Args:
        settings: the project, which keeps the index, and its store.
        uri: another store in MLflow's words, such as ``sqlite:////data/theirs/mlflow.db``.
        progress: told when many runs have to be read.
        refresh: read everything anew.

    Raises:
        StoreError: the store cannot be used.
    """
    uri = settings.tracking_uri if uri is None else plain_uri(uri)
    _check_there(settings, uri)
    path = place_of(settings, uri)
    before = None if refresh else load(path)
    with _to_the_end(progress) as tell:
        try:
            known = _from_tables(uri, before, tell)
        except NotAsExpectedError:
            known = _from_mlflow(settings, uri, before, tell)
    if known is not before and known.marks:
        save(path, known)
    return RunIndex(known)


def note_edits(settings: Settings, run_ids: Sequence[str], *, uri: str | None = None) -> None:
    """Let the index see what was just changed at runs, where it would be seen by turns only.

    Raises:
        StoreError: the store cannot be used.
    """
    uri = settings.tracking_uri if uri is None else plain_uri(uri)
    known = load(place_of(settings, uri))
    if known is not None and "asked" in known.marks:
        with _asking(settings, uri, silent) as asking:
            save(place_of(settings, uri), asking.again(known, run_ids))


@contextlib.contextmanager
def _to_the_end(progress: Progress) -> Iterator[Progress]:
    """A bar that was shown is filled at the end; where nothing takes long, there is none."""
    begun = False

    def tell(text: str, share: float) -> None:
        nonlocal begun
        begun = True
        progress(text, share)

    yield tell
    if begun:
        progress("done", 1.0)


def _from_tables(uri: str, before: Known | None, progress: Progress) -> Known:
    """Through the tables of a database.

    Raises:
        NotAsExpectedError: there are none that we can read.
    """
    database = sqlite_tables.path_of(uri)
    if database is not None:
        if not database.exists():
            return Known()  # nothing was tracked yet
        told = sqlite_tables.stamp(database)
        if before is not None and told is not None and before.marks.get("stamp") == told:
            return before
        try:
            with sqlite_tables.reading(database) as store:
                return in_step(before or Known(), sqlite_tables.SqliteTables(store, told), progress)
        except sqlite3.Error as error:
            raise unreachable(uri, error) from error
    if not is_database(uri):
        raise NotAsExpectedError
    check_reachable(uri)
    with store_errors(uri), sql_tables.reading(uri) as tables:
        return in_step(before or Known(), tables, progress)


def _from_mlflow(settings: Settings, uri: str, before: Known | None, progress: Progress) -> Known:
    with _asking(settings, uri, progress) as asking:
        if before is None or "asked" not in before.marks or _folder_of(uri) is not None:
            return asking.everything()
        return asking.news(before)


@contextlib.contextmanager
def _asking(settings: Settings, uri: str, progress: Progress) -> Iterator[Asking]:
    allowed = os.environ.get(_FOLDERS)
    if _folder_of(uri) is not None:  # MLflow asks not to write new runs to folders; old ones can be read
        os.environ[_FOLDERS] = "true"
    try:
        client = connect(replace(settings, tracking_uri=uri))
    finally:
        if allowed is None:
            os.environ.pop(_FOLDERS, None)
        else:
            os.environ[_FOLDERS] = allowed
    from mlflow.exceptions import MlflowException

    try:
        with store_errors(uri):
            yield Asking(client, progress)
    except MlflowException as error:
        raise unreachable(uri, error) from error


def _check_there(settings: Settings, uri: str) -> None:
    """MLflow makes a store that is not there, which nobody wants of one that is only looked at."""
    place = sqlite_tables.path_of(uri) or _folder_of(uri)
    if place is not None and not place.exists() and not same_store(uri, settings.tracking_uri):
        raise StoreError(
            f"there is no tracking store {without_secrets(uri)}",
            "Name an MLflow store that exists, such as sqlite:////folder/mlflow.db.",
        )


def _folder_of(uri: str) -> Path | None:
    """The folder of a store of files; None for other stores."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme not in {"", "file"} or uri == "databricks":
        return None
    return Path(unquote(parts.path) if parts.scheme else uri)
