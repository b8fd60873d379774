"""What a run's card shows beyond its text: data with commands, code, packages, histories."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.comparison.better import lower_is_better
from jupyter_mlops.comparison.recorded import FILE, read_recorded
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.lineage.record import label
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.read_runs import figure_names, run_packages
from jupyter_mlops.tracking.run_history import metric_history
from jupyter_mlops.verbs.typed import reference_to, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.comparison.recorded import Recorded
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.tracking.read_runs import Run

# A notebook that is saved with its widgets has all this in it: it stays below 100 kB.
_MOST_CODE = 20_000
_MOST_NAMES = 100
_MOST_CHARS = 200
_MOST_PACKAGES = 500
_MOST_HISTORIES = 8
_MOST_POINTS = 100
_MOST_ASKED = 30
"""Metrics whose steps are asked for: a server answers for one at a time."""
_MOST_HYPOTHESIS = 5000


def run_card_payload(settings: Settings, run: Run) -> dict[str, Any]:
    """The card as plain data; what cannot be read any more is said in its notes.

    Raises:
        NotFoundError: the run is gone from the store.
        StoreError: the store cannot be used.
    """
    recorded = read_recorded(settings, run)
    reference = reference_to(settings, run)
    metrics, params = sorted(run.metrics.items()), list(run.params.items())
    return {
        "name": run.name,
        "status": run.status.lower(),
        "experiment": recorded.experiment,
        "cell": run.tags.get("mlops.cell", ""),
        "started": run.started.isoformat(),
        "seconds": run.seconds,
        "error": run.tags.get("mlops.error", "")[:_MOST_CHARS],
        "hypothesis": (run.hypothesis or "")[:_MOST_HYPOTHESIS],
        "metrics": [
            {
                "name": name[:_MOST_CHARS],
                "value": value if math.isfinite(value) else None,
                "text": "" if math.isfinite(value) else str(value),
                "lower": lower_is_better(name),
            }
            for name, value in metrics[:_MOST_NAMES]
        ],
        "params": [[name[:_MOST_CHARS], value[:_MOST_CHARS]] for name, value in params[:_MOST_NAMES]],
        "left_out": max(0, len(metrics) - _MOST_NAMES) + max(0, len(params) - _MOST_NAMES),
        "data": _data(settings, recorded, reference),
        "code": _code(recorded, reference),
        "environment": _environment(settings, recorded),
        "figures": figure_names(run)[0][:_MOST_NAMES],
        "not_kept": [f"{count} {why}" for why, count in figure_names(run)[1].items()],
        "history": _history(settings, run),
    }


def _data(settings: Settings, recorded: Recorded, reference: str) -> list[dict[str, Any]]:
    store = project_store(settings)
    found = []
    for each in recorded.data[:_MOST_NAMES]:
        is_kept = each.digest in store
        what = f"{reference}:{each.name}"
        commands = [typed("restore", what)] if is_kept else []
        if is_kept and each.kind == "frame":
            commands.append(typed("drift", what, each.name))
        found.append(
            {
                "name": each.name[:_MOST_CHARS],
                "kind": each.kind[:_MOST_CHARS],
                "use": each.context if each.context in {"training", "evaluation"} else "",
                "shape": _shape(store, each.digest) if is_kept else _rows(each.rows),
                "digest": each.digest[:8],
                "kept": is_kept or each.kind == FILE,
                "commands": commands,
            }
        )
    return found


def _shape(store: SnapshotStore, digest: str) -> str:
    try:
        about = store.describe(digest)
    except MlopsError:  # damaged: restoring it will say so
        return ""
    return " × ".join(f"{size:,}" for size in (about.rows, about.columns) if size is not None)


def _rows(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,} rows"


def _code(recorded: Recorded, reference: str) -> dict[str, Any]:
    code = recorded.code
    if code is None:
        return {"cells": [], "note": recorded.no_code, "commands": []}
    cells, room = [], _MOST_CODE
    for cell in code.cells:
        source = cell.source.strip()
        if len(source) > room:
            break
        room -= len(source)
        cells.append([label(cell.count), source])
    missing = len(code.cells) - len(cells)
    note = f"{missing} more cells are not shown here" if missing else ""
    return {
        "cells": cells,
        "note": note,
        "commands": [
            typed(*words)
            for words in (("show", reference, "--code"), ("reproduce", reference), ("lineage", reference))
        ],
    }


def _environment(settings: Settings, recorded: Recorded) -> dict[str, Any]:
    tags = recorded.run.tags
    commit = tags.get("mlflow.source.git.commit", "")
    dirty = ", with uncommitted changes" if tags.get("mlops.git.dirty") == "true" else ""
    facts = {
        "python": tags.get("mlops.python", ""),
        "git": commit and commit[:10] + dirty,
        "folder": tags.get("mlops.folder", ""),
        "host": tags.get("mlops.owner", "").rpartition(":")[0],
        "user": tags.get("mlflow.user", ""),
        "session": tags.get("mlops.session", ""),
        "run id": recorded.run.run_id,
    }
    facts |= {key[5:]: value for key, value in tags.items() if key.startswith("user.")}
    installed = _packages(settings, recorded.run)
    return {
        "facts": [[name[:_MOST_CHARS], text[:_MOST_CHARS]] for name, text in facts.items() if text],
        "packages": [list(each) for each in sorted((installed or {}).items())[:_MOST_PACKAGES]],
        "note": "" if installed is not None else "its packages were not recorded",
    }


def _packages(settings: Settings, run: Run) -> dict[str, str] | None:
    try:
        return run_packages(settings, run)
    except (MlopsError, ValueError):  # its file is gone or damaged
        return None


def _history(settings: Settings, run: Run) -> list[dict[str, Any]]:
    """Metrics that were logged at more than one step."""
    found = []
    for name in sorted(run.metrics)[:_MOST_ASKED]:
        of_run = metric_history(settings, [run.run_id], name)["runs"][0]
        if len(of_run["steps"]) > 1:
            at = _places(len(of_run["steps"]))
            steps, values = ([of_run[key][place] for place in at] for key in ("steps", "values"))
            found.append({"name": name[:_MOST_CHARS], "steps": steps, "values": values})
        if len(found) == _MOST_HISTORIES:
            break
    return found


def _places(count: int) -> Sequence[int]:
    """Of so many points those that are drawn, the first and the last among them."""
    if count <= _MOST_POINTS:
        return range(count)
    return [round(place * (count - 1) / (_MOST_POINTS - 1)) for place in range(_MOST_POINTS)]
