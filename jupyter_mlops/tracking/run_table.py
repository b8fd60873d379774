"""Runs side by side, as plain columns: what is compared, and nothing about where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    Numbers = Sequence[float] | NDArray[np.float64]

CHANGES_BETWEEN_EXECUTIONS = frozenset({"started", "ended", "duration", "age"})


@dataclass(frozen=True, eq=False)
class Texts(Sequence[str | None]):
    """A column of texts, of which each different one is held once.

    Args:
        words: the different texts, in any order.
        codes: per run, where its text is in `words`; -1 where it has none.
    """

    words: Sequence[str]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> str | None: ...

    @overload
    def __getitem__(self, row: slice) -> Texts: ...

    def __getitem__(self, row: int | slice) -> str | Texts | None:
        if isinstance(row, slice):
            return Texts(self.words, self.codes[row])
        code = self.codes[row]
        return None if code < 0 else self.words[code]

    def __iter__(self) -> Iterator[str | None]:
        words = [*self.words, None]  # where -1 points to
        return iter([words[code] for code in self.codes.tolist()])


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

    names: Sequence[str]
    run_ids: Sequence[str]
    metrics: Mapping[str, Numbers] = field(default_factory=dict)
    params: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    info: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
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
