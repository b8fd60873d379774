"""How MLflow reads our data back: a source ``mlops://<digest>`` in the project's snapshot store.

MLflow itself imports this module, through an entry point, while it is being imported: import it nowhere else.
"""

from __future__ import annotations

from typing import Any

from mlflow.data.dataset_source import DatasetSource

from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.dataset_uri import SCHEME, SOURCE_TYPE


class SnapshotSource(DatasetSource):  # type: ignore[misc]
    """Reads a run's dataset back: ``mlflow.data.get_source(run.inputs.dataset_inputs[0]).load()``."""

    def __init__(self, digest: str) -> None:
        self.digest = digest

    @staticmethod
    def _get_source_type() -> str:
        return SOURCE_TYPE

    def load(self) -> Any:
        """The value as it was, from the snapshot store of the current project."""
        return project_store(load_settings()).get(self.digest)

    @staticmethod
    def _can_resolve(raw_source: Any) -> bool:
        return isinstance(raw_source, str) and raw_source.startswith(SCHEME)

    @classmethod
    def _resolve(cls, raw_source: str) -> SnapshotSource:
        return cls(raw_source.removeprefix(SCHEME))

    def to_dict(self) -> dict[str, str]:
        """As kept by MLflow."""
        return {"uri": f"{SCHEME}{self.digest}"}

    @classmethod
    def from_dict(cls, source_dict: dict[str, str]) -> SnapshotSource:
        """The inverse of `to_dict`."""
        return cls._resolve(source_dict["uri"])
