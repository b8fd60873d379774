"""Our own index of MLflow's runs, kept in step with the store: opened in milliseconds, without MLflow."""

from jupyter_mlops.tracking.run_index.disk import forget_index
from jupyter_mlops.tracking.run_index.index import RunIndex
from jupyter_mlops.tracking.run_index.opening import note_edits, open_index

__all__ = ["RunIndex", "forget_index", "note_edits", "open_index"]
