"""What the comparison of one column yields before verdicts: evidence, distances, a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.drift.histogram import Histogram
    from jupyter_mlops.drift.thresholds import Aspect, Verdict


@dataclass(frozen=True)
class Evidence:
    """One two-sample test.

    Attributes:
        effect: size of the difference, 0 to 1; this is what the limits are about.
        null_level: the effect to expect when nothing changed; 0 where `effect` is already net of it.
        statistic: the test statistic (KS D, chi-square, z, unseen share).
        p_value: two-sample p, before adjustment.
        reference_n: rows of the reference that entered.
        current_n: rows of the current frame that entered.
    """

    aspect: Aspect
    effect: float
    effect_name: str
    null_level: float
    statistic: float
    p_value: float
    reference_n: int
    current_n: int


@dataclass(frozen=True)
class Values:
    """What the comparison of the present values of a column found; NaN where a figure has no meaning."""

    evidence: tuple[Evidence, ...] = ()
    psi: float = nan
    js: float = nan
    wasserstein: float = nan
    unseen: float = nan
    histogram: Histogram | None = None
    kind: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Findings:
    """All about one column.

    Attributes:
        least: the verdict the column has whatever the tests say.
        note: words that go to the reason whatever the verdict.
    """

    column: str
    kind: str
    missing_reference: float = nan
    missing_current: float = nan
    evidence: tuple[Evidence, ...] = ()
    values: Values = field(default_factory=Values)
    least: Verdict = "ok"
    note: str = ""
