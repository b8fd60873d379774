"""Twenty steps of a notebook on one frame: what each version costs to store, and that all come back.

The frame is 1,000,000 × 50 (585 MB): numbers, text of few and of many values, ids. Columns are added,
filled, edited, sorted, filtered, appended to, renamed, cast and dropped. After each step the version is put
into a snapshot store as tracking does it, and written as one Parquet file with zstd level 1, which is what
one would do without a store. At the end every version is restored and compared by its digest.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.runner import Report
from benchmarks.tables import Table, mb, ms
from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.runner import Options

ROWS = 1_000_000
Frame = pd.DataFrame


def notebook_frame(rows: int) -> Frame:
    g = np.random.default_rng(0)
    columns: dict[str, object] = {}
    for i in range(15):
        columns[f"f{i}"] = g.normal(size=rows) * 10.0 ** int(g.integers(-2, 4))
    for i in range(10):
        columns[f"r{i}"] = np.round(g.lognormal(3, 1, rows), 2)
    for i in range(5):
        columns[f"c{i}"] = g.poisson(20, rows).astype(float)
    for i in range(5):
        values = g.normal(size=rows)
        values[g.random(rows) < 0.3] = np.nan
        columns[f"n{i}"] = values
    for i, k in enumerate((3, 5, 8, 12, 20, 50, 100, 200, 400, 500)):
        words: Any = pd.array([f"cat_{i}_{j:03d}" for j in range(k)], dtype="str")
        columns[f"s{i}"] = words.take(g.integers(0, k, rows))
    for i in range(5):
        columns[f"h{i}"] = pd.array([f"id-{v:016x}" for v in g.integers(0, 2**63, rows)], dtype="str")
    return Frame(columns)


def append(d: Frame, seed: int) -> Frame:
    t = d.sample(len(d) // 100, random_state=seed)
    for name in d.columns[:15]:
        if t[name].dtype == np.float64:
            t[name] = t[name] + np.random.default_rng(seed).normal(size=len(t))
    return pd.concat([d, t], ignore_index=True)


def notebook_steps() -> Iterator[tuple[str, Callable[[Frame], Frame]]]:
    """The steps, each from one version to the next."""
    e = np.random.default_rng(1)

    def edit(column: str, value: float) -> Callable[[Frame], Frame]:
        def ten(d: Frame) -> Frame:
            d = d.copy(deep=False)
            d.loc[d.index[e.integers(0, len(d), 10)], column] = value
            return d

        return ten

    yield "a1 = f0*r1", lambda d: d.assign(a1=d.f0 * d.r1)
    yield "n0 = n0.fillna(0.)", lambda d: d.assign(n0=d.n0.fillna(0.0))
    yield "edit 10 of f2", edit("f2", 1.5)
    yield "a2 = s3.str.upper()", lambda d: d.assign(a2=d.s3.str.upper())
    yield "sort_values(r0)", lambda d: d.sort_values("r0")
    yield "r2 = log1p(r2)", lambda d: d.assign(r2=np.log1p(d.r2))
    yield "keep 99.9 % of the rows", lambda d: d[e.random(len(d)) > 0.001]
    yield "append 1 %", lambda d: append(d, 5)
    yield "a3 = c1/(c2+1)", lambda d: d.assign(a3=d.c1 / (d.c2 + 1))
    yield "edit 10 of c3", edit("c3", -1)
    yield "rename f5", lambda d: d.rename(columns={"f5": "feature5"})
    yield "f7 = f7.clip(-1, 1)", lambda d: d.assign(f7=d.f7.clip(-1, 1))
    yield "drop h4", lambda d: d.drop(columns="h4")
    yield (
        "three derived columns",
        lambda d: d.assign(b1=d.f1.rolling(5, min_periods=1).mean(), b2=d.r3 - d.r4, b3=d.f3.rank()),
    )
    yield "iloc[1000:]", lambda d: d.iloc[1000:]
    yield "append 1 % again", lambda d: append(d, 6)
    yield "f9 to float32", lambda d: d.astype({"f9": "float32"})
    yield "edit 10 of b2", edit("b2", 0)
    yield "sort_values(f1), new index", lambda d: d.sort_values("f1", ignore_index=True)
    yield "copy()", lambda d: d.copy()


@dataclass(frozen=True)
class Cost:
    """Bytes written, and seconds on the wall and of all threads."""

    size: int
    wall: float
    cpu: float


@dataclass(frozen=True)
class Step:
    """One version, stored in both ways; `recipe` is how the snapshot store did it."""

    what: str
    recipe: str
    snapshot: Cost
    parquet: Cost


def measure(options: Options) -> Report:
    """Make the versions once: sizes are exact, and each of twenty steps is timed beside its Parquet file."""
    options.say("twenty-one versions of a frame of 585 MB")
    steps, restored, seconds = run(ROWS)
    rows = [
        (
            f"{number} {step.what}",
            step.recipe,
            *(mb(cost.size) for cost in (step.snapshot, step.parquet)),
            *(ms(cost.cpu) for cost in (step.snapshot, step.parquet)),
        )
        for number, step in enumerate(steps)
    ]
    later = steps[1:]
    ours, theirs = ([getattr(step, side) for step in later] for side in ("snapshot", "parquet"))
    sums = (
        (
            "twenty versions after the first, MB",
            mb(sum(c.size for c in ours)),
            mb(sum(c.size for c in theirs)),
        ),
        ("their CPU, ms", ms(sum(c.cpu for c in ours)), ms(sum(c.cpu for c in theirs))),
        ("median step, wall, ms", ms(median(c.wall for c in ours)), ms(median(c.wall for c in theirs))),
        ("restored equal", f"{restored} of {len(steps)}", "–"),
        ("to restore one, wall, ms", ms(seconds / len(steps)), "–"),
    )
    columns = ("step", "recipe", "MB", "Parquet, MB", "CPU, ms", "Parquet, CPU, ms")
    tables = (
        Table("Each version", columns, tuple(rows)),
        Table("In all", ("what", "snapshot store", "Parquet files"), sums),
    )
    if restored != len(steps):
        raise SystemExit(f"{len(steps) - restored} versions did not come back equal")
    data = [{**vars(s), "snapshot": vars(s.snapshot), "parquet": vars(s.parquet)} for s in steps]
    notes = (
        "each version is put with the digest of the one before it.",
        "all of it is done once, whatever the repetitions of other entries.",
    )
    return Report(tables, notes, {"steps": data})


def run(rows: int) -> tuple[list[Step], int, float]:
    """All steps, how many versions came back equal, and the seconds that took."""
    with tempfile.TemporaryDirectory() as name:
        store = SnapshotStore(Path(name) / "store")
        frame = notebook_frame(rows)
        steps: list[Step] = []
        versions: list[str] = []
        for what, change in (("first version", lambda d: d), *notebook_steps()):
            frame = change(frame)
            start, cpu = time.perf_counter(), time.process_time()
            snapshot = store.put(frame, versions[-1] if versions else None)
            cost = Cost(snapshot.stored_bytes, time.perf_counter() - start, time.process_time() - cpu)
            versions.append(snapshot.digest)
            steps.append(Step(what, snapshot.recipe, cost, _parquet(frame, Path(name))))
        del frame
        start = time.perf_counter()
        restored = sum(digest(store.get(version)) == version for version in versions)
        return steps, restored, time.perf_counter() - start


def _parquet(frame: Frame, folder: Path) -> Cost:
    path = folder / "version.parquet"
    start, cpu = time.perf_counter(), time.process_time()
    frame.to_parquet(path, compression="zstd", compression_level=1)
    return Cost(path.stat().st_size, time.perf_counter() - start, time.process_time() - cpu)
