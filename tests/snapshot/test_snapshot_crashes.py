"""A writer that is killed loses nothing that it finished, and leaves nothing that spoils what comes after."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard
from keeps_until_killed import PERSON, history

from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from collections.abc import Callable

CHILD = Path(__file__).with_name("keeps_until_killed.py")


def killed(folder: Path, seed: int, what: str, after: float) -> list[str]:
    """Run the child and kill it that many seconds after it is ready; returns what it said it finished."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), str(seed), what], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    timer = threading.Timer(after, child.kill)
    timer.start()
    said = child.stdout.read().splitlines(keepends=True)
    child.wait()
    timer.cancel()
    return [line.strip() for line in said if line.endswith("\n")]


def whole(store: SnapshotStore) -> bool:
    health = store.verify()
    assert health.problems == ()
    return health.ok


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_loses_nothing_it_finished_and_leaves_nothing_half(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    versions = history(seed, 200)
    expected = [digest(version) for version in versions]
    finished: list[str] = []
    for _ in range(3):  # each child starts over, on what the one before it left
        finished = max(finished, killed(tmp_path, seed, "put", chance.uniform(0.01, 0.6)), key=len)
        store = SnapshotStore(tmp_path)
        assert finished == expected[: len(finished)]
        assert [digest(store.get(name)) for name in finished] == finished
        for name in expected:
            assert name not in store or digest(store.get(name)) == name
        assert whole(store)
    store.put(versions[0])  # sweeps nothing, waits for no lock of the dead
    store.gc()
    assert not list(tmp_path.rglob(".writing-*"))
    assert [digest(store.get(name)) for name in finished] == finished


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Fills a folder with a store of 12 versions."""
    origin = tmp_path_factory.mktemp("remembered")
    store = SnapshotStore(origin)
    for version in history(9, 12):
        store.put(version)

    def fill(folder: Path) -> None:
        shutil.copytree(origin, folder, dirs_exist_ok=True)

    return fill


@pytest.mark.parametrize("after", [0.02, 0.08, 0.15, 0.25, 0.4, 0.7])
def test_forgetting_that_was_killed_spoils_nothing_and_can_be_done_again(
    after: float, remembered: Callable[[Path], None], tmp_path: Path
) -> None:
    remembered(tmp_path)
    versions = history(9, 12)
    killed(tmp_path, 9, "forget", after)
    store = SnapshotStore(tmp_path)
    lefts = [version[version["name"] != PERSON] for version in versions]
    for version, left in zip(versions, lefts, strict=True):
        assert digest(store.get(str(digest(version)))) in {digest(version), digest(left)}
    store.forget({"name": PERSON})
    assert [digest(store.get(str(digest(version)))) for version in versions] == [
        digest(left) for left in lefts
    ]
    assert whole(store)
    for path in (tmp_path / "chunks").rglob("*"):
        if path.is_file():
            assert PERSON.encode() not in zstandard.ZstdDecompressor().decompress(path.read_bytes()[20:])
