"""What runs differ in, in lines and cells of text: the same words for the terminal and for static HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.comparison.data import DataDiff
    from jupyter_mlops.comparison.data_change import DataChange
    from jupyter_mlops.comparison.environment import EnvironmentDiff
    from jupyter_mlops.comparison.metrics import MetricDiff, MetricDifference
    from jupyter_mlops.comparison.run_diff import RunDiff

NONE = "–"
MOST_NAMES = 8
CHANGES_BETWEEN_EXECUTIONS = frozenset({"session", "folder", "source", "user", "host", "git commit"})
"""Facts that differ where a notebook is run again; left out of the text."""


def title_of(diff: RunDiff) -> str:
    """Which run is compared with which."""
    base, *others = (run.name for run in diff.runs)
    return f"{' and '.join(others)} beside {base}"


def number_text(value: float | None) -> str:
    """Four digits; a dash where there is no number."""
    return NONE if value is None else f"{value:.4g}".replace("-", "−")


def difference_text(row: MetricDiff, difference: MetricDifference) -> str:
    """A difference with its sign, which way it goes, and its interval or why there is none."""
    value, low, high = difference.value, difference.low, difference.high
    if value is None:
        return NONE
    signed = f"+{number_text(value)}" if value > 0 else number_text(value)
    if value == 0:
        return "equal"
    word = "worse" if (value > 0) == row.lower_is_better else "better"
    if low is None or high is None:
        return f"{signed} {word}" + (f" ({difference.note})" if difference.note else "")
    open_said = ", may be chance" if low <= 0 <= high else ""
    return f"{signed} {word}{open_said} ({number_text(low)} to {number_text(high)})"


def changed_data(diff: RunDiff) -> list[DataDiff]:
    """The data that are not the same in all runs."""
    return [row for row in diff.data if not row.same]


def data_text(row: DataDiff, at: int) -> str:
    """What became of data in the run at that place after the first."""
    base, other = row.digests[0], row.digests[at + 1]
    if base == other:
        return "the same" if base is not None else NONE
    if base is None or other is None:
        return "only here" if base is None else "not here"
    change = row.changes[at]
    return NONE if change is None else change_text(change)


def change_text(change: DataChange) -> str:
    """Rows, columns, cells and shifts of a change in one line."""
    return "; ".join(part for part in _parts(change) if part) or "nothing that counts changed"


def _parts(change: DataChange) -> list[str]:
    before, after = ("?" if count is None else f"{count:,}" for count in change.rows)
    counts = ((change.rows_removed, "removed"), (change.rows_added, "added"))
    moved = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    rows = f"{before} → {after} rows" if before != after else f"{before} rows" if moved else ""
    cells = [
        each.column if each.changed is None else f"{each.column} ({each.changed:,})" for each in change.cells
    ]
    drifted = [
        each.column if each.effect is None else f"{each.column} ({each.effect_name} {each.effect:.2f})"
        for each in change.shift
        if each.verdict == "drift"
    ]
    return [
        f"{rows}: {moved}" if moved else rows,
        f"columns added: {listed(change.columns_added)}" if change.columns_added else "",
        f"columns removed: {listed(change.columns_removed)}" if change.columns_removed else "",
        f"cells changed: {listed(cells)}" if cells else "",
        f"drifts: {listed(drifted)}" if drifted else "",
        change.note,
    ]


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def how_many(differ: int, total: int) -> str:
    """How many of all differ; says so where there are none."""
    if not total:
        return "none"
    return f"{differ} of {total} differ" if differ else f"all {total} are the same"


def code_counts(diff: RunDiff) -> str:
    """How many statements are changed, added, removed, the same."""
    kinds = [each.kind for each in diff.code.statements]
    counts = [
        f"{kinds.count(kind)} {kind}" for kind in ("changed", "added", "removed", "same") if kind in kinds
    ]
    return ", ".join(counts) or diff.code.note or "none"


def differing_facts(
    environment: EnvironmentDiff, without: frozenset[str] = frozenset()
) -> list[tuple[str, tuple[str | None, ...]]]:
    """Packages and facts that differ, packages first."""
    packages = [(each.name, each.versions) for each in environment.packages]
    facts = [(each.name, each.values) for each in environment.facts if not each.same]
    return [*packages, *((name, values) for name, values in facts if name not in without)]
