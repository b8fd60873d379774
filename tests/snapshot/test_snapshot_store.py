"""The store keeps each column once, gives back what it took, and says what is wrong when it cannot."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.snapshot import SnapshotStore, digest, is_storable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def chunks(store: SnapshotStore) -> set[Path]:
    return {path for path in (store.path / "chunks").rglob("*") if path.is_file()}


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({name: rng.normal(size=1000) for name in "abcde"} | {"text": ["word"] * 1000})


def test_a_second_equal_frame_is_stored_once(store: SnapshotStore) -> None:
    first = store.put(frame())
    size = store.size()
    assert first.stored_bytes == size > 0
    again = store.put(frame())
    assert again.digest == first.digest
    assert again.stored_bytes == 0
    assert store.size() == size


def test_a_frame_that_differs_in_one_column_writes_that_column_only(store: SnapshotStore) -> None:
    store.put(frame())
    before = chunks(store)
    size = store.size()
    changed = frame()
    changed["c"] += 1.0
    snapshot = store.put(changed)
    assert len(chunks(store) - before) == 1
    assert snapshot.stored_bytes == store.size() - size
    assert snapshot.recipe == "chunks"


@pytest.mark.parametrize("order", [list("edcba"), list("ab"), list("aab")])
def test_reordering_dropping_or_repeating_columns_writes_none_of_them(
    store: SnapshotStore, order: list[str]
) -> None:
    store.put(frame())
    before = chunks(store)
    store.put(frame()[order])
    assert len(chunks(store) - before) == 1  # the labels


def test_a_column_is_shared_with_a_series_and_an_equal_column_of_another_frame(store: SnapshotStore) -> None:
    store.put(frame())
    before = chunks(store)
    store.put(frame()["a"])
    assert chunks(store) == before


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        10**5000,
        0.1,
        -0.0,
        float("nan"),
        float("inf"),
        "ä\0\ud800",
        b"\0\xff",
        [],
        [1, [2.5, None], {"a": [True]}],
        {"a": 1, 2: (3, "4"), None: {}},
        (1, 2),
        {"type": "int", "value": "not a number"},
        np.float32(1.5),
        np.str_("a\0"),
        np.datetime64("2020-01-01", "D"),
        pd.Timestamp("2020-01-01", tz="Europe/Berlin"),
        np.arange(6).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(5),
        np.zeros((0, 3)),
        np.array(["a", None, 3], dtype=object),
        np.array([("a", 1)], dtype=[("x", "U3"), ("y", "i8")]),
        np.array(["NaT", "2020-01-01"], dtype="M8[s]"),
        np.arange(3, dtype=">i4"),
    ],
    ids=lambda value: f"{type(value).__name__}-{getattr(value, 'dtype', '')}",
)
def test_plain_values_and_arrays_come_back_as_they_were(store: SnapshotStore, value: Any) -> None:
    assert is_storable(value)
    snapshot = store.put(value)
    back = store.get(snapshot.digest)
    assert type(back) is type(value)
    assert digest(back) == snapshot.digest == digest(value)
    if isinstance(value, np.ndarray):
        assert snapshot.kind == "array"
        np.testing.assert_array_equal(back, value, strict=True)
    else:
        assert snapshot.kind == "value"
        assert back == value or np.isnan(value)


class Unknown:
    """A class that the store has never heard of."""


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (iter([]), "list_iterator cannot be stored: its content cannot be known"),
        ([1, iter([])], "list cannot be stored: its content cannot be known"),
        (pd.DataFrame({"a": [1], "b": [Unknown()]}), "Column 1 of the dataframe cannot be stored"),
        (pd.DataFrame({"a": [iter([])]}), "Column 0 of the dataframe cannot be stored"),
        (pd.DataFrame({"a": [1]}, index=[Unknown()]), "index or header cannot be stored"),
        (pd.Series([Unknown()]), "series cannot be stored"),
        (pd.Series([1], name=Unknown()), "name is of type"),
        (np.array([Unknown()]), "array cannot be stored"),
        (np.array([(1, None)], dtype=[("a", "i4"), ("b", "O")]), "array cannot be stored"),
    ],
    ids=range(9),
)
def test_what_cannot_be_stored_is_refused_by_name(store: SnapshotStore, value: Any, says: str) -> None:
    assert not is_storable(value)
    with pytest.raises(BadInputError, match=says) as caught:
        store.put(value)
    assert caught.value.fix


def test_a_list_that_holds_itself_comes_back(store: SnapshotStore) -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert is_storable(endless)
    back = store.get(store.put(endless).digest)
    assert back[0] is back


def test_a_class_that_inherits_from_a_frame_is_refused_but_has_a_digest(store: SnapshotStore) -> None:
    class Special(pd.DataFrame):
        pass

    special = Special({"a": [1]})
    assert digest(special) not in (None, digest(pd.DataFrame({"a": [1]})))
    with pytest.raises(BadInputError, match="its pickle does not give it back as it is"):
        store.put(special)


def test_the_store_knows_what_it_holds(store: SnapshotStore) -> None:
    snapshot = store.put([1, 2])
    assert snapshot.digest in store
    assert "0" * 32 not in store
    assert "../" + snapshot.digest not in store
    for unknown in ("0" * 32, "../../etc/passwd", ""):
        with pytest.raises(NotFoundError, match="holds no value"):
            store.get(unknown)


def test_an_empty_store_has_no_size_and_makes_no_folder(store: SnapshotStore) -> None:
    assert store.size() == 0
    assert not store.path.exists()


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


@pytest.mark.parametrize("damage", [_cut, _flip, lambda _: b""])
@pytest.mark.parametrize("folder", ["chunks", "manifests"])
def test_a_damaged_file_is_refused_by_name(store: SnapshotStore, damage: Any, folder: str) -> None:
    snapshot = store.put(frame())
    path = max((p for p in (store.path / folder).rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match="damaged") as caught:
        store.get(snapshot.digest)
    assert str(path) in caught.value.what


def test_a_damaged_file_that_is_deleted_is_written_anew(store: SnapshotStore) -> None:
    snapshot = store.put(frame())
    path = max(chunks(store), key=lambda p: p.stat().st_size)
    path.unlink()
    with pytest.raises(StoreError, match="could not read") as caught:
        store.get(snapshot.digest)
    assert str(path) in caught.value.what
    assert store.put(frame()).stored_bytes > 0
    pd.testing.assert_frame_equal(store.get(snapshot.digest), frame())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="could not write") as caught:
        SnapshotStore(tmp_path / "file" / "store").put(1)
    assert str(tmp_path) in caught.value.what


def test_a_full_disk_is_named_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    code = f"""
        import resource, numpy as np
        from pathlib import Path
        from jupyter_mlops.errors import StoreError
        from jupyter_mlops.snapshot import SnapshotStore
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            SnapshotStore(Path({str(tmp_path)!r})).put(np.random.default_rng(0).normal(size=5000))
        except StoreError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True
    )
    assert "could not write" in done.stdout
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".lock"]


def test_processes_that_write_the_same_values_at_once_agree(tmp_path: Path) -> None:
    code = f"""
        import numpy as np, pandas as pd
        from pathlib import Path
        from jupyter_mlops.snapshot import SnapshotStore
        store = SnapshotStore(Path({str(tmp_path)!r}))
        for seed in range(20):
            rng = np.random.default_rng(seed)
            print(store.put(pd.DataFrame({{"a": rng.normal(size=50), "b": rng.integers(0, 9, 50)}})).digest)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [writer.communicate()[0].split() for writer in writers]
    assert printed[0] == printed[1]
    store = SnapshotStore(tmp_path)
    assert [digest(store.get(name)) for name in printed[0]] == printed[0]


def test_a_value_put_while_the_interpreter_ends_is_stored(tmp_path: Path) -> None:
    code = f"""
        import atexit, threading
        import numpy as np, pandas as pd
        from jupyter_mlops.snapshot import SnapshotStore
        store = SnapshotStore({str(tmp_path)!r})
        atexit.register(lambda: print(store.put(pd.DataFrame({{"a": np.arange(200_000) ** 2}})).digest))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert digest(SnapshotStore(tmp_path).get(name)) == name
