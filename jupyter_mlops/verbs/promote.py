"""`promote`: from a model in the notebook to a registered version that was reproduced and judged first."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.gates import load_rules
from jupyter_mlops.registry.names import check_alias, check_name
from jupyter_mlops.registry.save import CLOUDPICKLE, SKOPS
from jupyter_mlops.registry.versions import CHAMPION, model_names
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.command import Known, Model, current_place, unknown_name, verb
from jupyter_mlops.verbs.gate_file import gate_file
from jupyter_mlops.verbs.known import remember
from jupyter_mlops.verbs.limits import parse_limits, replay_options
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.promote_model import promote_model
from jupyter_mlops.verbs.promote_order import Order
from jupyter_mlops.verbs.promote_version import promote_version, registered
from jupyter_mlops.verbs.subject import UnknownRunError, find_subject

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from jupyter_mlops.verbs.promoted import PromotedCard


def promote(
    model: Any,
    name: str | None = None,
    *,
    run: str | None = None,
    alias: str = CHAMPION,
    gate: Path | str | None = None,
    approve_by: str | None = None,
    serialization: str = SKOPS,
    unverified: bool = False,
    reason: str = "",
    timeout: float = 600.0,
    memory: int | str | None = None,
    allow: Collection[str] = (),
    project: bool | None = None,
    progress: Progress = silent,
) -> PromotedCard:
    """Reproduce a model in a clean process, then register it.

    Args:
        model: a fitted estimator from this notebook, a run's name or id, or a version that is registered
            already, such as ``income/4`` or ``income@challenger``: it is not made again, only judged.
        name: the registered model's name; a version has one.
        run: the run it belongs to, when it should not be found by the model's content.
        alias: the alias that moves to the new version. ``champion`` moves only if no gate failed, or if
            there is a `reason`; the version is registered all the same.
        gate: file with the gates' rules; ``gates.yaml`` of the project if there is one, else the defaults.
        approve_by: who approves it, where the rules ask for that.
        serialization: ``skops``, or ``cloudpickle`` if its code is trusted.
        unverified: register it although it did not reproduce; needs `reason`.
        reason: why; kept with the version.
        timeout: seconds the clean process may take.
        memory: what it may use, in bytes or such as ``8GB``; most of what is free unless given.
        allow: what the code may use again, if its cells did: ``network``, ``credentials``.
        project: whether to make a pipeline project that goes with the version; as the setting
            ``MLOPS_PIPELINE`` says when None, and that is on.
        progress: told what happens and how much is done.

    Raises:
        BadInputError: no model, not fitted, not tracked, its cell failed, a name MLflow refuses, something
            that cannot be allowed, secrets in the code, or it was fitted on masked columns.
        ReproduceError: the code behind it failed or gave another result; nothing was registered.
        UnsafeModelError: it cannot be written without pickle.
        StoreError: the tracking store cannot be used.
    """
    check_alias(alias)
    if name is not None:
        check_name(name)
    if unverified and not reason.strip():
        raise BadInputError(
            "--unverified needs a reason", 'Say why: --reason "…"; it is kept with the version.'
        )
    most, allowed = parse_limits(memory, allow)
    settings = load_settings()
    rules = load_rules(gate_file(settings, gate))
    version = registered(settings, model, name)
    if version is not None:
        return promote_version(
            settings,
            version,
            alias=alias,
            rules=rules,
            approve_by=approve_by,
            reason=reason,
            progress=progress,
        )
    if name is None:
        raise BadInputError("a new model needs a name", "Write `%mlops promote MODEL --as NAME`.")
    progress("finding the run behind the model", 0.0)
    subject = find_subject(settings, model, run)
    order = Order(
        name,
        alias,
        rules,
        approve_by,
        serialization,
        unverified,
        reason,
        timeout,
        most,
        allowed,
        settings.projects if project is None else project,
    )
    with tempfile.TemporaryDirectory(prefix="mlops-promote-") as scratch:
        card = promote_model(settings, subject, order, Path(scratch), progress)
    remember(settings, "models", _references(model_names(settings), alias))
    progress("done", 1.0)
    return card


def _references(names: Sequence[str], alias: str) -> list[str]:
    return [reference for name in names for reference in (name, f"{name}@{alias}")]


@verb("promote")
@click.argument("model", type=Model())
@click.option("--as", "name", metavar="NAME", help="The registered model's name, such as income.")
@click.option("--run", type=Known("runs"), metavar="RUN", help="Its run, when several made the same model.")
@click.option(
    "--alias", default=CHAMPION, metavar="NAME", show_default=True, help="The alias of the new version."
)
@click.option(
    "--gate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The gates' rules; gates.yaml of the project, or good defaults, if left out.",
)
@click.option("--approve-by", metavar="WHO", help="Who approves it, where the rules ask for that.")
@click.option(
    "--serialization", type=click.Choice([SKOPS, CLOUDPICKLE]), default=SKOPS, show_default=True,
    help="How the model is written; cloudpickle runs code when it is loaded.",
)  # fmt: skip
@click.option(
    "--project/--no-project", default=None, help="Make a pipeline project that goes with the version."
)
@click.option("--unverified", is_flag=True, help="Register it although it did not reproduce.")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept with the version.")
@replay_options
def command(model: Any, name: str | None, **options: Any) -> PromotedCard:
    """Promote a model: run its code again in a clean process, compare, then register it.

    MODEL is a variable that holds a fitted model, a run by name or id, or a registered version such as
    income/4, which gets the alias if today's gates let it. What does not give the same
    metrics and predictions again is not registered, unless you say why it should be.
    """
    place = current_place()
    try:
        return promote(model, name, **options, progress=place.progress)
    except UnknownRunError as error:
        if not isinstance(model, str) or options["run"] or place.namespace is None:
            raise
        raise unknown_name(model, place, what="model", also="a run by name or id") from error
