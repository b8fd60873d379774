"""Files of runs that are removed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings

FIGURES = "figures"


def delete_figures(settings: Settings, run_id: str) -> int:
    """Remove the figures of a run; returns how many there were.

    Raises:
        StoreError: the store cannot be used.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    client = connect(settings)
    with store_errors(settings.tracking_uri):
        figures = client.list_artifacts(run_id, FIGURES)
        if figures:
            get_artifact_repository(client.get_run(run_id).info.artifact_uri).delete_artifacts(FIGURES)
        return len(figures)
