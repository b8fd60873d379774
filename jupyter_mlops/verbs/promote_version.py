"""`promote` of a version that is registered already: judged by today's gates and champion, no training."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, MlopsError, NotFoundError
from jupyter_mlops.registry.gates import run_gates
from jupyter_mlops.registry.version_tags import tag_version
from jupyter_mlops.registry.versions import find_version
from jupyter_mlops.verbs.answers import finite
from jupyter_mlops.verbs.decide import decide
from jupyter_mlops.verbs.evidence import of_version
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

if TYPE_CHECKING:
    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.registry.gates import Rules
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.place import Progress

_REFERENCE = re.compile(r"^[^@/]+(@[^@/]+|/\d+)$")


def registered(settings: Settings, model: Any, name: str | None) -> Version | None:
    """The version that ``income/4`` or ``income@challenger`` means; None for a run or a model.

    Raises:
        BadInputError: it should get another model's name.
        StoreError: the registry cannot be used.
    """
    if not isinstance(model, str) or not _REFERENCE.match(model):
        return None
    try:
        found = find_version(settings, model)
    except NotFoundError:
        if name is None:
            raise
        return None  # a run may be called so
    if name not in {None, found.name}:
        raise BadInputError(
            f"{model} is a version of {found.name} already, and cannot be one of {name!r}",
            f"Leave --as out; or promote its run, {found.tags.get('mlops.run', '')!r}, as {name!r}.",
        )
    return found


def promote_version(
    settings: Settings,
    version: Version,
    *,
    alias: str,
    rules: Rules,
    approve_by: str | None,
    reason: str,
    progress: Progress,
) -> PromotedCard:
    """Run the gates of a registered version again, and move the alias if they allow it.

    Raises:
        BadInputError: it has the alias already, or it cannot be judged and there is no reason.
        UnsafeModelError: it is a pickle, and there is no reason.
        StoreError: the registry cannot be used, or the champion moved meanwhile.
    """
    if alias in version.aliases:
        raise BadInputError(
            f"version {version.version} of {version.name} is {alias} already",
            f"`%mlops models {version.name}` lists the others.",
        )
    evidence: Evidence | None = None
    gates: tuple[Gate, ...] = ()
    with tempfile.TemporaryDirectory(prefix="mlops-promote-") as scratch:
        progress("fetching the version and its data", 0.0)
        try:
            evidence = of_version(settings, version, Path(scratch))
        except MlopsError:
            if not reason.strip():
                raise
        else:
            gates = run_gates(
                evidence,
                rules,
                approved_by=approve_by,
                progress=lambda text, share: progress(text, 0.2 + 0.7 * share),
            )
    progress("moving the alias", 0.95)
    tags = {"mlops.approved_by": approve_by} if approve_by else {}
    if gates:
        tags["mlops.gates"] = json.dumps(counts_of(gates))
    tag_version(settings, version, tags)
    decision = decide(
        settings, version, alias, evidence, gates,
        reason=reason, approve_by=approve_by, why=reason or "promoted after its gates were run again",
    )  # fmt: skip
    progress("done", 1.0)
    return PromotedCard(
        decision.title,
        (
            ("run", version.tags.get("mlops.run", "")),
            *([hold_out_line(evidence)] if evidence else [("gates", f"not run: {reason}")]),
            ("before", f"version {decision.before}" if decision.before else f"no {alias}"),
        ),
        rows_of(gates),
        volatile=frozenset({"before", *TIMED}),
        note=decision.next_steps,
        differences=differences_of(gates),
        compared=compared_with(evidence),
        data={
            "name": version.name,
            "version": version.version,
            "alias": alias,
            "moved": decision.moved,
            "before": decision.before,
            "run": version.tags.get("mlops.run"),
            "run_id": version.run_id,
            "metrics": finite(version.metrics),
            "gates": plain_gates(gates),
        },
    )
