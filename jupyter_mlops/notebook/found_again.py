"""What a replay's last cell gave, found as it was when the cell was recorded: the facts, and its models."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.lineage.alike import compare_rows
from jupyter_mlops.lineage.outputs import outputs
from jupyter_mlops.notebook.facts import LEARNING, find_facts
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.notebook.source import CellCode
    from jupyter_mlops.snapshot import SnapshotStore

LOGGED: dict[str, str] = {}
"""Parameters that the replayed code has logged by itself."""


def facts_again(
    code: CellCode, namespace: Mapping[str, Any], reads: Sequence[str], writes: Sequence[str], shown: Any
) -> dict[str, Any]:
    """Parameters, metrics, data and estimators as plain data.

    Args:
        code: the static analysis of the last cell.
        namespace: the names after it.
        reads: names that the recorded cell read; `writes`: names that it bound or changed.
        shown: the value it displayed last, or None.
    """
    read = set(reads) | {argument for _, _, argument in code.calls if argument}
    known = sorted((read | set(writes)) & namespace.keys())
    digests = {name: digest(namespace[name]) for name in known}
    found = find_facts(code, namespace, digests, read=read, written=set(writes), shown=shown)
    return {**asdict(found), "params": {**found.params, **LOGGED}}


def facts_of_earlier(code: CellCode, namespace: Mapping[str, Any], shown: Any) -> dict[str, Any]:
    """As `facts_again`, of a cell whose record is not at hand: by what its code reads, binds and fits."""
    fitted = {owner for owner, method, _ in code.calls if method in LEARNING}
    return facts_again(
        code, namespace, sorted(code.reads), sorted(code.binds | code.may_bind | fitted), shown
    )


def joined(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts of several cells: of parameters of one name the first, of all else the last."""
    return {
        **found[-1],
        "params": {name: text for each in reversed(found) for name, text in each["params"].items()},
        "metrics": {name: value for each in found for name, value in each["metrics"].items()},
        "datasets": [data for each in found for data in each["datasets"]],
        "estimators": list({data["name"]: data for each in found for data in each["estimators"]}.values()),
    }


def compare_models(
    wanted: Mapping[str, Sequence[str]], namespace: Mapping[str, Any], store: SnapshotStore
) -> dict[str, dict[str, Any]]:
    """Predictions of kept models beside those of the models made again, for kept rows.

    Args:
        wanted: by the name of a variable, the digest of the kept model and that of the rows.
        namespace: holds the models made again.
        store: holds the others.

    Returns:
        By name, what `compare_rows` found; or why that cannot be said, under ``why``.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, (model, rows) in wanted.items():
        if name not in namespace:
            found[name] = {"why": "no model of that name came out of it"}
            continue
        if not hasattr(namespace[name], "predict"):
            found[name] = {"why": ""}
            continue
        try:
            kept, frame = store.get(model), store.get(rows)
        except MlopsError as error:
            found[name] = {"why": error.what}
            continue
        try:
            (before, old), (after, new) = outputs(kept, frame), outputs(namespace[name], frame)
        except Exception as error:  # noqa: BLE001 - whatever a model of the user's raises
            found[name] = {"why": f"predicting ends with {type(error).__name__}"}
            continue
        found[name] = asdict(compare_rows(before, after, (old, new)))
    return found
