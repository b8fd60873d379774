"""Where MLflow writes while code is replayed: a store in the scratch folder, and nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REPLAY_STORE = "MLOPS_REPLAY_TRACKING_URI"
"""Name of the environment variable that tells the process of a replay its store."""
_OF_THE_NOTEBOOK = {"MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID", "MLFLOW_REGISTRY_URI"}


def replay_environment(scratch: Path) -> dict[str, str]:
    """This process's environment, without ids of another store, with the address of the scratch store."""
    uri = f"sqlite:///{scratch.as_posix()}/mlflow.db"
    return {
        **{name: value for name, value in os.environ.items() if name not in _OF_THE_NOTEBOOK},
        REPLAY_STORE: uri,
        "MLFLOW_TRACKING_URI": uri,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": (scratch / "mlartifacts").as_uri(),  # else: in the current folder
    }
