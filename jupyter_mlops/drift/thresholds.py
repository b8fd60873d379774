"""The one place that says when a column is ok, to be watched, or drifts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from jupyter_mlops.errors import BadInputError

Verdict = Literal["ok", "watch", "drift"]
Aspect = Literal["distribution", "missing", "unseen", "infinite"]

TOO_FEW_ROWS = "too few rows"
SEVERITY: dict[Verdict, int] = {"ok": 0, "watch": 1, "drift": 2}


@dataclass(frozen=True)
class Thresholds:
    """Limits on effect sizes, and how sure one must be.

    Each column is tested in up to four aspects, each with an effect between 0 and 1 and a p-value:
    its *distribution* (KS D for numbers and times, total variation for categories), the change of its
    share of *missing* rows, the share of *unseen* categories beyond the Good–Turing estimate, and the
    change of its share of *infinite* values. All p-values of a comparison form one Benjamini–Hochberg
    family. Then an aspect is

    - **drift** when its effect reaches the limit and its adjusted p is below `alpha`;
    - **watch** when its effect reaches half the limit (`watch_fraction`) and its adjusted p is below
      `alpha`: small, but real;
    - **watch**, with the words "too few rows", when its effect reaches the limit, its adjusted p does
      not, and one of the frames has fewer than `few_rows` rows for it: at 100 rows KS D must exceed
      0.136 to be significant, seven times the limit, so "not significant" says next to nothing;
    - **ok** otherwise.

    A column has the worst verdict of its aspects, a dataset the worst verdict of its columns. A changed
    type and a column that only one frame has are drift without a test; a column whose values cannot be
    compared is to be watched.

    The limit 0.02 finds a shift of a tenth of a standard deviation and lets a hundredth pass, at 100,000
    rows as at 1,000,000. It is a limit on relevance, not on noise: p takes care of noise.

    Raises:
        BadInputError: a value outside 0 to 1, or a negative `few_rows`.
    """

    distribution: float = 0.02
    missing: float = 0.02
    unseen: float = 0.02
    infinite: float = 0.02
    alpha: float = 0.05
    watch_fraction: float = 0.5
    few_rows: int = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "few_rows":
                valid, wanted = value >= 0, "0 or more"
            else:
                valid, wanted = 0 < value <= 1, "above 0 and at most 1"
            if not valid:
                raise BadInputError(
                    f"The drift threshold {field.name!r} is out of range.", f"Give a value {wanted}."
                )

    def limit(self, aspect: Aspect) -> float:
        """The effect at which `aspect` counts as drift."""
        limits = {
            "distribution": self.distribution,
            "missing": self.missing,
            "unseen": self.unseen,
            "infinite": self.infinite,
        }
        return limits[aspect]

    def judge(self, aspect: Aspect, effect: float, p_adjusted: float, rows: int) -> tuple[Verdict, bool]:
        """The verdict on one aspect and whether it is "too few rows" that speaks; see the class.

        `rows` is the number of rows of the smaller sample.
        """
        limit = self.limit(aspect)
        if p_adjusted < self.alpha:
            if effect >= limit:
                return "drift", False
            return ("watch" if effect >= limit * self.watch_fraction else "ok"), False
        few = effect >= limit and rows < self.few_rows
        return ("watch" if few else "ok"), few
