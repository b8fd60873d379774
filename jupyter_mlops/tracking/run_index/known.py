"""What the index knows of a store: its experiments, its runs, and what they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_mlops.tracking.run_figures import FIGURES_TAG
from jupyter_mlops.tracking.run_index.entries import Entries, gathered, joined, numbers, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KIND, HYPOTHESIS, ARCHIVED = "mlops.kind", "mlops.hypothesis", "mlops.archived"
RUN_NAME = "mlflow.runName"
SOURCE = "mlflow.source.name"
"""The notebook or script that a run is of."""
USERS = "user."
"""What tags that users set begin with."""
KEPT_TAGS = (KIND, HYPOTHESIS, ARCHIVED, FIGURES_TAG, SOURCE)
"""The other tags that are kept: what lists of runs show, or are chosen by."""
ACTIVE = "active"
GROUPS = ("metrics", "params", "data", "tags")

Progress = Callable[[str, float], None]
"""Told a short text and the share done, from 0 to 1."""
Triple = tuple[str, str, Any]
"""Run id, name, value."""


class Experiment(NamedTuple):
    """An experiment."""

    name: str
    active: bool


class RunRow(NamedTuple):
    """What a store's list of runs says of one; times in milliseconds since 1970."""

    run_id: str
    name: str
    status: str
    started: int
    ended: int | None
    stage: str
    """``active``, or else not to be listed."""
    experiment: str
    """The experiment's id."""


@dataclass(frozen=True)
class Known:
    """What is known of a store.

    Args:
        experiments: by id.
        runs: in the order they became known, so that a run's row stays what it is.
        metrics: the last value of each.
        params: as text.
        data: names of data, with digests as texts.
        tags: those that are kept, see `is_kept`.
        marks: how far the store was read; only its reader knows what this means.
    """

    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    runs: Sequence[RunRow] = ()
    metrics: Entries = field(default_factory=numbers)
    params: Entries = field(default_factory=texts)
    data: Entries = field(default_factory=texts)
    tags: Entries = field(default_factory=texts)
    marks: Mapping[str, Any] = field(default_factory=dict)

    def rows(self) -> dict[str, int]:
        """The row of each run by its id."""
        return {run.run_id: row for row, run in enumerate(self.runs)}

    def with_entries(
        self, group: str, found: Iterable[Sequence[Triple]], instead_of: Iterable[str] | None
    ) -> Known:
        """With these values of a group, given in parts.

        Args:
            group: one of `GROUPS`.
            found: of runs that are known; others are left out.
            instead_of: ids of the runs whose former values go; None for all.
        """
        row_of = self.rows()
        parts = [gathered(part, row_of, as_text=group != "metrics") for part in found]
        before: Entries = getattr(self, group)
        if instead_of is None:
            before = numbers() if group == "metrics" else texts()
        else:
            rows = [row_of[run_id] for run_id in instead_of if run_id in row_of]
            before = before.kept(~before.of_rows(rows, len(self.runs)))
        changed: Any = {group: joined([before, *parts])}
        return replace(self, **changed)


def is_kept(tag: str) -> bool:
    """True for tags that the index keeps."""
    return tag in KEPT_TAGS or tag.startswith(USERS)
