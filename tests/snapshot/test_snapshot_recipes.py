"""A version made from another one is stored as what was done to it, and comes back bit for bit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jupyter_mlops.snapshot import Snapshot, SnapshotStore, digest
from jupyter_mlops.snapshot.writing import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = 20_000


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def frame(rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    values = rng.normal(size=rows)
    values[::7] = np.nan
    numbers = pd.array(rng.integers(0, 1000, rows), dtype="Int64")
    numbers[::5] = pd.NA
    words = pd.array(["red", "green", "blue", None], dtype="str")
    return pd.DataFrame(
        {
            "x": rng.normal(size=rows),
            "gaps": values,
            "count": numbers,
            "colour": words.take(rng.integers(0, 4, rows)),
            "group": pd.Categorical.from_codes(rng.integers(-1, 3, rows), categories=["a", "b", "c"]),
            "id": pd.array([f"id-{v:016x}" for v in rng.integers(0, 2**62, rows)], dtype="str"),
            "when": pd.Timestamp("2020") + pd.to_timedelta(rng.permutation(rows), unit="s"),
            "flag": rng.random(rows) < 0.5,
        }
    )


def keep(store: SnapshotStore, value: Any, **given: Any) -> Snapshot:
    snapshot = store.put(value, **given)
    assert digest(store.get(snapshot.digest)) == snapshot.digest == digest(value)
    return snapshot


def edited(d: pd.DataFrame) -> pd.DataFrame:
    d = d.copy()
    d.loc[[3, 700, 19_000], "x"] = [np.nan, -0.0, 1.5]
    d.loc[11, "colour"] = None
    d.loc[12, "colour"] = "a word that was not there"
    d.loc[[5, 6], "count"] = [pd.NA, 9]
    d.loc[8, "group"] = "c"
    return d


def sampled(d: pd.DataFrame) -> pd.DataFrame:
    return d.sample(2 * len(d), replace=True, random_state=1)


CHANGES: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "nothing": (lambda d: d.copy(), "same"),
    "rename": (lambda d: d.rename(columns={"x": "y"}), "rename"),
    "reorder and drop": (lambda d: d[["id", "x", "flag"]], "rename"),
    "sort": (lambda d: d.sort_values("x"), "take"),
    "sort with a new index": (lambda d: d.sort_values("x", ignore_index=True), "take"),
    "reverse": (lambda d: d.iloc[::-1], "take"),
    "filter": (lambda d: d[d["x"] > -1], "take"),
    "filter with a new index": (lambda d: d[d["x"] > -1].reset_index(drop=True), "take"),
    "head": (lambda d: d.head(10_000), "take"),
    "tail": (lambda d: d.tail(10_000), "take"),
    "sample with repetition": (sampled, "take"),
    "sample with repetition and a new index": (lambda d: sampled(d).reset_index(drop=True), "take"),
    "split": (lambda d: d.sample(frac=0.3, random_state=2).drop(columns="flag"), "take"),
    "series of a filter": (lambda d: d[d["flag"]]["colour"], "take"),
    "append": (lambda d: pd.concat([d, d.sample(200, random_state=3)]), "concat"),
    "append with a new index": (lambda d: pd.concat([d, d.tail(200)], ignore_index=True), "concat"),
    "edit": (edited, "patch"),
    "edit and append": (lambda d: pd.concat([edited(d), d.tail(9)], ignore_index=True), "concat+patch"),
    "sort and edit": (lambda d: edited(d).sort_values("id"), "take+patch"),
    "rename and sort": (lambda d: d.rename(columns={"x": "y"}).sort_values("y"), "take"),
    "add": (lambda d: d.assign(z=d["x"] * 2), "chunks"),
    "sort and add": (lambda d: d.sort_values("x").assign(z=lambda d: np.arange(len(d)) ** 2), "take+chunks"),
    "cast": (lambda d: d.astype({"x": "float32"}), "chunks"),
    "join": (lambda d: d.merge(pd.DataFrame({"colour": ["red", "blue"], "v": [1.5, 2.5]})), "take+chunks"),
}


@pytest.mark.parametrize("given", ["held", "parent and value", "read back"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_stored_as_the_recipe_it_is(change: str, given: str, tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "store")
    function, recipe = CHANGES[change]
    first = frame()
    parent = keep(store, first)
    child = function(first)
    if given == "held":
        snapshot = keep(store, child)
    elif given == "parent and value":
        store = SnapshotStore(store.path, held_bytes=0)
        snapshot = keep(store, child, parent=parent.digest, parent_value=first)
    else:
        store = SnapshotStore(store.path)  # as another process would
        snapshot = keep(store, child, parent=parent.digest)
    assert snapshot.recipe == recipe
    if "chunks" not in recipe:
        assert snapshot.stored_bytes < parent.stored_bytes / 5


def test_without_a_parent_at_hand_everything_is_stored_and_comes_back(store: SnapshotStore) -> None:
    keep(store, frame())
    alone = SnapshotStore(store.path)
    assert keep(alone, frame().sort_values("x")).recipe == "chunks"


def test_an_equal_column_is_found_without_a_parent(store: SnapshotStore) -> None:
    keep(store, frame())
    alone = SnapshotStore(store.path)
    assert keep(alone, frame()[["id", "x"]].rename(columns=str.upper)).recipe == "rename"


def test_a_column_longer_than_a_chunk_comes_back_and_shares_its_chunks(store: SnapshotStore) -> None:
    long = frame(200_000)
    first = keep(store, long)
    changed = long.assign(x=long["x"].where(long.index < 150_000, 0.0))
    again = SnapshotStore(store.path, held_bytes=0)
    second = keep(again, changed)
    assert second.recipe == "chunks"
    assert second.stored_bytes < first.stored_bytes / 20


def test_many_versions_stay_within_the_depth_and_all_come_back(store: SnapshotStore) -> None:
    d = frame(2_000)
    versions = []
    for step in range(20):
        versions.append((store.put(d).digest, d))
        d = d.sample(frac=1.0, random_state=step)
    depths = [
        json.loads(path.read_text()).get("depth", 0) for path in (store.path / "columns").rglob("*.json")
    ]
    assert max(depths) == MAX_DEPTH
    fresh = SnapshotStore(store.path)
    for name, version in versions:
        assert digest(fresh.get(name)) == name == digest(version)


def test_a_frame_without_any_unique_column_is_still_found_sorted(store: SnapshotStore) -> None:
    rng = np.random.default_rng(0)
    d = pd.DataFrame({name: rng.integers(0, 9, 5000) for name in "abcd"})
    d["w"] = pd.array(["x", "y", None], dtype="str").take(rng.integers(0, 3, 5000))
    keep(store, d)
    assert keep(store, d.sort_values(["a", "b"], ignore_index=True)).recipe == "take"


def test_train_and_test_parts_share_one_row_index_with_their_target(store: SnapshotStore) -> None:
    d = frame()
    keep(store, d)
    chosen = np.random.default_rng(1).random(len(d)) < 0.8
    x_train, y_train = d.drop(columns="flag")[chosen], d["flag"][chosen]
    x_test, y_test = d.drop(columns="flag")[~chosen], d["flag"][~chosen]
    recipes = [keep(store, part).recipe for part in (x_train, x_test, y_train, y_test)]
    assert set(recipes) == {"take"}


def test_two_equal_columns_come_back_apart(store: SnapshotStore) -> None:
    d = frame(50)
    both = pd.DataFrame({"a": d["x"], "b": d["x"].copy()})
    back = store.get(store.put(both).digest)
    back.loc[0, "a"] = 99.0
    assert back.loc[0, "b"] == both.loc[0, "b"]


# ---- bits that compare equal, or unequal to themselves


PAYLOAD = np.array([0x7FF8000000000001], dtype="u8").view("f8")[0]


@pytest.mark.parametrize("bits", [PAYLOAD, -0.0, -np.nan], ids=["NaN with a payload", "-0.0", "-NaN"])
def test_the_bits_of_a_number_survive_every_recipe(store: SnapshotStore, bits: float) -> None:
    d = pd.DataFrame({"x": np.zeros(1000), "n": np.full(1000, np.nan), "k": np.arange(1000) ** 2})
    keep(store, d)
    changed = d.copy()
    changed.loc[[5, 6], ["x", "n"]] = bits
    parent = keep(store, changed)
    assert parent.recipe == "patch"
    assert keep(store, changed.sort_values("k", ascending=False)).recipe == "take"
    longer = pd.concat([changed, changed.iloc[5:8]])
    assert keep(store, longer, parent=parent.digest).recipe == "concat"
    whole = [digest(version) for version in (d, changed)]
    assert whole[0] != whole[1]


def test_a_null_that_replaces_the_value_under_it_is_a_change(store: SnapshotStore) -> None:
    values = pa.array(np.arange(1000))
    d = pd.DataFrame({"a": pd.arrays.ArrowExtensionArray(values), "s": pd.array(["x"] * 1000, dtype="str")})
    keep(store, d)
    # The same buffer of values, and another one of validity.
    valid = np.ones(1000, bool)
    valid[3] = False
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    hidden = pa.Array.from_buffers(pa.int64(), 1000, [bitmap, values.buffers()[1]])
    changed = d.assign(a=pd.arrays.ArrowExtensionArray(hidden))
    assert keep(store, changed).recipe == "patch"
    changed.loc[7, "s"] = None
    assert keep(store, changed).recipe == "patch"


def test_slices_and_chunks_of_arrow_are_the_same_column(store: SnapshotStore) -> None:
    whole = pa.array([f"word {i}" for i in range(3000)], type=pa.large_string())
    keep(store, pd.DataFrame({"s": pd.array(whole.slice(1000, 1000).to_pylist(), dtype="str")}))
    dtype = pd.StringDtype(na_value=np.nan)
    for values in (
        whole.slice(1000, 1000),
        pa.chunked_array([whole.slice(1000, 300), whole.slice(1300, 0), whole.slice(1300, 700)]),
    ):
        assert keep(store, pd.DataFrame({"s": dtype.__from_arrow__(values)})).stored_bytes == 0


def test_what_surrounds_a_slice_is_not_stored(store: SnapshotStore) -> None:
    lists = pa.array([["secret-one"], ["public"], ["secret-two"]], type=pa.list_(pa.string()))
    texts = pa.array(["secret-one", "public", "secret-two"])
    words = pa.array(["secret-one", "public", "secret-two"]).dictionary_encode()
    d = pd.DataFrame(
        {name: pd.arrays.ArrowExtensionArray(a) for name, a in zip("abc", (lists, texts, words), strict=True)}
    )
    keep(store, d.iloc[1:2])
    stored = b"".join(contents(store))
    assert b"public" in stored
    assert b"secret" not in stored


def contents(store: SnapshotStore) -> list[bytes]:
    """What every chunk holds, decompressed."""
    import zstandard

    paths = [path for path in (store.path / "chunks").rglob("*") if path.is_file()]
    return [zstandard.ZstdDecompressor().decompress(path.read_bytes()[20:]) for path in paths]


def test_categories_come_back_in_their_order_after_a_sort_and_a_new_one(store: SnapshotStore) -> None:
    d = frame()
    keep(store, d)
    ordered = d.sort_values("x")
    ordered["group"] = ordered["group"].cat.add_categories("z").cat.as_ordered()
    assert "take" in keep(store, ordered).recipe
    swapped = d.assign(group=d["group"].cat.reorder_categories(["c", "b", "a"]))
    keep(store, swapped)


# ---- writes that go past pandas


@pytest.mark.parametrize(
    ("column", "value"), [("x", 123.0), ("count", 77), ("group", "c"), ("flag", True)], ids=str
)
def test_writing_through_an_array_into_a_held_version_spoils_no_recipe(
    store: SnapshotStore, column: str, value: Any
) -> None:
    d = frame()
    first = keep(store, d)
    original = d.copy(deep=True)
    # The store holds a shallow copy of d; this writes into both.
    for row in range(0, 4000, 2):
        d[column].array[row] = value
    assert digest(d) != first.digest
    second = keep(store, d.sort_values("x"))
    fresh = SnapshotStore(store.path)
    assert digest(fresh.get(first.digest)) == first.digest == digest(original)
    assert digest(fresh.get(second.digest)) == second.digest


def test_a_parent_value_that_is_not_what_was_stored_spoils_no_recipe(store: SnapshotStore) -> None:
    d = frame()
    first = keep(store, d)
    other = d.assign(x=d["x"] + 1)
    keep(store, other.sort_values("id"), parent=first.digest, parent_value=other)
    keep(SnapshotStore(store.path), other.sort_values("when"), parent=first.digest, parent_value=other)


def test_ordinary_writes_leave_the_held_version_alone(store: SnapshotStore) -> None:
    d = frame()
    first = keep(store, d)
    d.loc[5, "x"] = 4.0
    d["count"] += 1
    second = keep(store, d)
    assert digest(SnapshotStore(store.path).get(first.digest)) == first.digest
    assert "patch" in second.recipe


# ---- parents that cannot be used


@pytest.mark.parametrize(
    "labels",
    [
        pd.IntervalIndex.from_arrays(np.arange(2000), np.arange(2000) + 5),
        pd.Index([[n] for n in range(2000)], dtype=object),
        pd.Index([*range(1999), "text"], dtype=object),
        pd.MultiIndex.from_arrays([np.arange(2000) % 2, np.arange(2000)]),
        pd.date_range("2020", periods=2000, tz="Europe/Berlin"),
        pd.Index([0] * 2000),
    ],
    ids=["overlapping intervals", "lists", "mixed", "levels", "dates", "all the same"],
)
def test_labels_of_any_kind_do_not_stop_a_recipe(store: SnapshotStore, labels: Any) -> None:
    d = frame(2000).set_axis(labels)
    keep(store, d)
    assert "take" in keep(store, d.iloc[np.random.default_rng(0).permutation(2000)]).recipe


def test_a_parent_that_is_unknown_or_damaged_does_not_stop_a_child(store: SnapshotStore) -> None:
    d = frame()
    parent = keep(store, d)
    assert keep(store, d.sort_values("x"), parent="0" * 32).recipe == "take"
    alone = SnapshotStore(store.path, held_bytes=0)
    for path in (store.path / "chunks").rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")
    keep(alone, d.assign(x=1.5, count=pd.NA)[["x", "count"]].sample(50, random_state=0), parent=parent.digest)
    next((store.path / "manifests").rglob(f"{parent.digest}.json")).write_bytes(b"damaged")
    assert alone.put(pd.DataFrame({"a": [1.5, 2.5]}), parent=parent.digest).recipe == "chunks"


@pytest.mark.parametrize("lost", ["chunks", "columns"])
def test_a_version_made_from_one_that_lost_a_file_is_whole_once_it_is_put_again(
    store: SnapshotStore, lost: str
) -> None:
    first = frame()
    versions = [first, first.sort_values("x"), edited(first.sort_values("x")), first.head(7_000)]
    names = [keep(store, version).digest for version in versions]
    lost_files = sorted(path for path in (store.path / lost).rglob("*") if path.is_file())[::4]
    for path in lost_files:
        path.unlink()
    assert not store.verify().ok
    for version in reversed(versions):
        SnapshotStore(store.path).put(version)
    assert SnapshotStore(store.path).gc().values == 0
    fresh = SnapshotStore(store.path)
    assert [digest(fresh.get(name)) for name in names] == names
    assert fresh.verify().ok


def test_a_column_that_is_the_index_of_rows_itself_comes_back(store: SnapshotStore) -> None:
    rng = np.random.default_rng(0)
    first = pd.DataFrame({"number": np.arange(1000, dtype=np.int32), "x": rng.normal(size=1000)})
    store.put(first)
    moved = first.sort_values("x", ignore_index=True)
    name = store.put(moved).digest
    pd.testing.assert_frame_equal(SnapshotStore(store.path).get(name), moved)
    edited = moved.assign(number=moved["number"].where(moved.index != 5, 7).astype(np.int32))
    name = store.put(edited).digest
    pd.testing.assert_frame_equal(SnapshotStore(store.path).get(name), edited)
    assert store.verify().ok


def test_a_version_that_was_written_past_pandas_is_not_taken_for_the_one_before(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    frame = pd.DataFrame({"a": np.arange(100_000.0), "b": np.arange(100_000)})
    first = store.put(frame)
    frame["a"].array[77] = -1.0  # writes into the held copy as well
    second = store.put(frame, first.digest)
    assert second.digest == digest(frame) != first.digest
    assert store.get(second.digest)["a"][77] == -1.0
    assert store.get(first.digest)["a"][77] == 77.0


def test_columns_that_are_held_are_the_same_in_the_next_version(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    frame = pd.concat([pd.DataFrame({"t": ["x", "y"] * 5000, "n": np.arange(10_000)})] * 2, ignore_index=True)
    frame["when"] = pd.date_range("2020", periods=len(frame), freq="h", tz="Europe/Berlin")
    first = store.put(frame)
    renamed = frame.rename(columns={"n": "m"}).assign(new=1.5)
    second = store.put(renamed, first.digest)
    assert second.digest == digest(renamed)
    pd.testing.assert_frame_equal(store.get(second.digest), renamed)
    assert store.verify().problems == ()
