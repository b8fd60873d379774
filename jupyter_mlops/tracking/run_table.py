"""Runs side by side, as plain columns: what is compared, and nothing about where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANGES_BETWEEN_EXECUTIONS = frozenset({"started", "ended", "duration", "age"})


@dataclass(frozen=True)
class RunTable:
    """Columns of equal length, one entry per run, in the order the runs were made (newest last).

    Args:
        names: run names as people see them.
        run_ids: the runs' ids, unique.
        metrics: numbers by metric name; NaN where the run did not measure it.
        params: parameters by name, as text; None where the run has none.
        info: what else is known of a run (status, started, hypothesis, data), as text or None.
        volatile: columns that differ whenever the notebook is run again; left out of ``text/plain``.

    Raises:
        BadInputError: columns of different lengths, or a run id that comes twice.
    """

    names: list[str]
    run_ids: list[str]
    metrics: dict[str, list[float]] = field(default_factory=dict)
    params: dict[str, list[str | None]] = field(default_factory=dict)
    info: dict[str, list[str | None]] = field(default_factory=dict)
    volatile: frozenset[str] = CHANGES_BETWEEN_EXECUTIONS

    def __post_init__(self) -> None:
        for what, length in self._lengths():
            if length != len(self.names):
                raise BadInputError(
                    f"A run table has {len(self.names)} names, but its {what} has {length} entries.",
                    "Give each column one entry per run; use NaN or None where a run has no value.",
                )
        if len(set(self.run_ids)) != len(self.run_ids):
            raise BadInputError(
                "A run table has the same run id more than once.",
                "Give each run once; ids tell which runs are selected.",
            )

    def __len__(self) -> int:
        return len(self.names)

    def _lengths(self) -> Iterator[tuple[str, int]]:
        yield "list of run ids", len(self.run_ids)
        for metric, numbers in self.metrics.items():
            yield f"metric {metric[:80]!r}", len(numbers)
        for group, columns in (("parameter", self.params), ("info column", self.info)):
            for name, texts in columns.items():
                yield f"{group} {name[:80]!r}", len(texts)
