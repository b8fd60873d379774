"""Rows in the order of time, cut into chunks: by their number, by rows, or by periods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.performance.sides import Integers

CHUNKS = 10
LEAST_REFERENCE_CHUNKS = 5
_CLOCK = frozenset({"s", "min", "h"})
_PERIOD = re.compile(r"(\d*)\s*(s|min|h|D|W|M|Q|Y)")


@dataclass(frozen=True, eq=False)
class Chunk:
    """A label for people and the positions of its rows."""

    label: str
    rows: Integers


@dataclass(frozen=True)
class Cut:
    """How to cut: exactly one is given, or none for `CHUNKS` chunks of equal size."""

    chunks: int | None = None
    chunk_rows: int | None = None
    every: str | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("chunks", "chunk_rows", "every") if getattr(self, name) is not None]
        if len(given) > 1:
            raise BadInputError(
                f"{' and '.join(given)} say in two ways how to cut the rows into chunks.", "Give one of them."
            )
        for name in ("chunks", "chunk_rows"):
            number = getattr(self, name)
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                raise BadInputError(
                    f"{name} is not a whole number above 0.", f"Give {name}=10, for instance."
                )
        if self.every is not None:
            period(self.every)


def period(every: str) -> tuple[int, str]:
    """How many of which unit "7D" or "1M" is.

    Raises:
        BadInputError: it is no such period.
    """
    match = _PERIOD.fullmatch(every.strip()) if isinstance(every, str) else None
    number = int(match[1] or 1) if match else 0
    if match is None or not 1 <= number <= 1_000_000:
        raise BadInputError(
            "The period of the chunks is none that is known.",
            "Give a number and one of s, min, h, D, W, M, Q, Y: every='7D', for instance.",
        )
    return number, match[2]


def cut_rows(rows: int, cut: Cut, times: pd.Series | None) -> list[Chunk]:
    """The rows 0 to `rows` - 1 as chunks that follow one another; a small last chunk stays one.

    Periods are half-open: a row exactly on a boundary belongs to the later one. They are counted from the one
    that holds the first row. Where times have a zone, days and longer ones go by the clock on the wall and
    shorter ones by UTC, as an hour of that clock may come twice. A period without rows is no chunk.

    Args:
        rows: how many there are, in the order of time.
        cut: the way.
        times: the time of each row, ascending; needed for periods.
    """
    if cut.every is not None and times is not None:
        return _by_period(times, *period(cut.every))
    if cut.chunk_rows is not None:
        parts = np.split(np.arange(rows), range(cut.chunk_rows, rows, cut.chunk_rows))
    else:
        parts = np.array_split(np.arange(rows), min(cut.chunks or CHUNKS, rows))
    return [Chunk(f"rows {part[0] + 1}–{part[-1] + 1}", part) for part in parts]


def cut_reference(rows: int, cut: Cut, times: pd.Series | None, usual: int) -> list[Chunk]:
    """The reference in chunks of about `usual` rows, as many as the chunks to judge usually have.

    By periods where these were asked for and the reference has times; a first or last period of less than
    half the median rows is no measure for the others and does not count. Equal parts else; at least
    `LEAST_REFERENCE_CHUNKS`, as fewer have no spread worth the name.
    """
    if cut.every is not None and times is not None:
        found = _by_period(times, *period(cut.every))
        half = np.median([len(each.rows) for each in found]) / 2
        ends = (found[0], found[-1])
        found = [each for each in found if each not in ends or len(each.rows) >= half]
        if len(found) >= LEAST_REFERENCE_CHUNKS:
            return found
    number = max(LEAST_REFERENCE_CHUNKS, round(rows / usual))
    return cut_rows(rows, Cut(chunks=number), None)


def _by_period(times: pd.Series, number: int, unit: str) -> list[Chunk]:
    import pandas as pd

    local = times
    if times.dt.tz is not None:
        local = (times.dt.tz_convert("UTC") if unit in _CLOCK else times).dt.tz_localize(None)
    ordinals = local.dt.to_period(unit).astype("int64").to_numpy()
    steps = (ordinals - ordinals[0]) // number
    starts = np.flatnonzero(np.r_[True, np.diff(steps) != 0])
    chunks = []
    for part in np.split(np.arange(len(times)), starts[1:]):
        start = pd.Period(ordinal=int(ordinals[0] + steps[part[0]] * number), freq=unit).start_time
        midnight = start == start.normalize()
        chunks.append(Chunk(f"{start:%Y-%m-%d}" if midnight else f"{start:%Y-%m-%d %H:%M:%S}", part))
    return chunks
