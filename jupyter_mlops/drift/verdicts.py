"""From evidence to verdicts: adjust all p-values together, judge each test, then each column."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import nan
from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift.significance import adjust
from jupyter_mlops.drift.thresholds import SEVERITY, TOO_FEW_ROWS, Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from jupyter_mlops.drift.findings import Findings

TEST_COLUMNS = [
    "column",
    "aspect",
    "effect",
    "effect_name",
    "limit",
    "null_level",
    "statistic",
    "p_value",
    "p_adjusted",
    "reference_n",
    "current_n",
    "verdict",
    "too_few_rows",
]


def judged(
    findings: Sequence[Findings],
    thresholds: Thresholds,
    adjusted_by: Callable[[Sequence[float]], list[float]] = adjust,
) -> pd.DataFrame:
    """One row a test, all in one family: Benjamini–Hochberg's unless another way is given."""
    import pandas as pd

    pairs = [(each.column, test) for each in findings for test in each.evidence]
    adjusted = adjusted_by([test.p_value for _, test in pairs])
    rows = []
    for (column, test), p in zip(pairs, adjusted, strict=True):
        fewer = min(test.reference_n, test.current_n)
        verdict, few = thresholds.judge(test.aspect, test.effect, p, fewer)
        limit = thresholds.limit(test.aspect)
        row = {"column": column, "limit": limit, "p_adjusted": p, "verdict": verdict, "too_few_rows": few}
        rows.append(vars(test) | row)
    return pd.DataFrame(rows, columns=TEST_COLUMNS)


def judged_apart(
    groups: Sequence[Sequence[Findings]],
    thresholds: Thresholds,
    adjusted_by: Callable[[Sequence[float]], list[float]] = adjust,
) -> list[pd.DataFrame]:
    """The tests of each group, all groups in one family."""
    tests = judged([each for group in groups for each in group], thresholds, adjusted_by)
    ends = list(accumulate(sum(len(each.evidence) for each in group) for group in groups))
    return [tests.iloc[start:end] for start, end in pairwise([0, *ends])]


def column_table(findings: Sequence[Findings], tests: pd.DataFrame) -> pd.DataFrame:
    """One row a column, in the order given: the test that decides it, and what else is known."""
    import pandas as pd

    by_column: dict[str, list[dict[str, Any]]] = {each.column: [] for each in findings}
    for row in tests.to_dict("records"):
        by_column[str(row["column"])].append({str(key): value for key, value in row.items()})
    return pd.DataFrame([_column_row(each, by_column[each.column]) for each in findings])


def _column_row(each: Findings, tests: list[dict[str, Any]]) -> dict[str, Any]:
    deciding = max(tests, key=_weight, default=None)
    verdict = max(each.least, deciding["verdict"] if deciding else "ok", key=SEVERITY.__getitem__)
    # Beside a changed type or a missing column, a difference of some other share decides nothing.
    shown = None if each.least == "drift" or deciding is None else deciding
    return {
        "column": each.column,
        "kind": each.kind,
        "verdict": verdict,
        "reason": _reason(each, verdict, tests),
        "effect": shown["effect"] if shown else nan,
        "effect_name": shown["effect_name"] if shown else "",
        "limit": shown["limit"] if shown else nan,
        "null_level": shown["null_level"] if shown else nan,
        "statistic": shown["statistic"] if shown else nan,
        "p_value": shown["p_value"] if shown else nan,
        "p_adjusted": shown["p_adjusted"] if shown else nan,
        "psi": each.values.psi,
        "js": each.values.js,
        "wasserstein": each.values.wasserstein,
        "missing_reference": each.missing_reference,
        "missing_current": each.missing_current,
        "unseen": each.values.unseen,
    }


def _weight(test: dict[str, Any]) -> tuple[int, bool, float]:
    """Worst verdict first; of tests that are ok the distribution speaks; then by effect over limit."""
    severity = SEVERITY[test["verdict"]]
    return severity, severity == 0 and test["aspect"] == "distribution", test["effect"] / test["limit"]


def _reason(each: Findings, verdict: str, tests: list[dict[str, Any]]) -> str:
    speaking = [test for test in tests if verdict != "ok" and test["verdict"] == verdict]
    sure = [test["aspect"] for test in speaking if not test["too_few_rows"]]
    unsure = [test["aspect"] for test in speaking if test["too_few_rows"]]
    words = [each.note] if each.note else []
    words += [", ".join(sure)] if sure else []
    words += [f"{TOO_FEW_ROWS} ({', '.join(unsure)})"] if unsure else []
    return "; ".join(words)
