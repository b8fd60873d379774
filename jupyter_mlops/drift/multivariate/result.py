"""What one test of several columns says, before and after the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jupyter_mlops.drift.thresholds import Verdict

TestName = Literal["domain classifier", "PCA reconstruction", "correlation"]
VALUE_NAMES: dict[TestName, str] = {
    "domain classifier": "AUC",
    "PCA reconstruction": "mean error",
    "correlation": "largest change",
}


@dataclass(frozen=True)
class Finding:
    """One test before its verdict.

    Attributes:
        value: what was measured; NaN where the test could not be made, which `note` explains.
        null_low: the lower end of the band that holds 95 % of the values when nothing changed.
        null_high: the upper end of that band.
        p_value: the chance of such a value, or a more extreme one, when nothing changed.
        effect: how far `value` is from no drift; this is what the limit is about.
        details: columns or pairs of columns by their part in it, worst first.
        note: what stands behind the figures in words.
    """

    name: TestName
    value: float = nan
    null_low: float = nan
    null_high: float = nan
    p_value: float = nan
    effect: float = nan
    details: tuple[tuple[str, float], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class MultivariateTest:
    """One test of several columns at once; see `docs/drift-multivariate.md` for what each measures.

    Attributes:
        name: which test.
        value: what was measured; NaN where the test could not be made, which `note` explains.
        value_name: what `value` is, for instance "AUC".
        null_low: the lower end of the band that holds 95 % of the values when nothing changed.
        null_high: the upper end of that band.
        p_value: not adjusted; the verdict is about p adjusted over the tests made together.
        details: columns or pairs of columns by their part in it, worst first.
        note: the rows that were used, and what was left out.
    """

    name: TestName
    value: float
    value_name: str
    null_low: float
    null_high: float
    p_value: float
    verdict: Verdict
    details: tuple[tuple[str, float], ...]
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values; what is not a finite number is None."""
        numbers = ("value", "null_low", "null_high", "p_value")
        plain = {name: _finite(getattr(self, name)) for name in numbers}
        details = [[name, _finite(value)] for name, value in self.details]
        return vars(self) | plain | {"details": details}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
