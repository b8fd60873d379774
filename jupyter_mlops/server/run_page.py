"""Runs a page at a time, from the project's own index.

The sidebar opens with this: nothing is imported here that the list does not need, above all not MLflow.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.run_index import open_index

if TYPE_CHECKING:
    from jupyter_mlops.tracking.run import Run


def run_page(offset: int, limit: int, search: str = "", notebook: str | None = None) -> dict[str, Any]:
    """Some of the runs that match, the newest first: `RunPage`.

    Runs that are on their way to MLflow are counted, and somebody is there to bring them; nobody waits.

    Args:
        offset: how many newer ones are left out.
        limit: at most this many.
        search: words that name or hypothesis hold, in either case.
        notebook: the file whose runs are meant; all when None.

    Raises:
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    waiting = 0
    if settings.journals.is_dir():
        from jupyter_mlops.server.waiting import brought

        waiting = brought(settings)
    index = open_index(settings)
    found = index.found(search, notebook)
    return {
        "total": len(found),
        "offset": offset,
        "waiting": waiting,
        "project": settings.project.name,
        "runs": [_data(run) for run in index.runs(found[offset : offset + limit])],
    }


def _data(run: Run) -> dict[str, Any]:
    return {
        "id": run.run_id,
        "name": run.name,
        "status": run.status.lower(),
        "started": run.started.timestamp(),
        "metrics": {name: value if math.isfinite(value) else None for name, value in run.metrics.items()},
        "hypothesis": run.hypothesis,
    }
