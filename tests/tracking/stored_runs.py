"""What a plain MLflow client finds in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient


def stored_runs(client: MlflowClient, kind: str) -> list[Any]:
    """All runs of a kind (``cell`` or ``session``), oldest first; deleted experiments left out."""
    experiments = [found.experiment_id for found in client.search_experiments()]
    found = client.search_runs(experiments, f"tags.`mlops.kind` = '{kind}'", max_results=1000)
    return sorted(found, key=lambda run: (run.info.start_time, int(run.data.tags.get("mlops.serial", 0))))


def names(client: MlflowClient) -> list[str]:
    """Names of all runs of cells."""
    return [run.info.run_name for run in stored_runs(client, "cell")]
