"""The one place that says when several columns together are ok, to be watched, or drift.

Each test has an effect with a limit, and a p-value, which is adjusted over the tests made together
(Benjamini–Hochberg). Drift is an effect at its limit *and* an adjusted p below `ALPHA`; half the limit is to
be watched. The limits are about relevance; p takes care of noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jupyter_mlops.drift.multivariate.result import VALUE_NAMES, MultivariateTest
from jupyter_mlops.drift.significance import adjust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.multivariate.result import Finding, TestName
    from jupyter_mlops.drift.thresholds import Verdict

ALPHA = 0.05
WATCH_FRACTION = 0.5
# So many standard deviations to both sides hold 95 % of a normal distribution.
Z = 1.959964
# With fewer rows on a side nothing is said: a difference that shows in so few is one to see with bare eyes.
FEWEST_ROWS = 200
TOO_FEW_ROWS = "too few rows to tell"
# AUC - 0.5; relative change of the mean error; change of a correlation coefficient.
LIMITS: dict[TestName, float] = {"domain classifier": 0.05, "PCA reconstruction": 0.05, "correlation": 0.1}


def judged(findings: Sequence[Finding]) -> tuple[MultivariateTest, ...]:
    """The tests with their verdicts; one that could not be made is ok, and its note says why."""
    made = [each for each in findings if not math.isnan(each.p_value)]
    adjusted = dict(zip((each.name for each in made), adjust([each.p_value for each in made]), strict=True))
    return tuple(
        MultivariateTest(
            name=each.name,
            value=each.value,
            value_name=VALUE_NAMES[each.name],
            null_low=each.null_low,
            null_high=each.null_high,
            p_value=each.p_value,
            verdict=_verdict(each.effect, LIMITS[each.name], adjusted.get(each.name, 1.0)),
            details=each.details,
            note=each.note,
        )
        for each in findings
    )


def _verdict(effect: float, limit: float, p: float) -> Verdict:
    if p >= ALPHA or not effect >= limit * WATCH_FRACTION:
        return "ok"
    return "drift" if effect >= limit else "watch"
