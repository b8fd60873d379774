"""`promote`: from a model in the notebook to a registered version that was reproduced first."""

from __future__ import annotations

import json
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.bundle.runtime.trusted_types import TRUSTED
from jupyter_mlops.errors import BadInputError, ReproduceError
from jupyter_mlops.lineage.checked import check_slice
from jupyter_mlops.lineage.replay import Replayed, Terms, Wanted, put_back
from jupyter_mlops.lineage.secrets import refuse_secrets, refuse_secrets_of
from jupyter_mlops.registry.load import MODEL_DIGEST, file_digest
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.names import check_alias, check_name
from jupyter_mlops.registry.own_code import own_code
from jupyter_mlops.registry.registering import registering
from jupyter_mlops.registry.save import CLOUDPICKLE, SKOPS, check_types, model_file, save_model
from jupyter_mlops.registry.verify import Check, Recorded, verify
from jupyter_mlops.registry.versions import CHAMPION, model_names
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.read_runs import run_slice
from jupyter_mlops.verbs.answers import DataCard, finite
from jupyter_mlops.verbs.command import Known, Model, current_place, unknown_name, verb
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.verbs.limits import parse_limits, replay_options
from jupyter_mlops.verbs.masked_model import check_input, check_model
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.sliced import from_kept, judge_of, of_run
from jupyter_mlops.verbs.subject import Subject, UnknownRunError, find_subject

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.registry.own_code import OwnCode
    from jupyter_mlops.settings import Settings

_EXAMPLE_ROWS = 5


def promote(
    model: Any,
    name: str,
    *,
    run: str | None = None,
    alias: str = CHAMPION,
    serialization: str = SKOPS,
    unverified: bool = False,
    reason: str = "",
    timeout: float = 600.0,
    memory: int | str | None = None,
    allow: Collection[str] = (),
    progress: Progress = silent,
) -> DataCard:
    """Reproduce a model in a clean process, then register it.

    Args:
        model: a fitted estimator from this notebook, or a run's name or id.
        name: the registered model's name.
        run: the run it belongs to, when it should not be found by the model's content.
        alias: the alias that moves to the new version.
        serialization: ``skops``, or ``cloudpickle`` if its code is trusted.
        unverified: register it although it did not reproduce; needs `reason`.
        reason: why; kept with the version.
        timeout: seconds the clean process may take.
        memory: what it may use, in bytes or such as ``8GB``; most of what is free unless given.
        allow: what the code may use again, if its cells did: ``network``, ``credentials``.
        progress: told what happens and how much is done.

    Raises:
        BadInputError: no model, not fitted, not tracked, its cell failed, a name MLflow refuses, something
            that cannot be allowed, secrets in the code, or it was fitted on masked columns.
        ReproduceError: the code behind it failed or gave another result; nothing was registered.
        UnsafeModelError: it cannot be written without pickle.
        StoreError: the tracking store cannot be used.
    """
    check_name(name)
    check_alias(alias)
    if unverified and not reason.strip():
        raise BadInputError(
            "--unverified needs a reason", 'Say why: --reason "…"; it is kept with the version.'
        )
    most, allowed = parse_limits(memory, allow)
    settings = load_settings()
    progress("finding the run behind the model", 0.0)
    subject = find_subject(settings, model, run)
    check_input(subject)
    if subject.model is not None:
        check_model(settings, subject, subject.model)
    schema = subject.schema
    code = run_slice(settings, subject.run, serial=subject.code_of)
    refuse_secrets_of(code)  # it is kept with the version, which others read
    if subject.model is not None:  # before minutes of replay, not after
        _check_written(subject.model, code, name, serialization)

    with tempfile.TemporaryDirectory(prefix="mlops-promote-") as scratch_name:
        scratch = Path(scratch_name)
        try:
            terms = Terms(subject.folder, scratch, timeout, most, allowed)
            code, replayed, checks, kept = _reproduce(settings, subject, code, terms, progress)
        except ReproduceError as error:
            if not unverified:
                raise
            replayed, checks, kept = None, [Check("failed", "replay", error.what)], ()
        failed = [check for check in checks if check.outcome == "failed"]
        if failed and not unverified:
            raise ReproduceError(
                f"{subject.estimator.name} did not reproduce in a clean process: {_first(failed)}",
                put_back(replayed.changed_files)
                if replayed and replayed.changed_files
                else "Fix the seed (random_state) or the cell that differs; or `--unverified --reason …`.",
            )
        progress("writing the model", 0.85)
        folder = scratch / "model"
        written = subject.model
        own = _check_written(written, code, name, serialization) if written is not None else None
        if own is None or (own.module and replayed is not None):
            # the notebook's variables may be others by now: those of the clean process made the model
            written = _load(replayed, subject)
            own = _check_written(written, code, name, serialization)
            check_model(settings, subject, [written, dict(own.values)])
        for text in own.texts:
            refuse_secrets(text, "the code that goes with the model")
        save_model(
            written,
            folder,
            schema=schema,
            rows=subject.training.head(_EXAMPLE_ROWS),
            serialization=serialization,
            trusted=TRUSTED,
            own=own,
            extra={
                "slice.py": code.code,
                "slice.json": code.to_json(),
                "verification.json": json.dumps([vars(check) for check in checks], indent=1),
            },
        )
        progress("registering", 0.95)
        tags = {
            "mlops.verified": str(not failed).lower(),
            "mlops.metrics": json.dumps(subject.run.metrics),
            "mlops.run": subject.run.name,
            "mlops.serialization": serialization,
            MODEL_DIGEST: file_digest(model_file(folder)[0]),
            **({"mlops.reason": reason} if reason else {}),
        }
        path = f"promoted/{uuid.uuid4().hex[:12]}"
        with registering(settings, name, subject.run.run_id, folder, path, tags) as made:
            why = reason or f"promoted from {subject.run.name}"
            move = move_alias(settings, name, made.version, alias=alias, why=why)
    remember(settings, "models", _references(model_names(settings), alias))
    progress("done", 1.0)
    return DataCard(
        f"{name} version {made.version} is now {alias}",
        (
            ("run", subject.run.name),
            ("model", subject.estimator.kind),
            (
                "reproduced from",
                f"{code.statements} statements in {len(code.cells)} cells; {code.left_out} left out",
            ),
            *([("from snapshots", f"{', '.join(kept)}: their files have changed")] if kept else []),
            ("columns", str(len(schema.columns))),
            ("written as", serialization),
            *([("verified", f"no: {reason}")] if failed else []),
            ("before", f"version {move.before}" if move.before else f"no {alias}"),
            ("clean process", f"{replayed.seconds:.1f} s" if replayed else "not reproduced"),
        ),
        tuple((check.outcome, check.what, check.figure) for check in checks),
        volatile=frozenset({"clean process", "before"}),
        note=f"Next: %mlops export {name}@{alias} bundle/   or   %mlops serve {name}@{alias}",
        data={
            "name": name,
            "version": made.version,
            "alias": alias,
            "before": move.before,
            "run": subject.run.name,
            "run_id": subject.run.run_id,
            "serialization": serialization,
            "verified": not failed,
            "metrics": finite(subject.run.metrics),
            "checks": [vars(check) for check in checks],
        },
    )


