"""The tools whose drift reports are compared, each on the same files in a fresh process."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.drift_frame import COLUMNS, MANY_VALUES, TEN, write_pair
from benchmarks.environments import environment
from benchmarks.processes import ROOT
from benchmarks.runner import interleave

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.processes import Bench
    from benchmarks.runner import Options

Rounds = dict[str, list[dict[str, Any]]]
"""What was measured of each side, one for each repetition."""

_HOME = ROOT / ".venv-drift"
_SHARED = "numpy==2.4.6\npyarrow==26.0.1\nscipy==1.17.1\n"
_EVIDENTLY = f"evidently==0.7.23\npandas==2.3.3\n{_SHARED}"
"""It cannot be imported beside pandas 3."""
_NANNYML = f"nannyml==0.13.1\npandas==3.1.1\nscikit-learn==1.9.1\nstatsmodels==0.15.0\n{_SHARED}"
"""statsmodels is what it imports and does not ask for."""


@dataclass(frozen=True)
class Side:
    """A tool with settings."""

    worker: str
    home: str = ""
    """Its environment's folder; without one it runs in the environment of the project."""
    wanted: str = ""
    """What goes into its environment."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    many_values: bool = True
    """Whether it gets through columns of many values in minutes."""

    def python(self, say: Callable[[str], None]) -> str:
        """Its interpreter, after making its environment if there is none yet."""
        return environment(_HOME / self.home, self.wanted, say) if self.home else sys.executable


OURS = "ours"
EVIDENTLY = "Evidently"
SIDES: Mapping[str, Side] = {
    EVIDENTLY: Side("drift_evidently", "evidently", _EVIDENTLY, many_values=False),
    "Evidently, KS and chi-square": Side(
        "drift_evidently",
        "evidently",
        _EVIDENTLY,
        {"num_method": "ks", "cat_method": "chisquare"},
        many_values=False,
    ),
    "NannyML": Side(
        "drift_nannyml",
        "nannyml",
        _NANNYML,
        {"continuous_methods": ["jensen_shannon"], "categorical_methods": ["jensen_shannon"]},
    ),
    "NannyML, KS and chi-square": Side(
        "drift_nannyml",
        "nannyml",
        _NANNYML,
        {"continuous_methods": ["kolmogorov_smirnov"], "categorical_methods": ["chi2"]},
    ),
    OURS: Side("drift_own"),
}


@dataclass(frozen=True)
class Load:
    """A size of the frame."""

    rows: int
    columns: tuple[str, ...] = COLUMNS
    sides: tuple[str, ...] = tuple(SIDES)

    def __str__(self) -> str:
        return f"{self.rows:,} × {len(self.columns)}"


LOADS = (
    Load(100_000),
    Load(1_000_000, TEN),
    # Evidently was stopped here after 400 s
    Load(1_000_000, sides=("NannyML", "NannyML, KS and chi-square", OURS)),
)
QUICK = (Load(5_000, sides=(OURS,)), Load(5_000, TEN, (OURS,)))


def measure_sides(bench: Bench, options: Options) -> dict[Load, Rounds]:
    """All sides in turn on each load."""
    loads = QUICK if options.is_quick else LOADS
    pythons = {name: SIDES[name].python(options.say) for load in loads for name in load.sides}
    files = {rows: write_pair(bench.folder, rows) for rows in {load.rows for load in loads}}
    found: dict[Load, Rounds] = {}
    for load in loads:
        reference, current = files[load.rows]
        sides = {}
        for name in load.sides:
            task = {
                "reference": str(reference),
                "current": str(current),
                "columns": columns_of(load, name),
                "settings": SIDES[name].settings,
            }
            sides[name] = partial(_one, bench, options, name, pythons[name], load, task)
        found[load] = interleave(sides, options.repeats)
    return found


def columns_of(load: Load, name: str) -> list[str]:
    """Those that a side reads."""
    return [each for each in load.columns if SIDES[name].many_values or each not in MANY_VALUES]


def _one(
    bench: Bench, options: Options, name: str, python: str, load: Load, task: dict[str, Any]
) -> dict[str, Any]:
    options.say(f"{load}: {name}")
    found, _ = bench.ask(SIDES[name].worker, task, python=python)
    return found
