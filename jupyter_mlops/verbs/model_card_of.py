"""The model card of a version that is being promoted: its facts, gathered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.registry.explain import Explanation, importance_of
from jupyter_mlops.registry.gates import holdout_figures
from jupyter_mlops.registry.model_card import CardFacts, model_card
from jupyter_mlops.registry.moves import user

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.verbs.place import Progress
    from jupyter_mlops.verbs.subject import Subject


def card_text(
    subject: Subject,
    name: str,
    code: Slice,
    evidence: Evidence,
    gates: Sequence[Gate],
    *,
    packages: Mapping[str, str],
    serialization: str,
    reason: str,
    approve_by: str | None,
    progress: Progress,
) -> str:
    """The card as Markdown, with what the model uses measured on the hold-out, else on its training rows."""
    return model_card(
        CardFacts(
            name=name,
            run=subject.run.name,
            run_id=subject.run.run_id,
            estimator=subject.estimator.kind,
            who=user(),
            when=datetime.now(UTC),
            schema=subject.schema,
            code=code,
            evidence=evidence,
            gates=tuple(gates),
            why=reason,
            approved_by=approve_by,
            serialization=serialization,
            hypothesis=subject.run.hypothesis,
            commit=subject.run.tags.get("mlflow.source.git.commit"),
            packages=packages,
            intervals=holdout_figures(evidence),
            importance=_importance(evidence, progress),
        )
    )


def _importance(evidence: Evidence, progress: Progress) -> Explanation | None:
    try:
        return importance_of(evidence.model, evidence.holdout or evidence.training, evidence.task, progress)
    except MlopsError:  # a model of several answers
        return None
