"""What of the user's data a session may keep: all of it, masked columns as tokens, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_mlops.lineage.record import Dataset, RunFacts
    from jupyter_mlops.snapshot.masking import Masker


@dataclass
class Privacy:
    """Of one session. What was promised once holds until its end: masks are added, never taken away."""

    masked: Masker
    keeps_data: bool = True

    @property
    def keeps_outputs(self) -> bool:
        """True if figures, outputs and the like may be kept: they can show any value."""
        return self.keeps_data and not self.masked.names

    def why_not(self, value: Any) -> str | None:
        """Why a value, masked already, must not be stored; None if it may be. Not for the cell's path."""
        return self.masked.leak(value) if self.keeps_data else "tracking was on with --no-data"

    def without_values(
        self, facts: RunFacts, namespace: Mapping[str, Any], sources: Iterable[str]
    ) -> RunFacts:
        """Facts without names and parameters that are values of the data: labels of a pivot, keys of a dict.

        What stands in the code itself, the user wrote there.
        """
        if self.keeps_outputs:
            return facts
        code = "\n".join(sources)

        def is_value(text: str) -> bool:
            return text not in code and (self.masked.knows(text) or not self.keeps_data)

        return replace(
            facts,
            params={name: text for name, text in facts.params.items() if not self._is_masked(text, code)},
            metrics={
                name: number
                for name, number in facts.metrics.items()
                if not ("." in name and is_value(name.partition(".")[2]))
            },
            datasets=tuple(self._without_labels(found, namespace) for found in facts.datasets),
        )

    def _is_masked(self, text: str, code: str) -> bool:
        return text not in code and self.masked.knows(text)

    def _without_labels(self, found: Dataset, namespace: Mapping[str, Any]) -> Dataset:
        """A frame whose columns have a name of their own, as after a pivot, has values as labels."""
        if self.keeps_data or found.kind != "frame":
            return found
        named = any(name is not None for name in namespace[found.name].columns.names)
        return replace(found, columns=()) if named else found
