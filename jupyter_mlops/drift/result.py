"""The answer: verdicts, figures and small pictures, as tables and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift.thresholds import SEVERITY, TOO_FEW_ROWS, Thresholds, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from jupyter_mlops.drift.histogram import Histogram
    from jupyter_mlops.drift.multivariate import MultivariateTest
    from jupyter_mlops.drift.over_time import OverTime
    from jupyter_mlops.drift.performance import PerformanceResult
    from jupyter_mlops.drift.segments import Segments
    from jupyter_mlops.drift.with_itself import SelfComparison

NAMES_IN_SUMMARY = 8
NAME_LENGTH = 40


@dataclass(frozen=True, eq=False, repr=False)
class DriftResult:
    """How a current frame differs from a reference.

    Attributes:
        columns: one row a column: column, kind, verdict, reason; effect, effect_name, limit, null_level,
            statistic, p_value, p_adjusted of the test that decides (NaN where none could be made); psi,
            js (both net of their null level), wasserstein (in standard deviations of the reference);
            missing_reference, missing_current, unseen (shares).
        tests: one row a test: column, aspect, effect, effect_name, limit, null_level, statistic, p_value,
            p_adjusted, reference_n, current_n, verdict, too_few_rows.
        histograms: by column name, where there is something to draw.
        thresholds: the limits that were used.
        over_time: drift by chunk, where a column of times was named.
        segments: drift by segment, where a column was named.
        multivariate: tests of all columns together; None where they were not made.
        performance: of a model, estimated and realised, where one was named.
        notes: what could not be told, and why.
        with_itself: how often the reference is flagged against itself, where that was asked for.
    """

    columns: pd.DataFrame
    tests: pd.DataFrame
    histograms: Mapping[str, Histogram]
    thresholds: Thresholds
    reference_rows: int
    current_rows: int
    over_time: OverTime | None = None
    segments: Segments | None = None
    multivariate: tuple[MultivariateTest, ...] | None = None
    performance: PerformanceResult | None = None
    with_itself: SelfComparison | None = None
    notes: tuple[str, ...] = ()

    @property
    def dataset_verdict(self) -> Verdict:
        """The worst verdict of all columns, of the tests of all columns together, and of the performance."""
        verdicts = [*self.columns["verdict"], *(test.verdict for test in self.multivariate or ())]
        if self.performance is not None:
            verdicts.append(self.performance.verdict)
        return max(verdicts, key=SEVERITY.__getitem__)

    @property
    def ranked(self) -> pd.DataFrame:
        """`columns`, worst first: by verdict, those without a test before the others, then by effect."""
        table = self.columns
        keys = table.assign(
            _severity=-table["verdict"].map(SEVERITY),
            _excess=-(table["effect"] / table["limit"]).fillna(math.inf),
        )
        order = keys.sort_values(["_severity", "_excess"], kind="stable").index
        return table.loc[order].reset_index(drop=True)

    @property
    def drifted(self) -> list[str]:
        """Names of the columns that drift, worst first."""
        return self._named("drift")

    @property
    def watched(self) -> list[str]:
        """Names of the columns to watch, worst first."""
        return self._named("watch")

    @property
    def headline(self) -> str:
        """The summary without names, for instance "3 of 14 columns drift; 1 to watch"."""
        return self._told(names=False)

    @property
    def summary(self) -> str:
        """One line, for instance "3 of 14 columns drift: age, hours-per-week, native-country"."""
        return self._told(names=True)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values; what is not a finite number is None."""
        return {
            "summary": self.summary,
            "dataset_verdict": self.dataset_verdict,
            "drifted": self.drifted,
            "reference_rows": self.reference_rows,
            "current_rows": self.current_rows,
            "thresholds": asdict(self.thresholds),
            "columns": _records(self.columns),
            "tests": _records(self.tests),
            "histograms": {name: picture.to_dict() for name, picture in self.histograms.items()},
            "over_time": self.over_time and self.over_time.to_dict(),
            "segments": self.segments and self.segments.to_dict(),
            "multivariate": self.multivariate and [test.to_dict() for test in self.multivariate],
            "performance": self.performance and self.performance.to_dict(),
            "with_itself": self.with_itself and self.with_itself.to_dict(),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """`to_dict` as strict JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.summary})"

    def _told(self, *, names: bool) -> str:
        def these(columns: list[str]) -> str:
            return f": {_listed(columns)}" if names else ""

        unsure = self.columns["reason"].str.contains(TOO_FEW_ROWS, regex=False)
        few = set(self.columns.loc[unsure, "column"])
        watched = [name for name in self.watched if name not in few]
        untold = [name for name in self.watched if name in few]
        drifted, total = self.drifted, len(self.columns)
        columns = "column" if total == 1 else "columns"
        if drifted:
            verb = "drifts" if len(drifted) == 1 else "drift"
            line = f"{len(drifted)} of {total} {columns} {verb}{these(drifted)}"
        else:
            line = f"no drift in {total} {columns}"
        line += f"; {len(watched)} to watch{these(watched)}" if watched else ""
        together = [test.name for test in self.multivariate or () if test.verdict == "drift"]
        line += f"; together: {', '.join(together)}" if together else ""
        if self.performance is not None and self.performance.verdict == "drift":
            line += "; performance alarms"
        return line + (f"; {TOO_FEW_ROWS} to tell in {len(untold)}" if untold else "")

    def _named(self, verdict: Verdict) -> list[str]:
        table = self.ranked
        return [str(name) for name in table.loc[table["verdict"] == verdict, "column"]]


def short_name(name: str, length: int = NAME_LENGTH) -> str:
    """A column name on one line, at most `length` characters."""
    line = " ".join(name.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _listed(names: list[str]) -> str:
    shown = ", ".join(short_name(name) for name in names[:NAMES_IN_SUMMARY])
    more = len(names) - NAMES_IN_SUMMARY
    return f"{shown} and {more} more" if more > 0 else shown


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
