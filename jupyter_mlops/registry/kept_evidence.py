"""The evidence that travels with a version: which snapshots hold its rows, and what was measured on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.registry.evidence import Champion, Rows, Task
from jupyter_mlops.registry.load import load_model
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.registry.verify import Check
from jupyter_mlops.registry.versions import CHAMPION, fetch_files, list_versions
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from jupyter_mlops.registry.evidence import Evidence
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot import SnapshotStore

EVIDENCE = "evidence.json"


@dataclass(frozen=True)
class KeptEvidence:
    """What a version's files and the snapshots say; rows are None where they are not at hand."""

    task: Task
    metrics: Mapping[str, float]
    checks: tuple[Check, ...]
    training: Rows | None
    holdout: Rows | None


def write_evidence(evidence: Evidence, store: SnapshotStore, *, may_add: bool = True) -> str:
    """Put the rows into the store; returns the text of the version's ``evidence.json``.

    Args:
        evidence: of the model that will be registered.
        store: the project's snapshots.
        may_add: False where columns are masked: the rows come from the user's own files, without masks, so
            only what tracking has stored itself is named.
    """

    def kept_one(value: Any) -> str | None:
        if value is None or may_add:
            return None if value is None else store.put(value).digest
        found = digest(value)
        return found if found in store else None

    def kept(rows: Rows | None) -> dict[str, Any] | None:
        features = kept_one(rows.features) if rows is not None else None
        if rows is None or features is None:
            return None
        return {
            "said": rows.said,
            "rows": len(rows.features),
            "features": features,
            "target": kept_one(rows.target),
        }

    document = {
        "task": evidence.task,
        "metrics": dict(evidence.metrics),
        "checks": [vars(check) for check in evidence.checks],
        "training": kept(evidence.training),
        "holdout": kept(evidence.holdout),
    }
    return json.dumps(document, indent=1)


def read_evidence(folder: Path, store: SnapshotStore) -> KeptEvidence | None:
    """The evidence of a version; None if it carries none.

    Args:
        folder: the version's files, as `fetch_files` gives them.
        store: the project's snapshots, with what is shared.
    """
    file = folder / EXTRA / EVIDENCE
    if not file.is_file():
        return None
    document = json.loads(file.read_text("utf-8"))
    return KeptEvidence(
        document["task"],
        document["metrics"],
        tuple(Check(**check) for check in document.get("checks", ())),
        _rows(document.get("training"), store),
        _rows(document.get("holdout"), store),
    )


def _rows(kept: Mapping[str, Any] | None, store: SnapshotStore) -> Rows | None:
    if kept is None or kept["features"] not in store:
        return None
    try:
        target = store.get(kept["target"]) if kept["target"] and kept["target"] in store else None
        return Rows(store.get(kept["features"]), target, kept["said"])
    except MlopsError:  # damaged, or the shared place is away
        return None


def find_champion(
    settings: Settings, name: str, store: SnapshotStore, scratch: Path, trusted: Collection[str]
) -> Champion | None:
    """The model's present champion with its data; None if it has none.

    Raises:
        StoreError: the registry cannot be used.
    """
    version = next((each for each in list_versions(settings, name) if CHAMPION in each.aliases), None)
    return None if version is None else _loaded(settings, version, store, scratch, trusted)


def _loaded(
    settings: Settings, version: Version, store: SnapshotStore, scratch: Path, trusted: Collection[str]
) -> Champion:
    try:
        folder = fetch_files(settings, version, scratch)
        kept = read_evidence(folder, store)
        training = kept.training.features if kept and kept.training else None
    except MlopsError as error:
        return Champion(version, None, None, error.what)
    try:
        return Champion(version, load_model(folder, trusted), training)
    except MlopsError as error:
        return Champion(version, None, training, error.what)
