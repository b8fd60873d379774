"""Files of runs that are removed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings


def delete_folder(settings: Settings, run_id: str, folder: str) -> int:
    """Remove a folder of a run's artifacts; returns how many files were in it.

    Raises:
        StoreError: the store cannot be used.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    client = connect(settings)
    with store_errors(settings.tracking_uri):
        files = client.list_artifacts(run_id, folder)
        if files:
            place = client.get_run(run_id).info.artifact_uri
            get_artifact_repository(place, tracking_uri=settings.tracking_uri).delete_artifacts(folder)
        return len(files)
