"""The figures of a model card: metrics, what the model uses, and groups of rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.registry.markdown import table, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.registry.evidence import Evidence, Gate
    from jupyter_mlops.registry.explain import Explanation

_MOST_COLUMNS, _MOST_GROUPS = 10, 20
_RIGHT = frozenset({1, 2, 3})


def metrics(
    evidence: Evidence, intervals: Mapping[str, tuple[float, float, float]], gates: Sequence[Gate]
) -> str:
    """Metrics on the hold-out with intervals, those of the notebook, and the difference to the champion."""
    parts = []
    if intervals:
        rows = [
            (name, number(value), f"{number(low)} to {number(high)}")
            for name, (value, low, high) in intervals.items()
        ]
        parts.append("On the hold-out, with 95 % intervals from resampling its rows:")
        parts.append(table(("Metric", "Value", "Interval"), rows, frozenset({1})))
    if evidence.metrics:
        parts.append("In the notebook:")
        recorded = [(name, number(value)) for name, value in evidence.metrics.items()]
        parts.append(table(("Metric", "Value"), recorded, frozenset({1})))
    return "\n\n".join([*parts, *_against(evidence, gates)]) or "None."


def _against(evidence: Evidence, gates: Sequence[Gate]) -> list[str]:
    if evidence.champion is None:
        return ["There was no champion to compare it with."]
    before = evidence.champion.version
    told = [f"Beside the champion, version {words(before.version)}:"]
    both = [name for name in evidence.metrics if name in before.metrics]
    if both:
        rows = [
            (
                name,
                number(now := evidence.metrics[name]),
                number(then := before.metrics[name]),
                number(now - then),
            )
            for name in both
        ]
        told.append(table(("Metric", "This version", "Champion", "Difference"), rows, _RIGHT))
    told += [f"Measured: {words(gate.figure)}." for gate in gates if gate.name == "champion"]
    return told


def importance(found: Explanation | None) -> str:
    """The columns that the model uses most, and what has to be known of the figures."""
    if found is None or not found.importance:
        return "Not measured."
    rows = [
        (each.column, number(each.mean), f"{number(each.low)} to {number(each.high)}")
        for each in found.importance[:_MOST_COLUMNS]
    ]
    more = len(found.importance) - _MOST_COLUMNS
    score = f"{words(found.metric)}, which is {number(found.score)} on {words(found.measured_on)}"
    parts = [
        f"How much worse the {score}, gets when the values of a column are dealt to other rows:",
        table(("Column", "Importance", "95 % over repeats"), rows, frozenset({1})),
        *([f"And {more} less important columns."] if more > 0 else []),
        *(f"Note: {words(note)}." for note in found.notes),
    ]
    return "\n\n".join(parts)


def groups(gates: Sequence[Gate]) -> str:
    """Groups of rows as the gates measured them; those gates name them in their details."""
    rows: list[tuple[str, str, str, str]] = []
    for gate in gates:
        found = gate.details.get("groups")
        counts = gate.details.get("rows")
        if isinstance(found, list):
            what = str(gate.details.get("metric", ""))
            rows += [
                (str(group["name"]), f"{group['rows']:,}", what, number(group["value"])) for group in found
            ]
        elif isinstance(found, dict):
            column = str(gate.details.get("column", gate.name))
            sizes = counts if isinstance(counts, dict) else {}
            for name, values in found.items():
                told = values if isinstance(values, dict) else {str(gate.details.get("metric", "")): values}
                size = f"{sizes[name]:,}" if name in sizes else ""
                rows += [
                    (f"{column} = {name}", size, str(what).replace("_", " "), number(value))
                    for what, value in told.items()
                ]
    if not rows:
        return "Not measured."
    more = len(rows) - _MOST_GROUPS
    shown = table(("Group", "Rows", "Metric", "Value"), rows[:_MOST_GROUPS], frozenset({1, 3}))
    return f"{shown}\n\nAnd {more} more." if more > 0 else shown


def number(value: Any) -> str:
    """Four significant digits; a dash for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "–"
    return f"{value:.4g}"
