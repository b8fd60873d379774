"""A store at a URL keeps the promises of one in a folder."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import fsspec
import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["memory", "a protocol that writes in place"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}/snapshots"
    return f"file://{tmp_path}/at url"


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    words = pd.array(["red", None, "blue"], dtype="str").take(rng.integers(0, 3, 3000))
    names = pd.array([f"p{n}" for n in range(3000)], dtype="str")
    return pd.DataFrame({"x": rng.normal(size=3000), "word": words, "name": names})


def test_versions_at_a_url_are_recipes_and_come_back(url: str) -> None:
    store = SnapshotStore(url)
    d = frame()
    made = [d, d.sort_values("x"), pd.concat([d, d.head(9)]), d.assign(x=d["x"].where(d.index != 5, 0.0))]
    snapshots = [store.put(made[0])]
    snapshots += [store.put(version, parent=snapshots[0].digest) for version in made[1:]]
    assert [one.recipe for one in snapshots] == ["chunks", "take", "concat", "patch"]
    fresh = SnapshotStore(url)
    for snapshot, version in zip(snapshots, made, strict=True):
        assert snapshot.digest in fresh
        assert digest(fresh.get(snapshot.digest)) == snapshot.digest == digest(version)
    assert fresh.size() == sum(one.stored_bytes for one in snapshots)
    assert store.put(d).stored_bytes == 0
    assert fresh.verify().problems == ()
    assert fresh.diff(snapshots[0].digest, snapshots[3].digest).cells == {"x": 1}


def test_collecting_and_forgetting_work_at_a_url(url: str) -> None:
    store = SnapshotStore(url)
    d = frame()
    names = [store.put(version).digest for version in (d, d.sort_values("x"), d.drop(columns="name"))]
    store.forget({"name": "p77"})
    assert digest(store.get(names[2])) == digest(d.drop(columns="name").drop(index=77))
    assert store.gc(keep=names[:1]).values == 4
    assert names[2] not in store
    assert digest(SnapshotStore(url).get(names[0])) == digest(d.drop(index=77))


def test_a_folder_is_copied_to_a_url_and_back(url: str, tmp_path: Path) -> None:
    here = SnapshotStore(tmp_path / "here")
    d = frame()
    names = [here.put(version).digest for version in (d, d.sort_values("x"))]
    assert here.copy_to(url).files > 0
    assert here.copy_to(url).files == 0
    SnapshotStore(url).copy_to(tmp_path / "back")
    back = SnapshotStore(tmp_path / "back")
    assert [digest(back.get(name)) for name in names] == names
    assert back.size() == here.size()


def test_a_file_that_is_gone_or_damaged_at_a_url_is_named(url: str) -> None:
    store = SnapshotStore(url)
    name = store.put(frame()).digest
    system, root = fsspec.core.url_to_fs(url)
    chunk = max(system.find(f"{root}/chunks"), key=system.size)
    data = system.cat_file(chunk)
    system.pipe_file(chunk, data[:-5])
    with pytest.raises(StoreError, match="damaged") as caught:
        store.get(name)
    assert url in caught.value.what
    system.rm_file(chunk)
    with pytest.raises(StoreError, match="could not read"):
        store.get(name)
    with pytest.raises(NotFoundError, match="holds no value"):
        store.get("0" * 32)


def test_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(BadInputError, match="'nosuch' cannot be opened"):
        SnapshotStore("nosuch://bucket")
