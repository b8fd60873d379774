"""JupyterLab's door: authenticated REST under ``/jupyter-mlops/``, on top of the same verbs.

What answers quickly is asked of one process per project (`worker.py`), so that MLflow never weighs on
Jupyter's server; long work is a job (`jobs.py`), a ``mlops`` command of its own that can be cancelled.
`rest.schema.json` says what goes over the wire; the extension's types are made from it.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyter_mlops.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    from jupyter_mlops.server.extension import load

    load(app)
