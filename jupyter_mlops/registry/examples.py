"""The example rows that a registered model carries: rows of a person taken out of them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.registry.versions import fetch_files
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings

_OURS = f"{EXTRA}/example.json"
_MLFLOWS = ("input_example.json", "serving_input_example.json")


def example_columns(settings: Settings, version: Version) -> tuple[str, ...]:
    """The columns of a version's example; empty if it has none.

    Raises:
        NotFoundError: the version was registered by something else.
        StoreError: its files cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="mlops-forget-") as scratch:
        rows = _rows(fetch_files(settings, version, Path(scratch)))
        return tuple(rows[0]) if rows else ()


def forget_rows(settings: Settings, version: Version, places: Collection[int]) -> int:
    """Write a version's example without the rows at these positions; returns how many there were.

    One row at least must stay; if none would, nothing is written.

    Raises:
        NotFoundError: the version was registered by something else.
        StoreError: its files cannot be read or written.
    """
    with tempfile.TemporaryDirectory(prefix="mlops-forget-") as scratch:
        folder = fetch_files(settings, version, Path(scratch))
        rows = _rows(folder)
        stay = [at for at in range(len(rows)) if at not in places]
        if not stay or len(stay) == len(rows):
            return len(rows) - len(stay)
        changed = [_OURS]
        (folder / _OURS).write_text(json.dumps([rows[at] for at in stay]), "utf-8")
        for name in _MLFLOWS:
            if (folder / name).is_file():
                content = json.loads((folder / name).read_text("utf-8"))
                _keep(content.get("dataframe_split", content), stay)
                (folder / name).write_text(json.dumps(content), "utf-8")
                changed.append(name)
        client = connect(settings)
        with store_errors(settings.tracking_uri):
            for name in changed:
                place = f"{version.path}/{name}".rpartition("/")[0]
                client.log_artifact(version.run_id, str(folder / name), place)
        return len(rows) - len(stay)


def _rows(folder: Path) -> list[dict[str, Any]]:
    file = folder / _OURS
    rows: list[dict[str, Any]] = json.loads(file.read_text("utf-8")) if file.is_file() else []
    return rows


def _keep(table: dict[str, Any], stay: Sequence[int]) -> None:
    """Rows of MLflow's split form."""
    for key in ("data", "index"):
        if key in table:
            table[key] = [table[key][at] for at in stay]
