"""Whether an alias moves to a version, by its gates; and the move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.registry.moves import UNKNOWN, move_alias
from jupyter_mlops.registry.versions import CHAMPION
from jupyter_mlops.verbs.promoted import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings


@dataclass(frozen=True)
class Decision:
    """What became of the alias. `before` is the version that it named."""

    made: Version
    alias: str
    moved: bool
    before: str | None
    failed: tuple[Gate, ...]

    @property
    def title(self) -> str:
        """The answer in one line."""
        made, alias = self.made, self.alias
        if self.moved:
            return f"{made.name} version {made.version} is now {alias}"
        gates = "a gate failed" if len(self.failed) == 1 else f"{len(self.failed)} gates failed"
        stays = f"{alias} stays version {self.before}" if self.before else f"it is not {alias}"
        return f"{made.name} version {made.version} is registered; {stays}: {gates}"

    @property
    def next_steps(self) -> str:
        """What one does after it."""
        if self.moved:
            reference = f"{self.made.name}@{self.alias}"
            return f"Next: %mlops export {reference} bundle/   or   %mlops serve {reference}"
        own = f"%mlops promote {self.made.name}/{self.made.version}"
        if [gate.name for gate in self.failed] == ["approval"]:
            return f"Next: {own} --approve-by WHO"
        return f"Next: train a better one; or make it {self.alias} all the same: {own} --reason TEXT"


def decide(
    settings: Settings,
    made: Version,
    alias: str,
    evidence: Evidence | None,
    gates: Sequence[Gate],
    *,
    reason: str,
    approve_by: str | None,
    why: str,
) -> Decision:
    """Move the alias, if the gates or a typed reason allow it.

    Raises:
        MovedError: the champion moved since it was compared with.
        StoreError: the registry failed.
    """
    failed = tuple(gate for gate in gates if gate.outcome == "failed")
    champion = evidence.champion.version.version if evidence and evidence.champion else None
    if alias == CHAMPION and failed and not reason.strip():
        return Decision(made, alias, False, champion, failed)
    move = move_alias(
        settings,
        made.name,
        made.version,
        why=why,
        alias=alias,
        expected=champion if alias == CHAMPION and evidence else UNKNOWN,
        approved_by=approve_by,
        gates=in_words(gates),
    )
    return Decision(made, alias, True, move.before, failed)
