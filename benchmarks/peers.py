"""What a cell costs more under tracking, ipyflow and Kishu, each against plain IPython.

ipyflow and Kishu get an environment of their own, ``.venv-peers``, made at the first call from ``peers.txt``
(this needs a package index), and are compared with plain IPython in that environment. Every repetition of
every side is a fresh process; sides take turns. Nobody logs runs here: what is compared is capture alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.cell_cost import cells_table
from benchmarks.environments import environment
from benchmarks.processes import ROOT, open_bench
from benchmarks.runner import Report, interleave
from benchmarks.sessions import SESSIONS
from benchmarks.tables import Table, mb

if TYPE_CHECKING:
    from benchmarks.runner import Options

Sessions = dict[str, dict[str, list[dict[str, Any]]]]
"""What was measured: by session, by side, one for each repetition."""

_HOME = ROOT / ".venv-peers"
_WANTED = Path(__file__).with_name("peers.txt")
_NOTES = (
    "each side against plain IPython in its own environment, with the same versions of what the cells use.",
    "tracking stores versions of data in the background, Kishu all values in the cell, ipyflow nothing.",
    "disk: tracking's snapshots and journal, Kishu's database. memory: the peak above plain IPython's.",
    "Kishu is attached without its front end, ipyflow by `%load_ext ipyflow` in the same shell.",
)


def measure(options: Options) -> Report:
    """Run the sessions on all sides."""
    peers = interpreter(options)
    found: Sessions = {}
    with open_bench() as bench:
        for name in SESSIONS:
            options.say(name)
            sides = {
                "plain": partial(bench.measure, "plain", name),
                "tracked": partial(bench.measure, "tracked", name),
                "plain, peers": partial(bench.measure, "plain", name, python=peers),
                "ipyflow": partial(bench.measure, "ipyflow_side", name, python=peers),
                "Kishu": partial(bench.measure, "kishu_side", name, python=peers),
            }
            found[name] = interleave(sides, options.repeats)
    tables = (
        _cells(found, "wall", "Wall clock, ms"),
        _cells(found, "thread", "CPU of the thread that runs the cells, ms"),
        _places(found),
    )
    return Report(tables, _NOTES, {"sessions": found})


def _cells(found: Sessions, clock: str, heading: str) -> Table:
    tables = [
        cells_table(
            {name: {"plain": samples[plain], side: samples[side]}}, clock, heading, {"total ×": clock}
        )
        for name, samples in found.items()
        for side, plain in (("tracked", "plain"), ("ipyflow", "plain, peers"), ("Kishu", "plain, peers"))
    ]
    return replace(tables[0], rows=tuple(row for table in tables for row in table.rows))


def _places(found: Sessions) -> Table:
    rows = []
    for name, samples in found.items():
        own, theirs = _middle(samples["plain"], "peak"), _middle(samples["plain, peers"], "peak")
        rows.append(
            (
                name,
                mb(_middle(samples["tracked"], "snapshots") + _middle(samples["tracked"], "journal")),
                mb(_middle(samples["Kishu"], "stored")),
                mb(_middle(samples["tracked"], "peak") - own),
                mb(_middle(samples["ipyflow"], "peak") - theirs),
                mb(_middle(samples["Kishu"], "peak") - theirs),
            )
        )
    columns = (
        "session", "disk, tracked", "disk, Kishu", "memory, tracked", "memory, ipyflow", "memory, Kishu",
    )  # fmt: skip
    return Table("Disk and memory, MB", columns, tuple(rows))


def _middle(samples: list[dict[str, Any]], key: str) -> float:
    return float(median(sample[key] for sample in samples))


def interpreter(options: Options) -> str:
    """Python of the peers' environment, which is made or brought up to date first."""
    return environment(_HOME, _WANTED.read_text("utf-8"), options.say)