def _reproduce(
    settings: Settings, subject: Subject, code: Slice, terms: Terms, progress: Progress
) -> tuple[Slice, Replayed, list[Check], tuple[str, ...]]:
    """Find the code that gives the model again, and compare; at last the variables that snapshots gave."""
    predictions, probabilities = subject.outputs()
    name, digest = subject.estimator.name, subject.estimator.digest
    recorded = Recorded(digest, subject.measured, predictions, probabilities)
    target = replace(
        of_run(subject.record, code, subject.snapshots, model=name),
        wanted=Wanted(name, tuple(subject.measured), subject.snapshots, subject.rows_digest, names=(name,)),
        recorded={name: digest},
        judge=judge_of(recorded),
    )
    target = from_kept(settings, target, subject.folder)
    checked = check_slice(
        target,
        terms,
        progress=lambda text, share: progress(text, 0.05 + 0.75 * share),
    )
    if checked.replayed is None:
        raise checked.error or ReproduceError(checked.code.said, "Run the notebook again, then promote.")
    return checked.code, checked.replayed, verify(recorded, checked.replayed), target.begins_with


def _check_written(model: Any, code: Slice, name: str, serialization: str) -> OwnCode:
    """The user's own code in a model; refuses what cannot be written, or not without pickle."""
    own = own_code(model, [cell.source for cell in code.cells], name, by_value=serialization != SKOPS)
    if serialization == SKOPS:
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


def _first(failed: Sequence[Check]) -> str:
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return f"{failed[0].what}: {failed[0].figure}{more}"


def _references(names: Sequence[str], alias: str) -> list[str]:
    return [reference for name in names for reference in (name, f"{name}@{alias}")]


@verb("promote")
@click.argument("model", type=Model())
@click.option(
    "--as", "name", required=True, metavar="NAME", help="The registered model's name, such as income."
)
@click.option("--run", type=Known("runs"), metavar="RUN", help="Its run, when several made the same model.")
@click.option(
    "--alias", default=CHAMPION, metavar="NAME", show_default=True, help="The alias of the new version."
)
@click.option(
    "--serialization", type=click.Choice([SKOPS, CLOUDPICKLE]), default=SKOPS, show_default=True,
    help="How the model is written; cloudpickle runs code when it is loaded.",
)  # fmt: skip
@click.option("--unverified", is_flag=True, help="Register it although it did not reproduce.")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept with the version.")
@replay_options
def command(model: Any, name: str, **options: Any) -> DataCard:
    """Promote a model: run its code again in a clean process, compare, then register it.

    MODEL is a variable that holds a fitted model, or a run by name or id. What does not give the same
    metrics and predictions again is not registered, unless you say why it should be.
    """
    place = current_place()
    try:
        return promote(model, name, **options, progress=place.progress)
    except UnknownRunError as error:
        if not isinstance(model, str) or options["run"] or place.namespace is None:
            raise
        raise unknown_name(model, place, what="model", also="a run by name or id") from error
