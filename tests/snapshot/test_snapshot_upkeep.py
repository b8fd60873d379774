"""A store can be compared, cleaned, checked and copied, and says what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def frame(rows: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "x": rng.normal(size=rows),
            "word": pd.array(["red", None, "blue"], dtype="str").take(rng.integers(0, 3, rows)),
            "n": pd.array(rng.integers(0, 9, rows), dtype="Int64"),
            "group": pd.Categorical.from_codes(rng.integers(0, 2, rows), categories=["a", "b"]),
        }
    )


def versions(store: SnapshotStore) -> list[str]:
    d = frame()
    made = [
        d,
        d.sort_values("x"),
        d[d["x"] > 0],
        pd.concat([d, d.head(20)]),
        d.assign(x=d["x"].where(d.x < 3, 3)),
    ]
    return [store.put(version).digest for version in made]


def files(store: SnapshotStore) -> dict[str, bytes]:
    return {
        path.relative_to(store.path).as_posix(): path.read_bytes()
        for path in store.path.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


# ---- diff


def difference(store: SnapshotStore, one: Any, other: Any) -> Any:
    return store.diff(store.put(one).digest, store.put(other).digest)


def test_a_value_does_not_differ_from_itself(store: SnapshotStore) -> None:
    found = difference(store, frame(), frame())
    assert found.equal
    assert (dict(found.cells), found.rows_added, found.columns_added) == ({}, 0, ())


def test_cells_that_differ_are_counted_by_column(store: SnapshotStore) -> None:
    changed = frame()
    changed.loc[[1, 2, 3], "x"] = [np.nan, 0.0, -0.0]
    changed.loc[0:9, "word"] = "green"
    changed.loc[5, "n"] = pd.NA
    found = difference(store, frame(), changed)
    assert dict(found.cells) == {"x": 3, "word": 10, "n": 1}
    assert not found.equal


def test_columns_that_came_and_went_are_named(store: SnapshotStore) -> None:
    found = difference(store, frame(), frame().drop(columns="n").assign(new=1))
    assert (found.columns_added, found.columns_removed, dict(found.cells)) == (("new",), ("n",), {})


def test_rows_are_matched_by_their_labels(store: SnapshotStore) -> None:
    d = frame()
    changed = d.sort_values("x").iloc[:-100]
    changed.loc[changed.index[:7], "n"] = 77
    changed = pd.concat([changed, d.head(3).set_axis([9001, 9002, 9003])])
    found = difference(store, d, changed)
    assert (found.rows, found.rows_added, found.rows_removed) == ((3000, 2903), 3, 100)
    assert dict(found.cells) == {"n": 7}


def test_rows_that_were_numbered_anew_are_matched_by_what_is_in_them(store: SnapshotStore) -> None:
    d = frame()
    changed = d.drop(index=[3, 5, 2000]).assign(group=d["group"].cat.rename_categories(["c", "d"]))
    changed = changed.reset_index(drop=True)
    changed.loc[:6, "n"] = 77
    found = difference(store, d, changed)
    assert (found.rows_added, found.rows_removed, found.by_number) == (0, 3, False)
    assert dict(found.cells) == {"n": 7, "group": 2997}
    back = difference(store, changed, d)
    assert (back.rows_added, back.rows_removed, dict(back.cells)) == (3, 0, dict(found.cells))
    array = np.arange(12.0).reshape(4, 3)
    fewer = difference(store, array, array[:3])
    assert (fewer.rows_added, fewer.rows_removed, dict(fewer.cells)) == (0, 1, {})


def test_other_rows_under_the_same_numbers_are_said_to_be_matched_by_number(store: SnapshotStore) -> None:
    d = frame()[["x"]]
    found = difference(store, d, -d.head(2990))
    assert (found.rows_removed, dict(found.cells), found.by_number) == (10, {"x": 2990}, True)


def test_rows_without_labels_of_their_own_are_not_matched(store: SnapshotStore) -> None:
    d = frame().set_axis([0] * 3000)
    found = difference(store, d, d.head(10))
    assert found.rows_added is None
    assert set(found.cells.values()) == {None}


def test_a_cast_and_new_categories_are_compared_as_values(store: SnapshotStore) -> None:
    d = frame()
    changed = d.astype({"n": "float64"}).assign(group=d["group"].cat.reorder_categories(["b", "a"]))
    changed.loc[[4, 5], "n"] = [0.5, np.nan]
    assert dict(difference(store, d, changed).cells) == {"n": 2}


def test_series_and_arrays_are_compared_as_well(store: SnapshotStore) -> None:
    d = frame()
    assert dict(difference(store, d["x"], d["x"].where(d.index != 8, 1.0)).cells) == {"x": 1}
    array = np.arange(12.0).reshape(4, 3)
    changed = array.copy()
    changed[2, 1:] = 0
    assert dict(difference(store, array, changed).cells) == {None: 1}
    assert not difference(store, {"a": 1}, {"a": 2}).equal


def test_columns_that_did_not_change_are_not_read(store: SnapshotStore) -> None:
    first = store.put(frame())
    second = store.put(frame().assign(x=0.0))
    for path in (store.path / "columns").rglob("*.json"):
        if path.stem not in {leaf for name in (first, second) for leaf in column(store, name.digest, "x")}:
            path.unlink()
    assert dict(SnapshotStore(store.path).diff(first.digest, second.digest).cells) == {"x": 3000}


def column(store: SnapshotStore, name: str, label: str) -> list[str]:
    """The digests of a column's leaf and of the labels."""
    import json

    trees = json.loads((store.path / "manifests" / name[:2] / f"{name}.json").read_text())["trees"]
    return [json.dumps(trees[0]).split('"')[-2], trees[1 + list(frame()).index(label)]]


