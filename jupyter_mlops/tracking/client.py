"""One way to MLflow: a client with an explicit address, made at first use, asked only if it answers."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import threading
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jupyter_mlops.errors import StoreError
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.tracking.moved import follow_move
from jupyter_mlops.tracking.new_store import make_local_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    from jupyter_mlops.settings import Settings

_CONNECT_SECONDS = 3.0
# MLflow's own patience (7 tries, 2 minutes each) would hold a cell for minutes when a server goes away
# between two requests; what does not arrive now waits in the journal.
_RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
_OURS = {
    _RETRIES: "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # nobody asked for links in their cell
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",  # nor for bars: ours says what is going on
}
_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_NEEDS_A_PASSWORD = {"UNAUTHENTICATED", "PERMISSION_DENIED", "CUSTOMER_UNAUTHORIZED"}
_MOST_CHARACTERS = 200
_POOL = "MLFLOW_SQLALCHEMYSTORE_POOLCLASS"
_KIND = {"mlflow.experimentKind": "custom_model_development"}  # MLflow's UI: training, not agents
_making = threading.Lock()


def connect(settings: Settings) -> MlflowClient:
    """The client for the settings' store.

    Raises:
        StoreError: the server does not answer, or the local store cannot be made or opened.
    """
    check_reachable(settings.tracking_uri)
    from mlflow.exceptions import MlflowException

    try:
        with store_errors(settings.tracking_uri), _one_maker(settings):
            follow_move(settings)
            if settings.is_local_store:
                with _quiet():
                    make_local_store(settings)
            return _client(settings.tracking_uri)
    except MlflowException as error:
        raise _no_store(settings.tracking_uri, error) from error


@contextlib.contextmanager
def _one_maker(settings: Settings) -> Iterator[None]:
    """Two processes that make the tables of one database at the same time both fail."""
    from filelock import FileLock

    lock = FileLock(settings.home / "store.lock") if is_database(settings.tracking_uri) else None
    with _making, lock or contextlib.nullcontext():
        yield


@lru_cache(maxsize=8)
def _client(uri: str) -> MlflowClient:
    with _quiet():
        from mlflow import MlflowClient

        _try_database(uri)
        with _no_kept_connections(uri):
            client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            client.search_experiments(max_results=1)  # makes the tables of a new database
            return client


@contextlib.contextmanager
def _no_kept_connections(uri: str) -> Iterator[None]:
    """For SQLite: a connection that is kept goes on with a file that was moved away or removed."""
    ours = uri.startswith("sqlite") and _POOL not in os.environ
    if ours:
        os.environ[_POOL] = "NullPool"
    try:
        yield
    finally:
        if ours:
            del os.environ[_POOL]


def is_database(uri: str) -> bool:
    """True for the address of a database, which this process reads and writes itself."""
    return urlsplit(uri).scheme.partition("+")[0] in {"sqlite", "postgresql", "mysql", "mssql"}


def _try_database(uri: str) -> None:
    """Fail at once where a password is wrong: MLflow's own retries take two minutes."""
    if not is_database(uri) or uri.startswith("sqlite"):
        return
    from sqlalchemy import create_engine

    engine = create_engine(uri)
    try:
        engine.connect().close()
    finally:
        engine.dispose()


def check_reachable(uri: str) -> None:
    """Fail within seconds for a server that is down: MLflow's own retries take minutes.

    Raises:
        StoreError: nothing listens at the address.
    """
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise unreachable(uri, error) from error
    port = _PORTS.get(parts.scheme.partition("+")[0])
    if port is None or not parts.hostname:
        return
    try:
        socket.create_connection((parts.hostname, parts.port or port), timeout=_CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:  # ValueError: a port that is no number
        raise unreachable(uri, error) from error


@contextlib.contextmanager
def store_errors(uri: str) -> Iterator[None]:
    """Turn what MLflow and its database drivers raise when the store fails into one `StoreError`."""
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with _our_manners():
            yield
    except (RequestException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise unreachable(uri, error) from error
    except ImportError as error:
        raise StoreError(
            f"the tracking store {without_secrets(uri)} needs the package {error.name!r}, which is not here",
            "Install it (psycopg2-binary for postgresql://) and restart the kernel; until then runs wait.",
        ) from error
    except MlflowException as error:
        if error.error_code in _NEEDS_A_PASSWORD:
            raise _refused(uri, error) from error
        if error.error_code in {"INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE"}:
            raise unreachable(uri, error) from error
        raise


@contextlib.contextmanager
def asked_once() -> Iterator[None]:
    """For a request that makes something: asked again because its answer was lost, it would make two."""
    before = os.environ.get(_RETRIES)
    os.environ[_RETRIES] = "0"
    try:
        yield
    finally:
        os.environ.pop(_RETRIES, None)
        if before is not None:
            os.environ[_RETRIES] = before


@contextlib.contextmanager
def _our_manners() -> Iterator[None]:
    """MLflow reads these at each request; what the user has set holds."""
    ours = {name: value for name, value in _OURS.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


def _refused(uri: str, error: MlflowException) -> StoreError:
    return StoreError(
        f"the tracking store {without_secrets(uri)} wants to know who asks ({error.error_code})",
        "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, and start the "
        "kernel anew; nothing is lost: runs wait in the journal.",
    )


def _no_store(uri: str, error: MlflowException) -> StoreError:
    why = str(error).strip().replace(uri, without_secrets(uri)).partition(". ")[0]
    return StoreError(
        f"the tracking store {without_secrets(uri)} cannot be opened: {why[:_MOST_CHARACTERS]}",
        "Point MLFLOW_TRACKING_URI to a server (http://…) or a database (sqlite:///…, postgresql://…).",
    )


def unreachable(uri: str, error: BaseException) -> StoreError:
    """The one error for a store that cannot be reached, read or written."""
    fix = "Start it, or point MLFLOW_TRACKING_URI to another one"
    if uri.startswith("sqlite"):
        fix = "Free space, make it writable, end what locks it, or bring it back from a copy if it is damaged"
    return StoreError(
        f"the tracking store {without_secrets(uri)} cannot be used ({type(error).__name__})",
        f"{fix}; nothing is lost: runs wait in the journal.",
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """MLflow announces its database set-up; nobody asked for that in a notebook."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        # importing mlflow configures its logger: take the level back only where nobody else set one
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level or logging.WARNING)


def experiment_id(client: MlflowClient, settings: Settings) -> str:
    """The id of the settings' experiment, which is made if it does not exist."""
    from mlflow.exceptions import MlflowException

    for _ in range(2):
        found = client.get_experiment_by_name(settings.experiment)
        if found is not None:
            if found.lifecycle_stage != "active":
                raise StoreError(
                    f"the experiment {settings.experiment!r} is deleted in the tracking store",
                    f"`mlflow experiments restore -x {found.experiment_id}` brings it back.",
                )
            return str(found.experiment_id)
        # a database knows no place for files: MLflow would take the folder this process happens to be in
        place = None
        if is_database(settings.tracking_uri):
            place = (settings.artifacts / settings.experiment).as_uri()
        try:
            return str(client.create_experiment(settings.experiment, place, tags=_KIND))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another process was first
                raise
    raise StoreError(
        f"the experiment {settings.experiment!r} cannot be made", "Choose another name with --experiment."
    )
