"""What was measured of drift reports as tables, and beside the bars."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.drift_accuracy import false_flags
from benchmarks.drift_frame import MATERIAL, NEGLIGIBLE, judged
from benchmarks.drift_sides import EVIDENTLY, OURS, columns_of
from benchmarks.drift_splits import LEVEL, above_level
from benchmarks.tables import Table, mb, ms

if TYPE_CHECKING:
    from benchmarks.drift_accuracy import Pairs
    from benchmarks.drift_sides import Load, Rounds
    from benchmarks.drift_splits import Splits

_TIMES, _PROFILE, _COMPARE, _MEMORY, _PAYLOAD, _FALSE = 100, 1.5, 0.020, 100e6, 100e3, 0.1


def side_table(load: Load, rounds: Rounds) -> Table:
    """What each tool found in the frame, and what that took."""
    rows = []
    for name, samples in rounds.items():
        found = judged(samples[0]["flagged"], columns_of(load, name))
        of = found["found"] + found["missed"]
        rows.append(
            (
                name,
                _spread([sample["cpu"] for sample in samples]),
                _times(rounds, name),
                "–" if samples[0]["memory"] is None else mb(median(_each(samples, "memory"))),
                str(len(columns_of(load, name))),
                f"{len(found['found'])} of {len(of)}",
                ", ".join(found["missed"]) or "–",
                f"{len(found['negligible'])} of {len(NEGLIGIBLE & set(columns_of(load, name)))}",
                str(len(found["identical"])),
                _in_any_chunk(samples[0]),
            )
        )
    columns = (
        "", "CPU, s", "× ours", "memory, MB", "columns", "material", "missed", "negligible", "identical",
        "flagged in any chunk",
    )  # fmt: skip
    return Table(f"{load}: what is flagged, and what it takes", columns, tuple(rows))


def bars_table(sides: dict[Load, Rounds], pairs: Pairs, splits: Splits) -> Table:
    """The figures that are wanted."""
    rows = []
    for load, rounds in sides.items():
        if EVIDENTLY in rounds:
            ratio = median(_ratios(rounds, EVIDENTLY))
            bar = f"≥ {_TIMES} × less" if load.rows == max(each.rows for each in sides) else ""
            rows.append(
                (
                    f"CPU beside Evidently's default, {load}",
                    bar,
                    _times(rounds, EVIDENTLY),
                    _verdict(ratio >= _TIMES) if bar else "",
                )
            )
    load = list(sides)[-1]
    own = sides[load][OURS]
    profile, compare = (median(_each(own, step)) for step in ("profile", "compare"))
    rows.append(
        (f"CPU to profile a frame, {load}", "≤ 1.5 s", f"{profile:.2f} s", _verdict(profile <= _PROFILE))
    )
    rows.append(
        (
            f"CPU to compare two profiles, {load}",
            "≤ 20 ms",
            f"{ms(compare)} ms",
            _verdict(compare <= _COMPARE),
        )
    )
    payload = max(_each(own, "payload"))
    rows.append(
        (
            f"data of a report, gzip, {load}",
            "≤ 100 kB",
            f"{payload / 1e3:.1f} kB",
            _verdict(payload <= _PAYLOAD),
        )
    )
    if own[0]["memory"] is not None:
        memory = median(_each(own, "memory"))
        rows.append((f"memory, {load}", "≤ 100 MB", f"{mb(memory)} MB", _verdict(memory <= _MEMORY)))
    for size, by_place in pairs.items():
        reports = [pair["memory"] for pair in by_place]
        hits = sum(len(pair["found"]) for pair in reports)
        wanted = len(reports) * len(MATERIAL)
        rows.append(
            (f"material found, {size:,} rows", "all", f"{hits} of {wanted}", _verdict(hits == wanted))
        )
        false = false_flags(reports)
        rows.append(
            (f"false flags a report, {size:,} rows", f"≤ {_FALSE}", f"{false:.2f}", _verdict(false <= _FALSE))
        )
    if splits:
        above = above_level(splits)
        told = ", ".join(above) or "none"
        rows.append((f"data sets with false reports above {LEVEL:.0%}", "none", told, _verdict(not above)))
    return Table("Against the bars", ("ours", "bar", "measured", ""), tuple(rows))


def _in_any_chunk(sample: dict[str, Any]) -> str:
    if "in_any_chunk" not in sample:
        return "–"
    found = judged(sample["in_any_chunk"])
    return f"{len(found['found'])} + {len(found['negligible'])} + {len(found['identical'])}"


def _ratios(rounds: Rounds, name: str) -> list[float]:
    """How many times our CPU, round by round."""
    return [
        theirs / own
        for theirs, own in zip(_each(rounds[name], "cpu"), _each(rounds[OURS], "cpu"), strict=True)
    ]


def _times(rounds: Rounds, name: str) -> str:
    if name == OURS:
        return "1"
    ratios = _ratios(rounds, name)
    digits = 0 if median(ratios) >= 20 else 1
    return f"{median(ratios):.{digits}f} ({min(ratios):.{digits}f}–{max(ratios):.{digits}f})"


def _each(samples: list[dict[str, Any]], key: str) -> list[float]:
    return [float(sample[key]) for sample in samples]


def _spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"
