"""Twenty steps of a notebook on one frame: what each version costs to store, and that all come back.

    python -m benchmarks.snapshots [--rows N] [--parent held|stored|none] [--no-parquet]

The frame and the steps are those of ``notebook_frame`` and ``notebook_steps``: 50 columns of numbers, text of
few and of many values, ids; columns are added, filled, edited, sorted, filtered, appended to, renamed, cast
and dropped. Every version is put, and all of them are restored and compared by digest at the end. Beside it:
every version written as one Parquet file with zstd level 1, which is what one would do without a store.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 1_000_000
TARGET_MB = 60.0
"""What the twenty versions after the first may take at a million rows."""

Frame = pd.DataFrame
MB = 1e6


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


def parquet(d: Frame, folder: Path) -> tuple[int, float]:
    """Bytes and seconds of one Parquet file."""
    start = time.perf_counter()
    path = folder / "version.parquet"
    d.to_parquet(path, compression="zstd", compression_level=1)
    return path.stat().st_size, time.perf_counter() - start


def run(rows: int, parent: str, with_parquet: bool) -> int:
    """Print the table; returns 1 if a version did not come back or the target was missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = SnapshotStore(folder / "store", held_bytes=4 << 30 if parent == "none" else 0)
        frame = notebook_frame(rows)
        versions: list[str] = []
        stored, seconds, whole = [], [], []
        print(f"{'step':>4} {'':<28} {'MB':>8} {'ms':>7} {'Parquet MB':>11} {'ms':>7}  recipe")
        steps: list[tuple[str, Callable[[Frame], Frame]]] = [
            ("first version", lambda d: d),
            *notebook_steps(),
        ]
        for number, (what, step) in enumerate(steps):
            before = frame
            frame = step(frame)
            start = time.perf_counter()
            named = versions[-1] if versions and parent != "none" else None
            snapshot = store.put(frame, named, before if named and parent == "held" else None)
            seconds.append(time.perf_counter() - start)
            stored.append(snapshot.stored_bytes)
            versions.append(snapshot.digest)
            size, took = parquet(frame, folder) if with_parquet else (0, 0.0)
            whole.append(size)
            print(
                f"{number:>4} {what:<28} {stored[-1] / MB:8.2f} {seconds[-1] * 1e3:7.0f} "
                f"{size / MB:11.1f} {took * 1e3:7.0f}  {snapshot.recipe}",
                flush=True,
            )
        later = sum(stored[1:]) / MB
        median = np.median(seconds[1:]) * 1e3
        print(f"after the first: {later:.1f} MB, median {median:.0f} ms")
        print(f"as Parquet files: {sum(whole[1:]) / MB:.1f} MB")
        del frame
        return judge(store, versions, later, rows)


def judge(store: SnapshotStore, versions: list[str], later: float, rows: int) -> int:
    """Restore every version."""
    start = time.perf_counter()
    wrong = [number for number, name in enumerate(versions) if digest(store.get(name)) != name]
    each = (time.perf_counter() - start) / len(versions)
    print(f"restored {len(versions) - len(wrong)} of {len(versions)} versions, {each:.2f} s each on average")
    missed = later > TARGET_MB * rows / ROWS and rows >= ROWS
    if missed:
        print(f"target of {TARGET_MB} MB missed")
    return int(bool(wrong) or missed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--parent", choices=("held", "stored", "none"), default="held")
    parser.add_argument("--no-parquet", action="store_true")
    given = parser.parse_args()
    return run(given.rows, given.parent, not given.no_parquet)


if __name__ == "__main__":
    raise SystemExit(main())
