"""What a cell costs more beside a frame of a million rows and 50 columns: untouched, read, changed.

The frame is that of `snapshots`. Before the cells that are measured, the first version of the frame is
stored: how long that takes in the background is in the notes. Every repetition is a fresh process, and the
cells run back to back. The CPU time of the thread that runs the cells is what tracking does in the
foreground; the wall clock has the background work in it as well.
"""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.processes import open_bench
from benchmarks.runner import Report, interleave
from benchmarks.sessions import Cell, Session
from benchmarks.tables import Table, ms

if TYPE_CHECKING:
    from benchmarks.runner import Options

Samples = dict[str, list[dict[str, Any]]]

BARS = {"untouched": 2.0, "read": 5.0, "one column changed": 30.0}
"""What tracking may add to a cell in the foreground, in ms, by what the cell does with the frame."""

_CELLS = (
    ("untouched", "x = 1"),
    ("untouched", "total = sum(range(1000))"),
    ("untouched", "words = [str(n) for n in range(100)]"),
    ("untouched", "x + total"),
    ("read", "df.shape"),
    ("read", "mean = df['f0'].mean()"),
    ("read", "first = df.head()"),
    ("read", "most = df['r1'].max()"),
    ("read", "counts = df['s0'].value_counts()"),
    ("one column changed", "df['f3'] = df['f3'] * 2"),
    ("one column changed", "df.loc[5, 'f2'] = 1.5"),
    ("one column changed", "df['new'] = df['f1'] - df['r1']"),
    ("one column changed", "df['n0'] = df['n0'].fillna(0.0)"),
    ("one column changed", "df['s1'] = df['s1'].str.upper()"),
    ("read", "df.shape"),
    ("untouched", "x = 2"),
)


def session(name: str, rows: int) -> Session:
    """The session with a frame of that many rows; its first two cells make the frame, and store it."""
    making = f"from benchmarks.snapshots import notebook_frame\ndf = notebook_frame({rows})"
    settling = "from benchmarks.large_frame import settle\nsettled = settle()"
    return Session(
        name,
        f"a frame of {rows:,} × 50 is there all the time",
        (Cell(making), Cell(settling), *(Cell(source) for _, source in _CELLS)),
    )


LARGE = session("large", 1_000_000)
SMALL = session("small", 5_000)
"""To see that it works."""


def settle() -> None:
    """Wait until what tracking stores in the background is stored; nothing without tracking."""
    from jupyter_mlops.notebook.session import current_session

    tracked = current_session()
    if tracked is not None:
        tracked.keeper.drain()


def measure(options: Options, name: str = LARGE.name) -> Report:
    """Run the session plain and tracked."""
    with open_bench() as bench:
        options.say(name)
        sides = {side: partial(bench.measure, side, name) for side in ("plain", "tracked")}
        samples = interleave(sides, options.repeats)
    storing = median(sample["cells"][1]["wall"] for sample in samples["tracked"])
    notes = (
        f"the first version of the frame is stored in the background: {ms(storing)} ms, wall.",
        "added: the median over the repetitions of the difference to plain IPython; bar: what it may be.",
    )
    tables = tuple(
        _table(samples, clock, heading)
        for clock, heading in (("thread", "CPU of the thread that runs the cells, ms"), ("wall", "Wall, ms"))
    )
    return Report(tables, notes, {"samples": samples})


def _table(samples: Samples, clock: str, heading: str) -> Table:
    rows = []
    for kind, bar in BARS.items():
        places = [place for place, (what, _) in enumerate(_CELLS, 2) if what == kind]
        added = {place: _added(samples, place, clock) for place in places}
        worst = max(places, key=added.__getitem__)
        plain = median(sample["cells"][place][clock] for sample in samples["plain"] for place in places)
        source = _CELLS[worst - 2][1]
        rows.append(
            (kind, ms(plain), ms(median(added.values())), f"{ms(added[worst])}  {source}", f"{bar:g}")
        )
    columns = ("the frame is", "plain median cell", "added, median", "added, worst cell", "bar")
    return Table(heading, columns, tuple(rows))


def _added(samples: Samples, place: int, clock: str) -> float:
    pairs = zip(samples["plain"], samples["tracked"], strict=True)
    return median(there["cells"][place][clock] - here["cells"][place][clock] for here, there in pairs)
