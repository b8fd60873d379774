"""From a model or a run to a registered version: made again, compared, written, judged, registered."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.runtime.trusted_types import TRUSTED
from jupyter_mlops.errors import BadInputError, ReproduceError
from jupyter_mlops.lineage.checked import check_slice
from jupyter_mlops.lineage.model_data import model_data, names_in
from jupyter_mlops.lineage.replay import Terms, Wanted, put_back
from jupyter_mlops.lineage.secrets import refuse_secrets, refuse_secrets_of
from jupyter_mlops.registry.gates import run_gates
from jupyter_mlops.registry.kept_evidence import EVIDENCE, write_evidence
from jupyter_mlops.registry.lineage_file import LINEAGE, lineage_of
from jupyter_mlops.registry.load import MODEL_DIGEST, file_digest
from jupyter_mlops.registry.model_card import CARD
from jupyter_mlops.registry.names import check_apart
from jupyter_mlops.registry.own_code import own_code
from jupyter_mlops.registry.registering import registering
from jupyter_mlops.registry.runs_here import check_runs_here
from jupyter_mlops.registry.save import SKOPS, add_files, check_types, model_file, save_model
from jupyter_mlops.registry.verify import Check, Recorded, verify
from jupyter_mlops.registry.versions import model_names
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.read_runs import run_slice
from jupyter_mlops.verbs.answers import finite
from jupyter_mlops.verbs.decide import decide
from jupyter_mlops.verbs.evidence import gather, has_masks
from jupyter_mlops.verbs.masked_model import check_input, check_model
from jupyter_mlops.verbs.promoted import (
    TIMED,
    PromotedCard,
    compared_with,
    counts_of,
    differences_of,
    hold_out_line,
    plain_gates,
    rows_of,
)
from jupyter_mlops.verbs.promoted_card import card_text
from jupyter_mlops.verbs.promoted_project import add_project
from jupyter_mlops.verbs.sliced import from_kept, judge_of, of_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.replay import Replayed
    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.registry.gates import Rules
    from jupyter_mlops.registry.gates.rules import Holdout
    from jupyter_mlops.registry.own_code import OwnCode
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.decide import Decision
    from jupyter_mlops.verbs.place import Progress
    from jupyter_mlops.verbs.subject import Subject

_EXAMPLE_ROWS = 5


@dataclass(frozen=True)
class Order:
    """What a person asked for; `timeout` is in seconds, `memory` in bytes."""

    name: str
    alias: str
    rules: Rules
    approve_by: str | None
    serialization: str
    unverified: bool
    reason: str
    timeout: float
    memory: int | None
    allow: frozenset[str]
    project: bool


@dataclass(frozen=True)
class _Again:
    """What running the code again gave; `kept` are variables that came from snapshots."""

    code: Slice
    replayed: Replayed | None
    checks: tuple[Check, ...]
    kept: tuple[str, ...] = ()

    @property
    def unequal(self) -> list[Check]:
        return [check for check in self.checks if check.outcome == "failed"]


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
    again = _again(settings, subject, order, code, scratch, progress)
    progress("writing the model", 0.6)
    model = subject.model
    own = _check_written(model, again.code, order) if model is not None else None
    if own is None or (own.module and again.replayed is not None):
        # the notebook's variables may be others by now: those of the clean process made the model
        model = _load(again.replayed, subject)
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
    may_add = not has_masks(settings, subject)
    add_files(
        folder,
        {
            EVIDENCE: write_evidence(evidence, SnapshotStore(settings.snapshots), may_add=may_add),
            "gates.json": json.dumps(plain_gates(gates), indent=1),
            CARD: card,
            "lineage.json": json.dumps(lineage_of(again.code, subject.run, subject.record), indent=1),
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
    return _card(subject, order, again, evidence, gates, decision, project)


def _again(
    settings: Settings, subject: Subject, order: Order, code: Slice, scratch: Path, progress: Progress
) -> _Again:
    try:
        terms = Terms(subject.folder, scratch, order.timeout, order.memory, order.allow)
        again = _reproduce(settings, subject, code, terms, order.rules.holdout, progress)
    except ReproduceError as error:
        if not order.unverified:
            raise
        return _Again(code, None, (Check("failed", "replay", error.what),))
    if again.unequal and not order.unverified:
        first = again.unequal[0]
        more = f" (and {len(again.unequal) - 1} more)" if len(again.unequal) > 1 else ""
        raise ReproduceError(
            f"{subject.estimator.name} did not reproduce in a clean process: "
            f"{first.what}: {first.figure}{more}",
            put_back(again.replayed.changed_files)
            if again.replayed and again.replayed.changed_files
            else "Fix the seed (random_state) or the cell that differs; or `--unverified --reason …`.",
        )
    return again


def _reproduce(
    settings: Settings,
    subject: Subject,
    code: Slice,
    terms: Terms,
    holdout: Holdout | None,
    progress: Progress,
) -> _Again:
    """Find the code that gives the model again, and compare; `holdout` is the one that the rules name."""
    predictions, probabilities = subject.outputs()
    name, digest = subject.estimator.name, subject.estimator.digest
    recorded = Recorded(digest, subject.measured, predictions, probabilities)
    data = model_data(code, name)
    named = () if holdout is None else ((holdout.features, holdout.target),)
    needed = frozenset[str]().union(*(names_in(text) for pair in named for text in pair))
    target = of_run(subject.record, code, subject.snapshots, model=name)
    target = replace(
        target,
        goal=replace(target.goal, names=target.goal.names | needed),
        wanted=Wanted(
            name,
            tuple(subject.measured),
            subject.snapshots,
            subject.rows_digest,
            names=(name,),
            fitted=data.fitted,
            measured=(*named, *data.measured),
        ),
        recorded={name: digest},
        judge=judge_of(recorded),
    )
    target = from_kept(settings, target, subject.folder)
    checked = check_slice(target, terms, progress=lambda text, share: progress(text, 0.05 + 0.55 * share))
    if checked.replayed is None:
        raise checked.error or ReproduceError(checked.code.said, "Run the notebook again, then promote.")
    checks = tuple(verify(recorded, checked.replayed))
    return _Again(checked.code, checked.replayed, checks, target.begins_with)


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


def _load(replayed: Replayed | None, subject: Subject) -> Any:
    """The model our own child process made a moment ago, in a folder only we can write."""
    if replayed is None:
        raise ReproduceError(
            f"the run {subject.run.name!r} did not run again, and its model is not in this process",
            "Promote it from the notebook that holds the model.",
        )
    import cloudpickle

    return cloudpickle.loads(replayed.model_file.read_bytes())


def _tags(
    subject: Subject, order: Order, again: _Again, gates: Sequence[Gate], folder: Path
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


def _from_snapshots(again: _Again) -> list[tuple[str, str]]:
    names = ", ".join(again.kept)
    return [("from snapshots", f"{names}: their files have changed")] if names else []


def _card(
    subject: Subject,
    order: Order,
    again: _Again,
    evidence: Evidence,
    gates: Sequence[Gate],
    decision: Decision,
    project: str,
) -> PromotedCard:
    code, before = again.code, decision.before
    return PromotedCard(
        decision.title,
        (
            ("run", subject.run.name),
            ("model", subject.estimator.kind),
            (
                "reproduced from",
                f"{code.statements} statements in {len(code.cells)} cells; {code.left_out} left out",
            ),
            *(
                [("from snapshots", f"{', '.join(again.kept)}: their files have changed")]
                if again.kept
                else []
            ),
            ("columns", str(len(subject.schema.columns))),
            hold_out_line(evidence),
            ("written as", order.serialization),
            *([("pipeline", project)] if project else []),
            *([("verified", f"no: {order.reason}")] if again.unequal else []),
            ("before", f"version {before}" if before else f"no {order.alias}"),
            ("clean process", f"{again.replayed.seconds:.1f} s" if again.replayed else "not reproduced"),
        ),
        (*((check.outcome, check.what, check.figure) for check in again.checks), *rows_of(gates)),
        volatile=frozenset({"clean process", "before", *TIMED}),
        note=decision.next_steps,
        differences=differences_of(gates),
        compared=compared_with(evidence),
        data={
            "name": order.name,
            "version": decision.made.version,
            "alias": order.alias,
            "moved": decision.moved,
            "before": before,
            "run": subject.run.name,
            "run_id": subject.run.run_id,
            "serialization": order.serialization,
            "verified": not again.unequal,
            "metrics": finite(subject.run.metrics),
            "checks": [vars(check) for check in again.checks],
            "gates": plain_gates(gates),
            "pipeline": project or None,
        },
    )
