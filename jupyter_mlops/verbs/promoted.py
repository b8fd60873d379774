"""What `promote` answers: the version, its gates with their figures, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.verbs.answers import DataCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.registry.evidence import Evidence, Gate


@dataclass(frozen=True)
class PromotedCard(DataCard):
    """A card that tells a shell by its exit code whether the alias moved."""

    @property
    def exit_code(self) -> int:
        """0 if it moved, 1 if gates kept it where it was."""
        return 0 if self.data["moved"] else 1


def rows_of(gates: Sequence[Gate]) -> tuple[tuple[str, str, str], ...]:
    """Gates as a card lists them."""
    return tuple((gate.outcome, gate.name, gate.figure) for gate in gates)


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
