"""JupyterLab with and without the extension: start, typing, scrolling; the sidebar; what idle tabs ask.

Sides take turns; each time JupyterLab and Chromium (without a GPU) are started anew, on a notebook of
300 cells, one in four with the badge of a run. The CPU is that of the page's main thread, which tells more
than a frame's length: that is 17 ms, or twice as much. Needs a built extension: ``make extension``.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.compare_store import spread
from benchmarks.lab_measured import Work, measured, sidebar
from benchmarks.runner import Report, interleave
from benchmarks.tables import Table, ratio

if TYPE_CHECKING:
    from benchmarks.runner import Options

WITHOUT, WITH = "without", "with"
_WORK = Work(cells=300, keys=60, scroll=4_000, runs=10_000, idle=30)
_QUICK = Work(cells=40, keys=3, scroll=300, runs=40, idle=1)
_TOLD = {
    "server": ("the server answers after", 1.0, "s"),
    "page": ("a page is restored after, files in the cache", 1e3, "ms"),
    "key": ("key to paint: median", 1e3, "ms"),
    "slow_key": ("key to paint: 95 %", 1e3, "ms"),
    "key_cpu": ("CPU a key", 1e3, "ms"),
    "frame": ("scrolling, a frame: median", 1e3, "ms"),
    "slow_frame": ("scrolling, a frame: 95 %", 1e3, "ms"),
    "scroll_cpu": ("CPU a second of scrolling", 1e3, "ms"),
}
_NOTES = (
    "median (least–greatest); ×: with the extension, times without in the same round.",
    "key to paint: from the key's time stamp to the paint of the next frame, in a cell in the middle.",
    "scrolling: 3,000 pixels a second; only cells in view are in the page, as JupyterLab does by default.",
    "sidebar: from opening it to the paint of its first runs; first: no index, no process of the project.",
)


def measure(options: Options) -> Report:
    """Both sides in turn, then the sidebar."""
    work = _QUICK if options.is_quick else _WORK

    def side(name: str) -> dict[str, float]:
        options.say(f"{work.cells} cells, {name} the extension")
        return measured(name == WITH, work)

    rounds = interleave({name: lambda name=name: side(name) for name in (WITHOUT, WITH)}, options.repeats)
    options.say(f"the sidebar with {work.runs:,} runs")
    panels = [sidebar(work) for _ in range(options.repeats)]
    tables = (sides_table(work.cells, rounds), panel_table(work, panels))
    return Report(tables, _NOTES, {"sides": rounds, "sidebar": panels})


def sides_table(cells: int, rounds: dict[str, list[dict[str, float]]]) -> Table:
    """Each figure without and with, and the ratio within a round."""
    rows = []
    for key, (told, scale, unit) in _TOLD.items():
        plain, ours = ([sample[key] * scale for sample in rounds[name]] for name in (WITHOUT, WITH))
        shares = [own / other for own, other in zip(ours, plain, strict=True)]
        rows.append(
            (f"{told}, {unit}", spread(plain), spread(ours), ratio(median(shares), min(shares), max(shares)))
        )
    return Table(f"A notebook of {cells} cells", ("", WITHOUT, WITH, "×"), tuple(rows))


def panel_table(work: Work, panels: list[dict[str, float]]) -> Table:
    """Seconds to open the sidebar, its rows in the page, and requests of a page that nobody touches."""
    told = {
        "first": "opened for the first time, s",
        "again": "opened again on a new page, s",
        "rows": "rows in the page",
        "closed": f"requests in {work.idle} s, sidebar closed",
        "looked": f"requests in {work.idle} s, sidebar open",
        "hidden": f"requests in {work.idle} s, sidebar open, tab hidden",
    }
    rows = tuple((text, spread([panel[key] for panel in panels])) for key, text in told.items())
    return Table(f"The sidebar with {work.runs:,} runs", ("", "median"), rows)
