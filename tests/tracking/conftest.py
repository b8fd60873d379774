"""A real MLflow store in each project, and a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from new_store import with_store
from real_servers import Postgres

from jupyter_mlops.tracking.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings


@pytest.fixture
def client(project: Settings) -> MlflowClient:
    """A plain MLflow client of the project's store."""
    with_store(project.project)
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
