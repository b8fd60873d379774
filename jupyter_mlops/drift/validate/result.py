"""The answer: a line a check, as a table and as JSON; positions of rows, never their values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.validate.expectation import Expectation, Expectations
    from jupyter_mlops.drift.validate.rules import Finding, Verdict

WORST: dict[Verdict, int] = {"fail": 0, "warn": 1, "pass": 2}
NAMED = 6
NAME_LENGTH = 40
FRAME = "(frame)"
"""What stands for the column where it is about the frame as a whole."""


@dataclass(frozen=True)
class Check:
    """An expectation, what was found, and the kinds that could not be looked at because of it."""

    expectation: Expectation
    finding: Finding
    left_out: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The finding's, softened by the severity."""
        found = self.finding.verdict
        return "warn" if found == "fail" and self.expectation.severity == "warn" else found

    @property
    def why(self) -> str:
        """What was found, then what the expectation rests on where that matters."""
        parts = [self.finding.why]
        if self.finding.violations or self.expectation.kind == "type":
            parts.append(self.expectation.why)
        if self.left_out:
            parts.append(f"not checked: {', '.join(self.left_out)}")
        return "; ".join(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        rows, count = self.finding.rows_checked, self.finding.violations
        return {
            "column": self.expectation.column or FRAME,
            "expectation": self.expectation.kind,
            "expected": self.expectation.expected,
            "rows_checked": rows,
            "violations": count,
            "share": count / rows if rows else float(count > 0),
            "first_positions": list(self.finding.first_positions),
            "severity": self.expectation.severity,
            "verdict": self.verdict,
            "why": self.why,
        }


@dataclass(frozen=True, eq=False, repr=False)
class ValidationResult:
    """How a frame does against expectations.

    Attributes:
        each: the checks, those of the frame first, then column by column.
        expectations: what was expected.
        rows: how many rows the frame has.
    """

    each: tuple[Check, ...]
    expectations: Expectations
    rows: int

    @property
    def ok(self) -> bool:
        """Whether no check failed; warnings are no failures."""
        return not any(check.verdict == "fail" for check in self.each)

    @property
    def checks(self) -> pd.DataFrame:
        """A row a check: column, expectation, expected, rows_checked, violations, share, first_positions (of
        at most five rows, the first being 0), severity, verdict, why.
        """
        import pandas as pd

        return pd.DataFrame([check.to_dict() for check in self.each])

    @property
    def ranked(self) -> tuple[Check, ...]:
        """`each`, worst first."""
        return tuple(
            sorted(
                self.each,
                key=lambda check: (
                    WORST[check.verdict],
                    -check.to_dict()["share"] * (check.verdict != "pass"),
                ),
            )
        )

    @property
    def summary(self) -> str:
        """One line, for instance "2 of 61 checks fail: age (range), city (categories); 1 warns"."""
        failed = [check for check in self.ranked if check.verdict == "fail"]
        warned = sum(check.verdict == "warn" for check in self.each)
        total = f"{len(self.each)} {'check' if len(self.each) == 1 else 'checks'}"
        if failed:
            names = [f"{_short(check)} ({check.expectation.kind})" for check in failed[:NAMED]]
            more = f" and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
            line = f"{len(failed)} of {total} {_verb('fail', len(failed))}: {', '.join(names)}{more}"
        else:
            line = f"none of {total} fails"
        return f"{line}; {warned} {_verb('warn', warned)}" if warned else line

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values."""
        return {
            "summary": self.summary,
            "ok": self.ok,
            "rows": self.rows,
            "reference_rows": self.expectations.rows,
            "checks": [check.to_dict() for check in self.each],
        }

    def to_json(self) -> str:
        """`to_dict` as strict JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.summary})"


def _short(check: Check) -> str:
    line = " ".join(check.to_dict()["column"].split())
    return line if len(line) <= NAME_LENGTH else line[: NAME_LENGTH - 1] + "…"


def _verb(word: str, count: int) -> str:
    return f"{word}s" if count == 1 else word
