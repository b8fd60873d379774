"""``lineage.json`` of a version: from which cells, files and data it came, by content digests."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.bytecode import global_names

if TYPE_CHECKING:
    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.lineage.slice import Slice, SliceCell
    from jupyter_mlops.tracking.read_runs import Run

LINEAGE = "lineage.json"
FORMAT = 1


def lineage_of(code: Slice, run: Run, record: CellRecord) -> dict[str, Any]:
    """Where a model comes from, as plain data for JSON.

    Names without a digest hold what cannot be known by its content, such as functions or open files.

    Args:
        code: what the model was made again from.
        run: of the model.
        record: of the cell that made it.

    Returns:
        ``run`` (with its parent, the session, and the git commit), ``cells`` in the order they ran, each with
        the names it read and made and their digests, ``files`` with the digests they had, ``snapshots``, the
        data that the cell of the model used, and ``models``.
    """
    facts = record.run
    return {
        "format": FORMAT,
        "run": {
            "id": run.run_id,
            "name": run.name,
            "parent": run.tags.get("mlflow.parentRunId"),
            "session": run.tags.get("mlops.session"),
            "started": run.started.isoformat(),
            "git": {
                "commit": run.tags.get("mlflow.source.git.commit"),
                "dirty": run.tags.get("mlops.git.dirty") == "true",
            },
        },
        "reproduced": {"rung": code.rung, "said": code.said},
        "cells": _cells(code),
        "files": [
            {"path": file.path, "digest": file.digest, "made": file.is_made, "written": file.is_written}
            for file in code.files
        ],
        "snapshots": [
            {
                "name": data.name,
                "digest": data.digest,
                "kind": data.kind,
                "rows": data.rows,
                "columns": len(data.columns),
            }
            for data in (facts.datasets if facts else ())
        ],
        "models": [
            {"name": model.name, "kind": model.kind, "digest": model.digest}
            for model in (facts.estimators if facts else ())
        ],
    }


def _cells(code: Slice) -> list[dict[str, Any]]:
    known: dict[str, str | None] = {}
    cells = []
    for cell in code.cells:
        loads, stores = _names(cell)
        read = {name: known[name] for name in sorted(loads & known.keys())}
        made = {name: cell.digests.get(name) for name in sorted({*stores, *cell.digests, *cell.outside})}
        known |= made
        cells.append(
            {
                "serial": cell.serial,
                "number": cell.count,
                "source": cell.source,
                "read": read,
                "made": made,
                "files": list(cell.reads),
                "from snapshots": dict(cell.stored),
                "random": {name: state["digest"] for name, state in cell.random.items()},
                "outside": list(cell.outside),
            }
        )
    return cells


def _names(cell: SliceCell) -> tuple[frozenset[str], frozenset[str]]:
    """Global names that a cell's code loads and stores; none of a cell that is no plain Python."""
    try:
        with warnings.catch_warnings(action="ignore"):
            found = global_names(compile(cell.source, "<cell>", "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return frozenset(), frozenset()
    return found.loads, found.stores
