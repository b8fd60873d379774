"""Snapshots are made beside the cells: what a cell waits for is a copy, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from jupyter_mlops.notebook.keeper import Keeper
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.held_memory import buffers_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_ARRAY = """
import sys, threading
from pathlib import Path
import numpy
from jupyter_mlops.notebook.keeper import Keeper
from jupyter_mlops.snapshot import digest

cell, waited_for = threading.get_ident(), []
values = numpy.arange(3.0)
name, keeper = digest(values), Keeper(Path(sys.argv[1]))
sys.addaudithook(
    lambda event, args: event == "import" and threading.get_ident() == cell and waited_for.append(args[0])
)
keeper.keep(name, values)
imported = list(waited_for)
keeper.close()
assert not {module.partition(".")[0] for module in imported} & {"pandas", "pyarrow"}, imported
"""


def keep(folder: Path, *values: object) -> Keeper:
    keeper = Keeper(folder)
    for value in values:
        keeper.keep(digest(value) or "", value)
    keeper.close()
    return keeper


def test_the_first_array_of_a_notebook_waits_for_no_import_of_pandas(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FIRST_ARRAY, str(tmp_path)], check=True, timeout=120)
    assert digest(np.arange(3.0)) in SnapshotStore(tmp_path)


def test_an_array_is_kept_as_it_was(tmp_path: Path) -> None:
    names, numbers = np.array(["a", "b", None], dtype=object), np.arange(3)
    before = digest(names), digest(numbers)
    keeper = Keeper(tmp_path)
    for name, value in zip(before, (names, numbers), strict=True):
        keeper.keep(name or "", value)
        value[0] = value[1]
    keeper.close()
    assert all(name in SnapshotStore(tmp_path) for name in before)


def test_an_array_of_things_that_are_no_data_is_no_problem(tmp_path: Path) -> None:
    keeper = keep(tmp_path, np.array([range(3), {1: 2}], dtype=object), np.arange(2))
    assert (keeper.problem, keeper.skipped) == (None, 0)
    assert digest(np.arange(2)) in SnapshotStore(tmp_path)


@contextmanager
def nothing_is_stored(folder: Path) -> Iterator[None]:
    """As while another process writes for long: what is to be kept waits."""
    with SnapshotStore(folder)._files.locked():
        yield


def test_waiting_versions_never_hold_more_than_the_budget_and_the_newest_is_kept(tmp_path: Path) -> None:
    keeper, names, held = Keeper(tmp_path, 5_000_000), [], []
    with nothing_is_stored(tmp_path):
        for version in range(10):
            frame = pd.DataFrame({"a": np.full(125_000, float(version)), "b": np.arange(125_000)})
            names.append(digest(frame) or "")
            keeper.keep(names[-1], frame, "frame")
            held.append(keeper.held_bytes)
    keeper.close()
    assert max(held) <= 5_000_000
    kept = [name in SnapshotStore(tmp_path) for name in names]
    assert kept[-1]
    assert sum(kept) <= 2  # the newest, and one that was being stored already
    assert keeper.skipped == 10 - sum(kept)
    assert all("a newer version" in why for why in keeper.not_kept.values())
    assert keeper.held_bytes == 0


def test_versions_of_other_names_do_not_give_way(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, 5_000_000)
    frames = {name: pd.DataFrame({name: np.arange(250_000.0)}) for name in "abcd"}
    with nothing_is_stored(tmp_path):
        for name, frame in frames.items():
            keeper.keep(digest(frame) or "", frame, name)
    keeper.close()
    assert [digest(frame) in SnapshotStore(tmp_path) for frame in frames.values()] == [
        True,
        True,
        False,
        False,
    ]
    assert "it takes 3 MB of the budget of 5 MB, and 5 MB wait already" in keeper.not_kept.values()


def test_what_versions_share_is_counted_once(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, 13_000_000)
    frame = pd.DataFrame({f"c{n}": np.arange(100_000.0) + n for n in range(10)})
    with nothing_is_stored(tmp_path):
        for version in range(10):
            frame = frame.assign(edited=np.full(100_000, version, np.float32))  # 8 MB that all share
            keeper.keep(digest(frame) or "", frame, f"name {version}")
    keeper.close()
    assert keeper.not_kept == {}


def test_all_memory_that_a_value_keeps_alive_is_counted() -> None:
    numbers = np.arange(1_000_000.0)
    values = {
        "a frame": (pd.DataFrame({"a": numbers}), 8_000_000),
        "a view of a large array": (numbers[:3], 8_000_000),
        "text": (pd.Series(["x" * 1000] * 1000), 1_000_000),
        "a category": (pd.Series(pd.Categorical(["a", "b"] * 500_000)), 1_000_000),
        "nullable numbers": (pd.Series(numbers, dtype="Float64"), 9_000_000),
        "days with a zone": (pd.Series(pd.date_range("2020", periods=100_000, tz="UTC")), 800_000),
        "the index": (pd.Series(0.0, index=numbers.astype(int)), 16_000_000),
    }
    for what, (value, least) in values.items():
        counted = sum(buffers_of(value).values())
        assert least <= counted <= 1.1 * least + 100_000, (what, counted)


def test_an_array_that_is_too_large_says_so(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    keeper.keep("0" * 32, np.zeros(10_000_000))
    assert keeper.not_kept == {"0" * 32: "it is an array of 80 MB; up to 68 MB are kept, or any frame"}
    assert list(keeper.news()) == ["0" * 32]
    assert keeper.news() == {}


def test_estimators_are_kept_as_they_were_or_said_to_have_changed(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(300, 4))
    small, large = LogisticRegression(), RandomForestClassifier(100, random_state=0)
    keeper = Keeper(tmp_path)
    keeper.pause()
    names = []
    for model in (small, large):
        model.fit(X, np.arange(300) % 2)
        names.append(digest(model) or "")
        keeper.keep(names[-1], model)
        model.set_params(random_state=7)
    keeper.close()
    store = SnapshotStore(tmp_path)
    assert digest(store.get(names[0])) == names[0]
    assert keeper.not_kept == {names[1]: "a later cell changed it before it was stored"}
    assert keeper.problem is None
    again = keep(tmp_path, large)
    assert again.not_kept == {}
    assert digest(store.get(digest(large) or "")) == digest(large)


def test_tables_of_other_libraries_are_kept_as_they_were(tmp_path: Path) -> None:
    frame, table = pl.DataFrame({"a": [1, 2]}), pa.table({"a": [1, 2]})
    matrix, vast = sparse.csr_matrix(np.eye(3)), sparse.csr_matrix((1, 1))
    vast.data = np.zeros(80_000_000 // 8)
    names = [digest(value) or "" for value in (frame, table, matrix)]
    keeper = Keeper(tmp_path)
    for name, value in zip(names, (frame, table, matrix), strict=True):
        keeper.keep(name, value)
    frame[0, "a"], matrix.data[0] = 9, 9
    keeper.keep("0" * 32, vast)
    keeper.close()
    assert [digest(SnapshotStore(tmp_path).get(name)) for name in names] == names
    assert keeper.not_kept == {"0" * 32: "it is an array of 81 MB; up to 68 MB are kept, or any frame"}


def test_a_table_of_polars_counts_in_the_budget() -> None:
    assert sum(buffers_of(pl.DataFrame({"a": np.zeros(1_000_000)})).values()) == 8_000_000
