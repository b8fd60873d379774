"""Whatever is done to a frame, and whoever reads it, every version comes back bit for bit."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshot_samples import COLUMNS

from jupyter_mlops.snapshot import SnapshotStore, digest

# pandas has no index of float16 and cannot sort everything; as columns they all take part.
KINDS = sorted(COLUMNS)


def column(kind: str, rows: int, seed: int) -> Any:
    """A column of a dtype, its few sample values in random places."""
    samples = pd.Series(COLUMNS[kind])
    return samples.take(np.random.default_rng(seed).integers(0, len(samples), rows)).reset_index(drop=True)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.sampled_from([0, 7, 300, 300, 300]))
    seed = draw(st.integers(0, 99))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
    made = {f"c{number}": column(kind, rows, seed + number) for number, kind in enumerate(kinds)}
    if draw(st.booleans()):
        made["key"] = pd.Series(np.random.default_rng(seed).normal(size=rows))
    return pd.DataFrame(made)


def _row(d: pd.DataFrame, seed: int, count: int) -> Any:
    return np.random.default_rng(seed).integers(0, len(d), count)


def add(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    kind = KINDS[seed % len(KINDS)]
    return d.assign(**{f"n{seed}": column(kind, len(d), seed).array})


def overwrite(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    name = d.columns[seed % d.shape[1]]
    return d.assign(**{str(name): column(KINDS[(seed * 7) % len(KINDS)], len(d), seed).array})


def edit(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Some cells get the values of other rows, or become missing where the dtype has that."""
    if not len(d):
        return d
    d = d.copy()
    position = seed % d.shape[1]
    values = d.iloc[:, position].copy()
    target, origin = _row(d, seed, 2), _row(d, seed + 1, 2)
    index = np.arange(len(d))
    index[target] = origin
    values = values.take(index).set_axis(d.index)
    if seed % 3 == 0 and values.dtype == np.float64:
        values.iloc[int(target[0])] = np.nan
    d.isetitem(position, values.array)
    return d


def sort(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return d.take(np.random.default_rng(seed).permutation(len(d)))


def keep_some(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return d[np.random.default_rng(seed).random(len(d)) < 0.8]


def append(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return pd.concat([d, d.take(_row(d, seed, 3))]) if len(d) else d


def append_with_new_index(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return append(d, seed).reset_index(drop=True)


def rename(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return d.rename(columns={d.columns[seed % d.shape[1]]: f"r{seed}"})


def cast(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    wanted = ["float32", "string", "category", "object", "Float64"][seed % 5]
    for name in d.columns:
        if d.columns.is_unique and d[name].dtype == np.float64:
            return d.astype({name: wanted})
    return d


def reset(d: pd.DataFrame, _: int) -> pd.DataFrame:
    return d.reset_index(drop=True)


def reset_keeping(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return d.reset_index(names=[f"i{seed} {level}" for level in range(d.index.nlevels)])


def label(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    dates = pd.date_range("2020", periods=len(d), freq="h", tz="Europe/Berlin")
    levels = pd.MultiIndex.from_arrays([np.arange(len(d)) % 3, np.arange(len(d))], names=["a", None])
    return d.set_axis([dates, levels, pd.Index([f"row {n}" for n in range(len(d))])][seed % 3])


def merge(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    if "key" not in d.columns:
        return d
    other = d[["key"]].sample(frac=0.5, random_state=seed).assign(**{f"m{seed}": 1.5})
    return d.merge(other, on="key", how="left" if seed % 2 else "inner")


def drop(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return d.drop(columns=d.columns[seed % d.shape[1]]) if d.shape[1] > 1 else d


def side_by_side(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return pd.concat([d, d.iloc[:, [seed % d.shape[1]]]], axis=1) if d.shape[1] < 6 else d


def sample(d: pd.DataFrame, seed: int) -> pd.DataFrame:
    return d.take(_row(d, seed, 2 * len(d))) if 0 < len(d) < 1000 else d


OPERATIONS = (
    add, overwrite, edit, edit, edit, sort, keep_some, append, append_with_new_index, rename, cast, reset,
    reset_keeping, label, merge, drop, side_by_side, sample,
)  # fmt: skip


def apply(operation: Any, d: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The next version; the same one if pandas does not do that with these dtypes."""
    try:
        return operation(d, seed)  # type: ignore[no-any-return]
    except (TypeError, ValueError, NotImplementedError, KeyError, ArithmeticError):
        return d


steps = st.lists(
    st.tuples(
        st.sampled_from(OPERATIONS), st.integers(0, 999), st.sampled_from(["held", "parent", "value", "no"])
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=80, deadline=None)
@given(first=frames(), steps=steps)
def test_every_version_of_a_history_comes_back(first: pd.DataFrame, steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SnapshotStore(folder)
        versions = [(store.put(first).digest, first)]
        for operation, seed, parent in steps:
            before = versions[-1]
            after = apply(operation, before[1], seed)
            if parent == "held":
                made = store.put(after)
            elif parent == "value":
                made = store.put(after, parent=before[0], parent_value=before[1])
            else:
                store = SnapshotStore(folder, held_bytes=0)
                made = store.put(after, parent=before[0] if parent == "parent" else None)
            versions.append((made.digest, after))
        fresh = SnapshotStore(folder)
        for name, version in versions:
            back = fresh.get(name)
            assert digest(back) == name == digest(version)
            pd.testing.assert_frame_equal(back, version, check_exact=True, check_freq=False)
        assert fresh.verify().problems == ()
        kept = [name for name, _ in versions[::2]]
        fresh.gc(keep=kept)
        assert [digest(fresh.get(name)) for name in kept] == kept


def test_another_process_goes_on_with_what_this_one_stored(tmp_path: Path) -> None:
    seed = 0
    code = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_snapshot_histories import next_versions
        print(next_versions({str(tmp_path)!r}, {seed}))
    """
    said = [
        subprocess.run(
            [sys.executable, "-c", "\n".join(line.strip() for line in code.splitlines())],
            check=True, capture_output=True, text=True,
        ).stdout.split()[0]
        for _ in range(2)
    ]  # fmt: skip
    here = next_versions(str(tmp_path), seed)
    assert said == [said[0]] * 2 == [here] * 2
    assert SnapshotStore(tmp_path).verify().ok


def next_versions(folder: str, seed: int) -> str:
    """Put a random history, compare every version read back, and return the digest of the last."""
    chance = np.random.default_rng(seed)
    store = SnapshotStore(folder)
    kinds = [KINDS[n] for n in chance.integers(0, len(KINDS), 5)]
    d = pd.DataFrame({f"c{number}": column(kind, 200, number) for number, kind in enumerate(kinds)})
    d["key"] = chance.normal(size=200)
    name = store.put(d).digest
    for number in range(12):
        d = apply(OPERATIONS[int(chance.integers(0, len(OPERATIONS)))], d, number)
        name = store.put(d, parent=name).digest
        assert digest(SnapshotStore(folder).get(name)) == name
    return name
