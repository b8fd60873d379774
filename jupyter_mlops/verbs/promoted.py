"""What `promote` answers: the version, its gates with their figures, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.verbs.answers import DataCard, finite
from jupyter_mlops.widgets.intervals import Difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.verbs.decide import Decision
    from jupyter_mlops.verbs.made_again import Again
    from jupyter_mlops.verbs.promote_order import Order
    from jupyter_mlops.verbs.subject import Subject


TIMED = ("latency", "size")
"""Gates whose figures are others each time."""


@dataclass(frozen=True)
class PromotedCard(DataCard):
    """A card that tells a shell by its exit code whether the alias moved."""

    @property
    def exit_code(self) -> int:
        """0 if it moved, 1 if gates kept it where it was."""
        return 0 if self.data["moved"] else 1


def rows_of(gates: Sequence[Gate]) -> tuple[tuple[str, str, str], ...]:
    """Gates as a card lists them: without those that neither a rule nor a champion asks for."""
    return tuple(
        (gate.outcome, gate.name, gate.figure) for gate in gates if gate.details.get("applies", True)
    )


def hold_out_line(evidence: Evidence) -> tuple[str, str]:
    """Which rows the gates were measured on."""
    if evidence.holdout is None:
        return "hold-out", "none known: the code measures the model on no other rows"
    return "hold-out", f"{evidence.holdout.said}, {len(evidence.holdout.features):,} rows"


def plain_gates(gates: Sequence[Gate]) -> list[dict[str, Any]]:
    """Gates as plain data."""
    return [{**vars(gate), "details": dict(gate.details)} for gate in gates]


def counts_of(gates: Sequence[Gate]) -> dict[str, int]:
    """How many gates ended how."""
    outcomes = [gate.outcome for gate in gates]
    return {outcome: outcomes.count(outcome) for outcome in ("passed", "warned", "failed", "skipped")}


def differences_of(gates: Sequence[Gate]) -> tuple[Difference, ...]:
    """What the comparison with the champion measured, to be drawn: better is to the right."""
    found = []
    for gate in gates:
        details = gate.details
        if gate.name != "champion" or details.get("low") is None or details.get("high") is None:
            continue
        turn = 1.0 if details["higher_is_better"] else -1.0
        low, high = sorted((turn * details["low"], turn * details["high"]))
        margin = details.get("not_worse_by")
        found.append(
            Difference(
                details["metric"] if turn > 0 else f"less {details['metric']}",
                turn * details["difference"],
                low,
                high,
                -margin if margin is not None else None,
                gate.outcome,
            )
        )
    return tuple(found)


def compared_with(evidence: Evidence | None) -> str:
    """The caption of that drawing."""
    if evidence is None or evidence.champion is None:
        return ""
    version = evidence.champion.version
    return f"Against version {version.version}, the champion (right is better, dashed the allowed loss)"


def in_words(gates: Sequence[Gate]) -> str:
    """For the history: how many gates ended how, and which did not pass."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in counts_of(gates).items() if count)
    failed = [f"{gate.name}: {gate.figure}" for gate in gates if gate.outcome == "failed"]
    return "; ".join([counts, *failed]) if counts else ""


def promoted_card(
    subject: Subject,
    order: Order,
    again: Again,
    evidence: Evidence,
    gates: Sequence[Gate],
    decision: Decision,
    project: str,
) -> PromotedCard:
    """The card of a model that was registered now."""
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
