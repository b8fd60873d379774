"""A real MLflow store in each project: its tables are made once and copied, which saves seconds a test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from real_servers import Postgres

from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow import MlflowClient


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with its tables and nothing in them."""
    folder = tmp_path_factory.mktemp("store")
    connect(Settings(folder, local_uri(folder)))
    return folder / "mlflow.db"


@pytest.fixture
def client(project: Settings, empty_store: Path) -> MlflowClient:
    """A plain MLflow client of the project's store."""
    shutil.copy(empty_store, project.project / "mlflow.db")
    return connect(project)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL."""
    database = Postgres(tmp_path_factory.mktemp("postgres") / "postgres.log")
    try:
        database.start()
        yield database
    finally:
        database.close()
