"""A frame's profile is kept beside its snapshot, has nothing that a mask hides, and goes with the rows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from waiting import until

from jupyter_mlops.drift import compare_profiles
from jupyter_mlops.drift.profile import FrameProfile, profile_frame
from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.files import LocalFiles
from jupyter_mlops.snapshot.manifests import read_manifest
from jupyter_mlops.snapshot.masking import Masker
from jupyter_mlops.tracking.background import start_background
from jupyter_mlops.tracking.frame_profiles import StoredProfiles, stored_profile
from jupyter_mlops.tracking.profiling import bytes_needed

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


def people(rows: int = 6000) -> pd.DataFrame:
    g = np.random.default_rng(3)
    days = pd.date_range("2024-01-01", periods=rows, freq="h", tz="Europe/Berlin")
    return pd.DataFrame(
        {
            "mail": [f"person{number % 150:03}@example.org" for number in range(rows)],
            "name": g.choice(["Ada", "Grace", "Emmy"], rows),
            "pay": g.lognormal(size=rows),
            "n": pd.array(g.integers(0, 90, rows), dtype="Int64"),
            "group": pd.Categorical(g.choice(["a", "b"], rows)),
            "plain": np.array(["x", None, 3] * (rows // 3), dtype=object),
            "at": days,
            "ok": g.random(rows) < 0.3,
            7: np.nan,
        }
    )


def kept(store: SnapshotStore) -> list[Path]:
    return sorted((store.path / "profiles").rglob("*.zst"))


def text(profile: FrameProfile | None) -> str:
    assert profile is not None
    return profile.to_json()


def test_it_is_the_profile_of_the_frame_whatever_library_it_is_of(store: SnapshotStore) -> None:
    frame = people()
    others = frame[["mail", "pay", "at"]]
    values = [frame, pl.from_pandas(others), pa.Table.from_pandas(others)]
    for value in values:
        made = stored_profile(store, store.put(value).digest)
        assert text(made) == profile_frame(value).to_json()
    assert len(kept(store)) == len(values)
    for value in (frame["pay"], frame.head(0), pd.concat([others, others], axis=1), np.arange(5.0)):
        assert stored_profile(store, store.put(value).digest) is None
    assert stored_profile(store, "0" * 32) is None


def test_it_is_read_back_and_made_again_where_it_is_damaged(store: SnapshotStore) -> None:
    digest = store.put(people(300)).digest
    first = text(stored_profile(store, digest))
    (file,) = kept(store)
    whole = file.read_bytes()
    assert text(stored_profile(store, digest)) == first
    file.write_bytes(whole[:-9])
    assert text(stored_profile(store, digest)) == first
    assert file.read_bytes() == whole
    for chunk in (store.path / "chunks").rglob("*/*"):
        chunk.unlink()
    assert text(stored_profile(store, digest)) == first  # without reading the rows


def test_columns_that_stayed_are_not_read_again(store: SnapshotStore) -> None:
    frame = people(900)
    changed = frame.rename(columns={"pay": "salary"}).assign(n=1)
    one, two = (store.put(value).digest for value in (frame, changed))
    profiles = StoredProfiles(store)
    profiles.find(one)
    pay = store.taken(one).body[list(frame.columns).index("pay")]
    (store.path / "columns" / str(pay)[:2] / f"{pay}.json").unlink()
    assert text(profiles.find(two)) == profile_frame(changed).to_json()
    with pytest.raises(StoreError):
        store.get(two)


def test_a_masked_column_has_counts_and_no_values(store: SnapshotStore, tmp_path: Path) -> None:
    masker = Masker(tmp_path / "mask.key")
    masker.add(["mail", "name", "pay"])
    frame = people()
    frame.loc[:9, "pay"] = np.nan
    before, after = (stored_profile(store, store.put(masker(part)).digest) for part in (frame, frame[:3000]))
    assert before is not None
    assert after is not None
    assert "masked:" not in text(before)
    assert before.columns["pay"].missing == 10
    assert len(before.columns["group"].values.names) == 2  # type: ignore[union-attr]
    found = compare_profiles(before, after).columns.set_index("column")
    assert found.loc[["mail", "name"], "verdict"].tolist() == ["ok", "ok"]
    other = store.put(masker(frame.assign(name="Hedy"))).digest
    moved = stored_profile(store, other)
    assert moved is not None
    assert compare_profiles(before, moved).columns.set_index("column").loc["name", "verdict"] == "drift"


def test_it_goes_with_its_snapshot_and_with_forgotten_rows(store: SnapshotStore) -> None:
    frame = people(900)
    digests = [store.put(value).digest for value in (frame, frame.assign(x=1), frame[["ok"]])]
    for digest in digests:
        stored_profile(store, digest)
    store.gc(digests[:2])
    assert {path.name[:32] for path in kept(store)} == set(digests[:2])

    old = text(stored_profile(store, digests[0]))
    store.forget({"mail": "person007@example.org"})
    assert kept(store) == []
    assert not store.keep_profile(digests[0], old)  # as by a process that had read the rows before
    left = stored_profile(store, digests[0])
    assert left is not None
    assert left.rows == 894
    assert "person007" not in text(left)
    assert [path.name[:32] for path in kept(store)] == [store.newest(digests[0])]
    assert store.verify().ok

    shutil.rmtree(store.path)
    assert not store.keep_profile(digests[0], old)
    assert not Path(store.path).exists()


def test_what_would_take_much_memory_waits_until_it_is_asked_for(store: SnapshotStore) -> None:
    frame = people(900)
    needed = {}
    for name, value in {"text": frame, "plain": frame[["pay", "n", "group", "at", "ok"]],
                        "whole": pl.from_pandas(frame[["pay", "ok"]])}.items():  # fmt: skip
        found = read_manifest(LocalFiles(store.path), store.put(value).digest)
        needed[name] = bytes_needed(found) // 900
    assert needed == {"text": 400, "plain": 60, "whole": 180}


def test_the_background_process_profiles_what_is_tracked(notebook: TrackedShell, project: Settings) -> None:
    notebook.run("import pandas as pd, numpy as np\nd = pd.DataFrame({'a': range(50), 'b': 'x'})")
    notebook.session.keeper.drain()
    start_background(project)
    store = SnapshotStore(project.snapshots)
    until(lambda: len(kept(store)) == 1, "the first version is profiled")
    notebook.run("d['c'] = d['a'] * 2.0\narray = np.arange(9)")
    digest = notebook.session.recorder.versions.digests["d"]
    notebook.session.end()
    until(lambda: store.profile(digest) is not None, "the second one, too")
    made = stored_profile(store, digest)
    assert text(made) == profile_frame(notebook["d"]).to_json()
    assert len(kept(store)) == 2
