"""What a session's run holds beside its tags: the cells, the notebook as it was, uncommitted changes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.installed import packages
from jupyter_mlops.tracking.environment import uncommitted

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from jupyter_mlops.tracking.owed import Owed

NOTEBOOK = "notebook"
"""The folder of a session run's artifacts that holds the notebook's file."""
PACKAGES_FILE = "mlops/packages.json"
CELLS_FILE = "mlops/cells.jsonl"
_MAX_NOTEBOOK = 20 << 20
_LONG_AGO = 600.0


def log_environment(client: MlflowClient, run_id: str, owed: Owed) -> None:
    """Once per session: its packages, and what was not committed, unless that would be of another time."""
    client.log_dict(run_id, packages(), PACKAGES_FILE)
    last = max((record.started + record.seconds for record in owed.records), default=owed.session["time"])
    if not owed.keeps_outputs or (owed.is_over and time.time() - last > _LONG_AGO):
        return
    patch = uncommitted(Path(owed.session["folder"]))
    if patch is not None:
        client.log_text(run_id, patch, "git/diff.patch")


def log_cells(client: MlflowClient, run_id: str, owed: Owed) -> None:
    """All records so far, and the notebook's file as it is now."""
    cells = "".join(json.dumps(record.to_dict()) + "\n" for record in owed.records)
    client.log_text(run_id, cells, CELLS_FILE)
    path = None if owed.forgot else notebook_path(owed)
    text = None if path is None else notebook_text(path, with_outputs=owed.keeps_outputs)
    if path is not None and text is not None:
        client.log_text(run_id, text, f"{NOTEBOOK}/{path.name}")


def notebook_path(owed: Owed) -> Path | None:
    """The session's notebook, if the front end told where it is and it is there."""
    told = owed.session.get("notebook")
    path = Path(owed.session["folder"], told) if isinstance(told, str) else None
    return path if path is not None and path.suffix == ".ipynb" and path.is_file() else None


def notebook_text(path: Path, *, with_outputs: bool) -> str | None:
    """A notebook's file; without its outputs if that is asked, or if they make it too large.

    None if it cannot be read, or is no notebook.
    """
    try:
        text = path.read_text("utf-8")
        if with_outputs and len(text) <= _MAX_NOTEBOOK:
            return text
        content: dict[str, Any] = json.loads(text)
        for cell in content["cells"]:
            cell.pop("attachments", None)
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        content.get("metadata", {}).pop("widgets", None)  # the state of widgets is an output too
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
