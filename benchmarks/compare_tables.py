"""What was measured of widgets that show runs, as tables, and beside the bars."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.compare_sides import METRICS, OURS, SIDES
from benchmarks.compare_store import COLD, WARM, first_seconds, spread, times
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.compare_store import Opened

Rounds = dict[str, list[dict[str, Any]]]
"""What was measured of each side at one size, one for each round."""

_BARS: tuple[tuple[str, str, float, bool], ...] = (
    ("on screen after the cell", "after_cell", 0.5, True),
    ("filter", "filter", 0.1, True),
    ("sort", "sort", 0.1, True),
    ("scrolling, frames/s", "frames", 50, False),
)
_SAVED = {1_000: 350_000, 10_000: 1_000_000}
_COLD, _WARM = 2.0, 0.2


def widget_tables(rows: int, rounds: Rounds) -> list[Table]:
    """Until the runs are on screen, and what using them takes."""
    sides = list(rounds)
    show = [
        (
            SIDES[name].title,
            _told(rounds, name, "whole"),
            _times(rounds, name, "whole"),
            _told(rounds, name, "after_cell"),
            _told(rounds, name, "longest"),
            _one(rounds, name, "nodes", lambda nodes: f"{nodes:,.0f}"),
            _one(rounds, name, "saved", lambda size: f"{size / 1e3:,.0f}"),
            _one(rounds, name, "executed", lambda size: f"{size / 1e3:,.0f}"),
        )
        for name in sides
    ]
    use = [
        (
            SIDES[name].title,
            _told(rounds, name, "filter", 1e3),
            _told(rounds, name, "sort", 1e3),
            _one(rounds, name, "frames", "{:.0f}".format),
            _one(rounds, name, "slow_frames", "{:.0f}".format),
            _problems(rounds[name]),
        )
        for name in sides
    ]
    of = f"{rows:,} runs × {METRICS} metrics"
    return [
        Table(
            f"{of}: on screen, and in the saved notebook",
            (
                "", "run to screen, s", "× ours", "cell's end to screen, s", "longest task, s", "DOM nodes",
                "saved by Lab, kB", "by nbclient, kB",
            ),
            tuple(show),
        ),
        Table(
            f"{of}: in use",
            ("", "filter, ms", "sort, ms", "scrolling, frames/s", "its slowest 5 %", "problems"),
            tuple(use),
        ),
    ]  # fmt: skip


def bars_table(sizes: dict[int, Rounds], opened: Opened) -> Table:
    """The figures that are wanted of ours."""
    rows = []
    largest = max(sizes)
    for what, key, bar, is_most in _BARS:
        values = _values(sizes[largest][OURS], key)
        if not values:
            rows.append((f"{what}, {largest:,} runs", _bar(bar, is_most), "–", "**not measured**"))
            continue
        middle = median(values)
        is_met = middle <= bar if is_most else middle >= bar
        rows.append((f"{what}, {largest:,} runs", _bar(bar, is_most), _figure(middle), _verdict(is_met)))
    for size, rounds in sizes.items():
        for key, how in (("saved", "Lab"), ("executed", "nbclient")):
            values = _values(rounds[OURS], key)
            if values and size in _SAVED:
                limit, taken = _SAVED[size], median(values)
                told = f"{taken / 1e3:,.0f} kB"
                bar = f"≤ {limit / 1e3:,.0f} kB"
                rows.append(
                    (f"the notebook grows, {size:,} runs, {how}", bar, told, _verdict(taken <= limit))
                )
    for name, bar in ((COLD, _COLD), (WARM, _WARM)):
        taken = first_seconds(opened, name)
        rows.append(
            (
                f"open {opened[name][0]['runs']:,} runs of MLflow, {name}",
                f"≤ {bar} s",
                f"{taken:.2f} s",
                _verdict(taken <= bar),
            )
        )
    return Table("Against the bars", ("ours", "bar", "measured", ""), tuple(rows))


def _values(samples: list[dict[str, Any]], key: str) -> list[float]:
    return [float(sample[key]) for sample in samples if key in sample]


def _told(rounds: Rounds, name: str, key: str, scale: float = 1) -> str:
    values = [value * scale for value in _values(rounds[name], key)]
    return spread(values, 0 if scale > 1 else 2) if values else "–"


def _one(rounds: Rounds, name: str, key: str, text: Callable[[float], str]) -> str:
    values = _values(rounds[name], key)
    return text(median(values)) if values else "–"


def _times(rounds: Rounds, name: str, key: str) -> str:
    pairs = [
        (theirs[key], own[key])
        for theirs, own in zip(rounds[name], rounds[OURS], strict=True)
        if key in theirs and key in own
    ]
    return times(*map(list, zip(*pairs, strict=True))) if pairs else "–"


def _problems(samples: list[dict[str, Any]]) -> str:
    told = [sample["problem"] for sample in samples if "problem" in sample]
    return f"{len(told)} of {len(samples)}: {told[0]}".replace("|", "/") if told else ""


def _bar(bar: float, is_most: bool) -> str:
    return f"≤ {bar:g} s" if is_most else f"≥ {bar:g}"


def _figure(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.0f}"


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"
