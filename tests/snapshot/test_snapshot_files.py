"""Files are kept in pieces, each once, and come back byte for byte."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pytest
from xxhash import xxh3_128_hexdigest

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.snapshot import SnapshotStore

if TYPE_CHECKING:
    from pathlib import Path

PIECE = 4 << 20


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def noise(size: int) -> bytes:
    return np.random.default_rng(size).bytes(size)


@pytest.mark.parametrize("size", [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1])
def test_a_file_comes_back(store: SnapshotStore, tmp_path: Path, size: int) -> None:
    file = tmp_path / "data.bin"
    file.write_bytes(noise(size))
    snapshot = store.put_file(file)
    assert (snapshot.kind, snapshot.digest) == ("file", xxh3_128_hexdigest(noise(size)))
    assert store.get_file(snapshot.digest, tmp_path / "back.bin").read_bytes() == noise(size)
    assert store.put_file(file).stored_bytes == 0
    assert store.verify().ok
    store.gc()
    assert store.get_file(snapshot.digest, tmp_path / "back.bin").read_bytes() == noise(size)


def test_a_file_that_grew_shares_what_it_had(store: SnapshotStore, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_bytes(noise(3 * PIECE))
    first = store.put_file(file)
    with file.open("ab") as more:
        more.write(b"one more line\n")
    second = store.put_file(file)
    assert second.stored_bytes < first.stored_bytes / 1000
    store.gc(keep=[second.digest])
    assert store.get_file(second.digest, tmp_path / "back").stat().st_size == 3 * PIECE + 14
    with pytest.raises(NotFoundError):
        store.get_file(first.digest, tmp_path / "gone")


def test_a_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as made:
        made.truncate(600 << 20)
    code = f"""
        import resource, sys
        from jupyter_mlops.snapshot import SnapshotStore
        store = SnapshotStore({str(tmp_path / "store")!r})
        store.put_file({__file__!r})
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        name = store.put_file({str(file)!r}).digest
        store.get_file(name, {str(tmp_path / "back")!r})
        assert store.verify().ok
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    said = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True
    ).stdout
    unit = 1 if sys.platform == "darwin" else 1 << 10
    assert int(said) * unit < 200 << 20
    assert (tmp_path / "back").stat().st_size == 600 << 20


def test_a_damaged_piece_is_named_and_nothing_is_written(store: SnapshotStore, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(noise(PIECE + 5))
    name = store.put_file(file).digest
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    piece = max((store.path / "chunks").rglob("*"), key=lambda path: path.stat().st_size)
    piece.write_bytes(piece.read_bytes()[:-1])
    with pytest.raises(StoreError, match="damaged") as caught:
        store.get_file(name, target)
    assert str(piece) in caught.value.what
    assert target.read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "snapshots", "target"]
    assert len(store.verify().problems) == 1


def test_what_is_no_file_is_refused_in_words(store: SnapshotStore, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BadInputError, match="cannot be read"):
            store.put_file(path)
    (tmp_path / "data").write_bytes(b"x")
    name, value = store.put_file(tmp_path / "data").digest, store.put([1]).digest
    with pytest.raises(BadInputError, match="is a file") as caught:
        store.get(name)
    assert "get_file" in caught.value.fix
    with pytest.raises(BadInputError, match="is a value"):
        store.get_file(value, tmp_path / "back")
    with pytest.raises(BadInputError, match="cannot be written"):
        store.get_file(name, tmp_path / "nowhere" / "back")


def test_a_file_goes_to_another_store_and_back(store: SnapshotStore, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"a,b\n1,2\n")
    name = store.put_file(file).digest
    store.copy_to("memory://files-that-are-copied")
    copy = SnapshotStore("memory://files-that-are-copied")
    assert copy.get_file(name, tmp_path / "back").read_bytes() == b"a,b\n1,2\n"
    assert name in copy.forget({"a": 1}).unknown
