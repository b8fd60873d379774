"""The evidence that `promote` puts before the gates: from the replay, the snapshots and the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.registry.evidence import Evidence, Rows, Task
from jupyter_mlops.registry.kept_evidence import find_champion, read_evidence
from jupyter_mlops.registry.load import load_model
from jupyter_mlops.registry.versions import fetch_files
from jupyter_mlops.snapshot.masking import masked_columns
from jupyter_mlops.snapshot.shared import project_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.replay import Replayed
    from jupyter_mlops.registry.verify import Check
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.subject import Subject


def gather(
    settings: Settings,
    subject: Subject,
    name: str,
    model: Any,
    folder: Path,
    *,
    replayed: Replayed | None,
    checks: Sequence[Check],
    statements: str,
    scratch: Path,
) -> Evidence:
    """All that is known of a model that is about to be registered.

    Args:
        settings: of the project.
        subject: the run behind it.
        name: the registered model it will be a version of.
        model: the estimator that was written.
        folder: where it was written.
        replayed: what the clean process gave; None if the code did not run.
        checks: what comparing that with the record gave.
        statements: the code behind it.
        scratch: an empty folder of ours.
    """
    found = _rows(replayed, model if masked_names(settings, subject) else None)
    return Evidence(
        model=model,
        task=task_of(model),
        training=found.get("training") or Rows(subject.training, None, subject.estimator.fit_on or "data"),
        holdout=found.get("holdout"),
        metrics=subject.run.metrics,
        checks=tuple(checks),
        size_bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        champion=find_champion(settings, name, project_store(settings), scratch, TRUSTED),
        statements=statements,
    )


def of_version(settings: Settings, version: Version, scratch: Path) -> Evidence:
    """The evidence of a version that is registered already, with today's champion.

    Raises:
        BadInputError: it was not promoted by us, or its rows are not at hand.
        UnsafeModelError: the model cannot be loaded without running code of its file.
        StoreError: the registry cannot be used.
    """
    store = project_store(settings)
    folder = fetch_files(settings, version, scratch / "version")
    kept = read_evidence(folder, store)
    if kept is None or kept.training is None:
        raise BadInputError(
            f"{version.name} version {version.version} cannot be judged again: its data are not at hand",
            "Promote the model from its notebook or run, or type a reason: --reason TEXT.",
        )
    champion = find_champion(settings, version.name, store, scratch / "champion", TRUSTED)
    return Evidence(
        model=load_model(folder, TRUSTED),
        task=kept.task,
        training=kept.training,
        holdout=kept.holdout,
        metrics=kept.metrics,
        checks=kept.checks,
        size_bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
        champion=champion if champion and champion.version.version != version.version else None,
    )


def task_of(model: Any) -> Task:
    """What the model answers: a class, or a number."""
    from sklearn.base import is_classifier

    return "classification" if is_classifier(model) or hasattr(model, "classes_") else "regression"


def masked_names(settings: Settings, subject: Subject) -> frozenset[str]:
    """The columns that this session masks, and those that were masked in what the run read."""
    session = current_session()
    names = set(session.privacy.masked.names) if session is not None else set()
    store = project_store(settings)
    data = subject.record.run.datasets if subject.record.run else ()
    for found in data:
        if found.digest in store:
            names.update(masked_columns(store.get(found.digest)))
    return frozenset(names)


def _rows(replayed: Replayed | None, only_for: Any) -> Mapping[str, Rows]:
    """The rows our own child process brought back a moment ago, in a folder only we can write.

    With a model in `only_for` they have its columns only: others could be masked ones, and gates name groups.
    """
    if replayed is None or replayed.rows_file is None:
        return {}
    import cloudpickle

    found = cloudpickle.loads(replayed.rows_file.read_bytes())
    used = list(getattr(only_for, "feature_names_in_", ()))
    return {
        part: Rows(features[used] if used else features, target, said)
        for part, (features, target, said) in found.items()
    }
