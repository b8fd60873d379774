"""How near alarms are to the change points that people marked, as the Turing Change Point Dataset counts it.

van den Burg and Williams 2020, "An Evaluation of Change Point Detection Algorithms": precision against the
marks of all annotators together, recall averaged over the annotators, and the first point, which is no
change, in every set, so that nobody divides by zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARGIN = 5


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1; a silent detector has precision 1, and recall for the first point."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def change_point_score(
    found: Iterable[int], annotators: Sequence[Iterable[int]], margin: int = MARGIN
) -> Score:
    """Precision and recall of the positions `found`.

    Args:
        found: 0-based positions of the alarms.
        annotators: for each annotator the positions marked; an empty list says that nothing changes.
        margin: how far an alarm may be from a mark; each alarm stands for one mark at most.

    Raises:
        BadInputError: no annotator, or a margin below 0.
    """
    if not annotators or margin < 0:
        raise BadInputError(
            "Alarms can only be held against annotators, with a margin of 0 or more.",
            "Give a list of positions for each annotator, and margin=5, for instance.",
        )
    alarms = {0, *found}
    marked = [{0, *marks} for marks in annotators]
    together = set().union(*marked)
    return Score(
        precision=_hits(together, alarms, margin) / len(alarms),
        recall=sum(_hits(marks, alarms, margin) / len(marks) for marks in marked) / len(marked),
    )


def _hits(marks: set[int], alarms: set[int], margin: int) -> int:
    left = set(alarms)
    hits = 0
    for mark in sorted(marks):
        near = min(left, key=lambda alarm: (abs(alarm - mark), alarm), default=None)
        if near is not None and abs(near - mark) <= margin:
            left.remove(near)
            hits += 1
    return hits
