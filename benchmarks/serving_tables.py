"""What was measured of servers as tables, and beside the bars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.tables import Table, mb, ms

Found = dict[str, list[dict[str, Any]]]
"""By server, one for each round."""
Of = Callable[[dict[str, Any]], float]
"""A figure of one round of one server."""

_BASE, _COMPILED, _SKLEARN = "mlflow", "bundle, compiled", "bundle, sklearn"


def _at(*keys: str) -> Of:
    def of(sample: dict[str, Any]) -> float:
        value: Any = sample
        for key in keys:
            value = value[key]
        return float(value)

    return of


@dataclass(frozen=True)
class _Bar:
    """A figure that is wanted: `times` better than mlflow's."""

    what: str
    side: str
    of: Of
    times: float
    is_more: bool = False


_BARS = (
    _Bar("compiled: CPU of a request of one row", _COMPILED, _at("one", "cpu"), 150),
    _Bar("compiled: CPU of a request of 1,000 rows", _COMPILED, _at("many", "cpu"), 6),
    _Bar("compiled: cold start", _COMPILED, _at("start"), 10),
    _Bar("compiled: memory, rows asked for one by one", _COMPILED, _at("sixteen", "pss"), 8),
    _Bar("compiled: memory, 1,000 rows at once", _COMPILED, _at("many", "pss"), 8),
    _Bar("sklearn: requests/s, 16 connections", _SKLEARN, _at("sixteen", "rate"), 5, is_more=True),
    _Bar("sklearn: CPU of a row, asked for one by one", _SKLEARN, _at("one", "cpu"), 1.5),
    _Bar("sklearn: CPU of a row, 1,000 at once", _SKLEARN, _at("many", "cpu"), 1.5),
)
_P50_BAR, _SIZE_BAR = 0.0005, 150e6


def tables(found: Found, sizes: dict[str, int]) -> tuple[Table, ...]:
    """CPU, wall clock, the rest, and the bars."""
    return _cpu(found), _wall(found), _place(found, sizes), _bars(found, sizes)


def _cpu(found: Found) -> Table:
    columns: list[str] = [""]
    loads = (("one", "1 row"), ("sixteen", "1 row, 16 connections"), ("many", "1,000 rows"))
    for _, heading in loads:
        columns += [heading, "×"]
    rows = []
    for name in found:
        cells = [name]
        for key, _ in loads:
            cells += [_spread(found[name], _at(key, "cpu"), _fine), _times(found, name, _at(key, "cpu"))]
        rows.append(tuple(cells))
    return Table("CPU of a request, ms", tuple(columns), tuple(rows))


def _wall(found: Found) -> Table:
    columns = ("", "p50, ms", "p99, ms", "requests/s", "×", "requests/s, 16 connections", "×", "rows/s", "×")
    rows = tuple(
        (
            name,
            _fine(_middle(samples, _at("one", "p50"))),
            _fine(_middle(samples, _at("one", "p99"))),
            f"{_middle(samples, _at('one', 'rate')):,.0f}",
            _times(found, name, _at("one", "rate"), is_more=True),
            f"{_middle(samples, _at('sixteen', 'rate')):,.0f}",
            _times(found, name, _at("sixteen", "rate"), is_more=True),
            f"{1000 * _middle(samples, _at('many', 'rate')):,.0f}",
            _times(found, name, _at("many", "rate"), is_more=True),
        )
        for name, samples in found.items()
    )
    return Table("Wall clock", columns, rows)


def _place(found: Found, sizes: dict[str, int]) -> Table:
    columns = (
        "", "cold start, s", "×", "its CPU, s", "memory, single rows, MB", "×", "memory, 1,000 rows, MB", "×",
        "processes", "environment, MB",
    )  # fmt: skip
    rows = tuple(
        (
            name,
            _spread(samples, _at("start"), lambda value: f"{value:.2f}"),
            _times(found, name, _at("start")),
            f"{_middle(samples, _at('start_cpu')):.2f}",
            f"{_middle(samples, _at('sixteen', 'pss')) / 1e6:.0f}",
            _times(found, name, _at("sixteen", "pss")),
            f"{_middle(samples, _at('many', 'pss')) / 1e6:.0f}",
            _times(found, name, _at("many", "pss")),
            f"{_middle(samples, _at('many', 'processes')):.0f}",
            f"{sizes[name] / 1e6:.0f}" if name in sizes else "–",
        )
        for name, samples in found.items()
    )
    return Table("To start, to hold, to install", columns, rows)


def _bars(found: Found, sizes: dict[str, int]) -> Table:
    rows = []
    for bar in _BARS:
        ratio = median(_ratios(found, bar.side, bar.of, is_more=bar.is_more))
        measured = _times(found, bar.side, bar.of, is_more=bar.is_more)
        wanted = f"≥ {bar.times:g} × {'more' if bar.is_more else 'less'}"
        rows.append((bar.what, wanted, measured, _verdict(ratio >= bar.times)))
    p50 = _middle(found[_COMPILED], _at("one", "p50"))
    rows.append(("compiled: p50", f"< {ms(_P50_BAR)} ms", f"{_fine(p50)} ms", _verdict(p50 < _P50_BAR)))
    if _COMPILED in sizes:
        size = sizes[_COMPILED]
        limit = f"≤ {_SIZE_BAR / 1e6:.0f} MB"
        rows.append(("compiled: environment", limit, f"{mb(size)} MB", _verdict(size <= _SIZE_BAR)))
    return Table("Against the bars", ("against mlflow", "bar", "measured", ""), tuple(rows))


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _middle(samples: list[dict[str, Any]], of: Of) -> float:
    return median(map(of, samples))


def _ratios(found: Found, name: str, of: Of, *, is_more: bool = False) -> list[float]:
    """How many times better than mlflow, round by round."""
    pairs = zip(map(of, found[_BASE]), map(of, found[name]), strict=True)
    return [theirs / base if is_more else base / theirs for base, theirs in pairs]


def _times(found: Found, name: str, of: Of, *, is_more: bool = False) -> str:
    if name == _BASE:
        return "1"
    ratios = _ratios(found, name, of, is_more=is_more)
    digits = 0 if median(ratios) >= 20 else 1
    return f"{median(ratios):,.{digits}f} ({min(ratios):,.{digits}f}–{max(ratios):,.{digits}f})"


def _spread(samples: list[dict[str, Any]], of: Of, text: Callable[[float], str]) -> str:
    values = [of(sample) for sample in samples]
    return f"{text(median(values))} ({text(min(values))}–{text(max(values))})"


def _fine(seconds: float) -> str:
    """Milliseconds with three figures."""
    value = seconds * 1000
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
