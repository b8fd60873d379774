"""What a drift result says beside its columns, a line each: over time, by segment, together, of a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jupyter_mlops.widgets.static import cut, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift import DriftResult

NAMES = 3


def part_lines(result: DriftResult) -> list[str]:
    """The parts that were asked for, and what could not be told."""
    found = [_over_time(result), _segments(result), _together(result)]
    if result.performance is not None:
        found.append(f"performance: {plain(result.performance.summary)}")
    return [line for line in found if line] + said(result)


def said(result: DriftResult) -> list[str]:
    """How often the reference is flagged against itself, and what could not be told."""
    itself = [result.with_itself.summary] if result.with_itself is not None else []
    return [plain(line) for line in (*itself, *result.notes)]


def _over_time(result: DriftResult) -> str:
    if result.over_time is None:
        return ""
    labels = result.over_time.labels
    first = {
        name: each.alarm.index(True) for name, each in result.over_time.columns.items() if any(each.alarm)
    }
    if not first:
        return f"over time: no alarm in {len(labels)} chunks"
    names = sorted(first, key=first.__getitem__)
    since = [f"{cut(plain(name))} (first in {plain(labels[first[name]])})" for name in names[:NAMES]]
    return f"over time: alarms in {_listed(since, len(names))}"


def _segments(result: DriftResult) -> str:
    if result.segments is None:
        return ""
    found, by = result.segments.segments, cut(plain(result.segments.by))
    bad = [cut(plain(each.label)) for each in found if each.verdict == "drift"]
    few = sum(each.columns.empty for each in found)
    unsure = f"; too few rows in {few}" if few else ""
    if not bad:
        return f"by {by}: no drift in {len(found)} segments{unsure}"
    return f"by {by}: {len(bad)} of {len(found)} segments drift: {_listed(bad[:NAMES], len(bad))}{unsure}"


def _together(result: DriftResult) -> str:
    told = [
        f"{test.name} {test.verdict}"
        + ("" if math.isnan(test.value) else f" ({test.value_name} {test.value:.3g})")
        for test in result.multivariate or ()
    ]
    return f"together: {', '.join(told)}" if told else ""


def _listed(shown: Sequence[str], total: int) -> str:
    more = f" and {total - len(shown)} more" if total > len(shown) else ""
    return ", ".join(shown) + more
