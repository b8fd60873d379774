"""What runs the steps: sources, parameters, the cache of results and the MLflow run."""

from .sources import read_data, source_of
from .steps import Project, Step

__all__ = ["Project", "Step", "read_data", "source_of"]
