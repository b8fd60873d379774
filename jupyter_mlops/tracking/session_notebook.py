"""The notebook's file and the cells of the session that a run belongs to."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.tracking.client import connect, store_errors
from jupyter_mlops.tracking.session_files import CELLS_FILE, NOTEBOOK

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings

_PLAIN = re.compile(r"[\w-]+")


def session_notebook(settings: Settings, session: str) -> tuple[dict[str, Any], list[CellRecord]]:
    """The content of a session's notebook and its records, as they were kept last; empty without a notebook.

    Args:
        settings: which store.
        session: its id, as in the tag ``mlops.session`` of its runs.

    Raises:
        StoreError: the store cannot be used.
    """
    if not _PLAIN.fullmatch(session):
        return {}, []
    client = connect(settings)
    where = f"tags.`mlops.session` = '{session}' and tags.`mlops.kind` = 'session'"
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory() as folder:
        ids = [found.experiment_id for found in client.search_experiments()]
        runs = client.search_runs(ids, where, max_results=1)
        files = client.list_artifacts(runs[0].info.run_id, NOTEBOOK) if runs else []
        if not files:
            return {}, []
        try:
            path, cells = (
                Path(client.download_artifacts(runs[0].info.run_id, name, folder))
                for name in (files[0].path, CELLS_FILE)
            )
            content = json.loads(path.read_text("utf-8"))
            lines = cells.read_text("utf-8").splitlines()
        except (FileNotFoundError, ValueError):
            return {}, []
    return content, [CellRecord.from_dict(json.loads(line)) for line in lines]
