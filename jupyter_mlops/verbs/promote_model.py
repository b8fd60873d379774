"""From a model or a run to a registered version: made again, compared, written, judged, registered."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.replay import Terms
from jupyter_mlops.lineage.secrets import refuse_secrets, refuse_secrets_of
from jupyter_mlops.registry.gates import run_gates
from jupyter_mlops.registry.kept_evidence import EVIDENCE, write_evidence
from jupyter_mlops.registry.kept_gates import GATES_FILE
from jupyter_mlops.registry.lineage_file import LINEAGE, lineage_of
from jupyter_mlops.registry.load import MODEL_DIGEST, file_digest
from jupyter_mlops.registry.model_card import CARD
from jupyter_mlops.registry.names import check_apart
from jupyter_mlops.registry.own_code import own_code
from jupyter_mlops.registry.registering import registering
from jupyter_mlops.registry.runs_here import check_runs_here
from jupyter_mlops.registry.save import SKOPS, add_files, check_types, model_file, save_model
from jupyter_mlops.registry.version_profile import PROFILE, profile_of_training
from jupyter_mlops.registry.versions import model_names
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.read_runs import run_slice
from jupyter_mlops.verbs.decide import decide
from jupyter_mlops.verbs.evidence import gather, masked_names
from jupyter_mlops.verbs.made_again import load_again, make_again
from jupyter_mlops.verbs.masked_model import check_input, check_model
from jupyter_mlops.verbs.model_card_of import card_text
from jupyter_mlops.verbs.promoted import counts_of, plain_gates, promoted_card
from jupyter_mlops.verbs.promoted_project import add_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.registry.gates.rules import Holdout
    from jupyter_mlops.registry.own_code import OwnCode
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.made_again import Again
    from jupyter_mlops.verbs.place import Progress
    from jupyter_mlops.verbs.promote_order import Order
    from jupyter_mlops.verbs.promoted import PromotedCard
    from jupyter_mlops.verbs.subject import Subject

_EXAMPLE_ROWS = 5


def promote_model(
    settings: Settings, subject: Subject, order: Order, scratch: Path, progress: Progress
) -> PromotedCard:
    """Make the model again in a clean process, compare, write, run the gates, register.

    Args:
        settings: of the project.
        subject: the run, and the model where it is at hand.
        order: what was asked for.
        scratch: an empty folder of ours.
        progress: told what happens and the share that is done.

    Raises:
        BadInputError, ReproduceError, UnsafeModelError, StoreError: as `promote` says.
    """
    check_apart(order.name, model_names(settings))
    check_input(subject)
    if subject.model is not None:
        check_model(settings, subject, subject.model)
    code = run_slice(settings, subject.run, serial=subject.code_of)
    refuse_secrets_of(code)  # it is kept with the version, which others read
    if subject.model is not None:  # before minutes of replay, not after
        check_runs_here(subject.model)
        _check_written(subject.model, code, order)
    again = make_again(settings, subject, order, code, scratch, progress)
    progress("writing the model", 0.6)
    model = subject.model
    own = _check_written(model, again.code, order) if model is not None else None
    if own is None or (own.module and again.replayed is not None):
        # the notebook's variables may be others by now: those of the clean process made the model
        model = load_again(again.replayed, subject)
        own = _check_written(model, again.code, order)
    check_model(settings, subject, [model, dict(own.values)])
    for text in own.texts:
        refuse_secrets(text, "the code that goes with the model")
    folder = scratch / "model"
    packages = save_model(
        model,
        folder,
        schema=subject.schema,
        rows=subject.training.head(_EXAMPLE_ROWS),
        serialization=order.serialization,
        trusted=TRUSTED,
        own=own,
        extra={
            "slice.py": again.code.code,
            "slice.json": again.code.to_json(),
            LINEAGE: json.dumps(lineage_of(again.code, subject.run, subject.record), indent=1),
            "verification.json": json.dumps([vars(check) for check in again.checks], indent=1),
        },
    )
    evidence = gather(
        settings,
        subject,
        order.name,
        model,
        folder,
        replayed=again.replayed,
        checks=again.checks,
        statements=again.code.code,
        scratch=scratch / "champion",
    )
    _check_holdout(order.rules.holdout, evidence)
    gates = run_gates(
        evidence,
        order.rules,
        approved_by=order.approve_by,
        progress=lambda text, share: progress(text, 0.65 + 0.1 * share),
    )
    card = card_text(
        subject,
        order.name,
        again.code,
        evidence,
        gates,
        packages=packages,
        serialization=order.serialization,
        reason=order.reason,
        approve_by=order.approve_by,
        progress=lambda text, share: progress(text, 0.75 + 0.05 * share),
    )
    masked = masked_names(settings, subject)
    profile = profile_of_training(model, evidence.training, masked)
    add_files(
        folder,
        {
            EVIDENCE: write_evidence(evidence, SnapshotStore(settings.snapshots), may_add=not masked),
            GATES_FILE: json.dumps(plain_gates(gates), indent=1),
            CARD: card,
            **({PROFILE: profile.to_json()} if profile is not None else {}),
        },
    )
    project = ""
    if order.project and again.replayed is not None:
        terms = Terms(subject.folder, scratch / "steps", order.timeout, order.memory, order.allow)
        project = add_project(
            settings,
            subject,
            order.name,
            again.code,
            folder,
            terms,
            lambda text, share: progress(text, 0.8 + 0.15 * share),
        )
    progress("registering", 0.95)
    tags = _tags(subject, order, again, gates, folder)
    path = f"promoted/{uuid.uuid4().hex[:12]}"
    with registering(settings, order.name, subject.run.run_id, folder, path, tags) as made:
        decision = decide(
            settings,
            made,
            order.alias,
            evidence,
            gates,
            reason=order.reason,
            approve_by=order.approve_by,
            why=order.reason or f"promoted from {subject.run.name}",
        )
    return promoted_card(subject, order, again, evidence, gates, decision, project)


def _check_holdout(asked: Holdout | None, evidence: Evidence) -> None:
    """Refuse to judge by other rows than the rules name."""
    if asked is not None and (evidence.holdout is None or evidence.holdout.said != asked.features):
        raise BadInputError(
            f"the gate file's hold-out, {asked.features} with {asked.target}, is not among what the model's "
            "code makes, or does not fit the model",
            "Name rows with the model's columns that the same cells make, and their true answers.",
        )


def _check_written(model: Any, code: Slice, order: Order) -> OwnCode:
    """The user's own code in a model; refuses what cannot be written, or not without pickle."""
    sources = [cell.source for cell in code.cells]
    own = own_code(model, sources, order.name, by_value=order.serialization != SKOPS)
    if order.serialization == SKOPS:
        check_types(model, TRUSTED, own)
    return own


def _tags(
    subject: Subject, order: Order, again: Again, gates: Sequence[Gate], folder: Path
) -> dict[str, str]:
    return {
        "mlops.verified": str(not again.unequal).lower(),
        "mlops.metrics": json.dumps(subject.run.metrics),
        "mlops.gates": json.dumps(counts_of(gates)),
        "mlops.run": subject.run.name,
        "mlops.serialization": order.serialization,
        MODEL_DIGEST: file_digest(model_file(folder)[0]),
        **({"mlops.reason": order.reason} if order.reason else {}),
        **({"mlops.approved_by": order.approve_by} if order.approve_by else {}),
    }
