"""A local MLflow store in a new project: its tables are made once and copied, which saves a second."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.client import connect


def empty_project() -> Path:
    """A folder with a store and nothing in it, made once for this process and removed with it."""
    return Path(_made().name)


def with_store(project: Path) -> None:
    """Give a project an empty store, as if another project had been copied: the addresses in it follow."""
    for name in ("mlflow.db", ".mlops/place"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(empty_project() / name, project / name)


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="mlops-store-")
    connect(Settings(Path(made.name), local_uri(Path(made.name))))
    return made
