"""How the gates of a version ended when it was promoted, from the file that travels with it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings

GATES_FILE = "gates.json"


def kept_gates(settings: Settings, version: Version) -> list[dict[str, Any]]:
    """Its gates as plain data (name, outcome, figure, details); empty if none are known.

    Raises:
        StoreError: the store cannot be used.
    """
    if version.path is None:
        return []
    client = connect(settings)
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory() as scratch:
        try:
            name = f"{version.path}/{EXTRA}/{GATES_FILE}"
            text = Path(client.download_artifacts(version.run_id, name, scratch)).read_text("utf-8")
            found: list[dict[str, Any]] = json.loads(text)
        except (FileNotFoundError, ValueError):
            return []
    return found