# ---- gc


def test_collecting_what_is_needed_removes_nothing(store: SnapshotStore) -> None:
    names = versions(store)
    before = files(store)
    freed = store.gc()
    assert (freed.values, freed.files, freed.bytes) == (0, 0, 0)
    assert files(store) == before
    assert len(names) == 5


def test_what_is_not_kept_goes_and_what_is_kept_stays_although_it_was_made_from_it(
    store: SnapshotStore,
) -> None:
    names = versions(store)
    size = store.size()
    kept = [names[1], names[3]]
    freed = store.gc(keep=kept)
    assert freed.values == 3
    assert store.size() == size - freed.bytes < size
    for name in names:
        assert (name in store) == (name in kept)
    fresh = SnapshotStore(store.path)
    assert [digest(fresh.get(name)) for name in kept] == kept
    assert fresh.verify().ok
    store.gc(keep=[])
    assert list(files(store)) == []


def test_left_overs_of_killed_writers_are_collected(store: SnapshotStore) -> None:
    names = versions(store)
    before = files(store)
    (store.path / "chunks" / "ab").mkdir(exist_ok=True)
    (store.path / "chunks" / "ab" / ("ab" + "0" * 30)).write_bytes(b"orphan")
    (store.path / "chunks" / "ab" / ".writing-xyz").write_bytes(b"half")
    assert store.gc().files == 1
    assert files(store) == before
    assert digest(store.get(names[2])) == names[2]


def test_a_value_to_keep_that_is_unknown_stops_the_collection(store: SnapshotStore) -> None:
    names = versions(store)
    before = files(store)
    with pytest.raises(NotFoundError, match="1 of the values to keep"):
        store.gc(keep=[names[0], "0" * 32])
    assert files(store) == before


def test_what_was_collected_can_be_put_again(store: SnapshotStore) -> None:
    names = versions(store)
    store.gc(keep=names[:1])
    again = versions(store)
    assert again == names
    assert SnapshotStore(store.path).verify().ok


# ---- verify


def test_a_whole_store_is_found_whole(store: SnapshotStore) -> None:
    versions(store)
    store.put({"a": [1, 2]})
    health = store.verify()
    assert (health.ok, health.values, health.problems) == (True, 6, ())


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    return data[:-9] + b"x" + data[-8:]


@pytest.mark.parametrize(
    ("folder", "damage"),
    [
        *((folder, damage) for folder in ("chunks", "columns", "manifests") for damage in (_cut, _flip)),
        ("chunks", None),  # gone; a manifest that is gone is a value that was removed, and no damage
        ("columns", None),
    ],
)
def test_a_damaged_or_missing_file_is_found_and_named(
    store: SnapshotStore, folder: str, damage: Callable[[bytes], bytes] | None
) -> None:
    versions(store)
    path = max((p for p in (store.path / folder).rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    health = store.verify()
    assert not health.ok
    assert any(str(path) in problem for problem in health.problems)


def test_a_column_under_a_wrong_name_is_found(store: SnapshotStore) -> None:
    store.put(frame())
    one, other = sorted((store.path / "columns").rglob("*.json"))[:2]
    one.write_bytes(other.read_bytes())
    assert any(str(one) in problem for problem in store.verify().problems)


# ---- copies


def test_a_copy_holds_every_version_and_a_second_copy_writes_only_what_is_new(
    store: SnapshotStore, tmp_path: Path
) -> None:
    names = versions(store)
    first = store.copy_to(tmp_path / "copy")
    assert first.files == len(files(store))
    assert first.bytes == store.size()
    assert store.copy_to(tmp_path / "copy").files == 0
    names.append(store.put(frame().assign(z=1.5)).digest)
    assert 0 < store.copy_to(tmp_path / "copy").files < 9
    copy = SnapshotStore(tmp_path / "copy")
    assert copy.verify().values == len(names)
    assert [digest(copy.get(name)) for name in names] == names


def test_a_store_is_not_copied_onto_itself(store: SnapshotStore) -> None:
    versions(store)
    with pytest.raises(BadInputError, match="to itself"):
        store.copy_to(store.path)


def test_an_older_format_is_named_with_a_way_out(store: SnapshotStore) -> None:
    name = store.put(1).digest
    path = next((store.path / "manifests").rglob("*.json"))
    from jupyter_mlops.snapshot import sealed

    body = sealed.unsealed(path.read_bytes(), "it")
    assert sealed.FORMAT == 2
    path.write_bytes(_in_format(body, 1))
    with pytest.raises(StoreError, match="in format 1"):
        store.get(name)


def _in_format(body: dict[str, Any], number: int) -> bytes:
    import json

    import xxhash

    whole = {**body, "format": number}
    data = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
    return json.dumps({**whole, "checksum": xxhash.xxh3_128_hexdigest(data)}).encode()
