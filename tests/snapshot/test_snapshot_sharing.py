"""What a project stores comes to the place it is shared at, whole, and can be read and forgotten there."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from keeps_until_killed import PERSON, history
from tracking.faulty_proxy import FaultyProxy
from tracking.waiting import until

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.settings import Settings
from jupyter_mlops.snapshot import SnapshotStore, digest
from jupyter_mlops.snapshot.outbox import Outbox, known_places
from jupyter_mlops.snapshot.shared import nothing_is_brought, project_store

if TYPE_CHECKING:
    from pathlib import Path

    from real_servers import S3

    from jupyter_mlops.snapshot.forget import Forgotten


@pytest.fixture(params=["a bucket", "a folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "a bucket":
        found: str = request.getfixturevalue("bucket")
        return found
    return str(tmp_path / "share")


@pytest.fixture
def here(tmp_path: Path, place: str) -> Settings:
    return Settings(tmp_path / "mine", "", shared=place)


def outbox(settings: Settings) -> Outbox:
    assert settings.shared
    return Outbox(settings.snapshots, settings.shared)


def test_what_waits_is_brought_once_and_a_colleague_reads_it(here: Settings, tmp_path: Path) -> None:
    versions = history(0, 6)
    names = [project_store(here).put(version).digest for version in versions]
    assert outbox(here).waiting() == names
    assert outbox(here).push() == 6
    assert outbox(here).waiting() == []
    assert outbox(here).push() == 0
    assert here.shared is not None
    assert SnapshotStore(here.shared).verify().values == 6

    colleague = project_store(replace(here, project=tmp_path / "theirs"))
    assert names[4] in colleague
    assert digest(colleague.get(names[4])) == names[4]
    assert names[4] in SnapshotStore(colleague.path)  # kept: the next look needs no network
    assert SnapshotStore(colleague.path).verify().ok
    with pytest.raises(NotFoundError):
        colleague.get("0" * 32)


def test_only_what_is_new_is_written_there(here: Settings) -> None:
    versions = history(1, 3)
    store = project_store(here)
    store.put(versions[0])
    outbox(here).push()
    assert here.shared is not None
    there = SnapshotStore(here.shared)
    size = there.size()
    new = store.put(versions[1]).stored_bytes
    outbox(here).push()
    assert there.size() == size + new


def test_what_came_there_from_somebody_else_is_not_written_again(here: Settings, tmp_path: Path) -> None:
    for folder in (here, replace(here, project=tmp_path / "theirs")):
        SnapshotStore(folder.snapshots).put(history(2, 1)[0])
        assert outbox(folder).push() == 1
    assert here.shared is not None
    assert SnapshotStore(here.shared).verify().values == 1


def test_a_value_that_is_damaged_here_does_not_hold_up_the_others(here: Settings) -> None:
    store = SnapshotStore(here.snapshots)
    names = [store.put({"n": number}).digest for number in range(3)]
    broken = store.path / "manifests" / names[0][:2] / f"{names[0]}.json"
    broken.write_bytes(broken.read_bytes()[:-3])
    box = outbox(here)
    with pytest.raises(StoreError, match="damaged"):
        box.push()
    assert box.waiting() == []
    assert here.shared is not None
    assert [name in SnapshotStore(here.shared) for name in names] == [False, True, True]


def forget(settings: Settings) -> Forgotten:
    """As the verb does it."""
    with nothing_is_brought(settings) as places:
        for place in places:
            SnapshotStore(place).forget({"name": PERSON})
        return SnapshotStore(settings.snapshots).forget({"name": PERSON})


def test_a_person_is_forgotten_here_and_there(here: Settings, place: str) -> None:
    versions = history(3, 4)
    store = project_store(here)
    names = [store.put(version).digest for version in versions]
    outbox(here).push()
    found = forget(here)
    assert set(found.rows) == set(names)
    for left in (SnapshotStore(here.snapshots), SnapshotStore(place)):
        assert [digest(left.get(name)) for name in names] == [
            digest(version[version["name"] != PERSON]) for version in versions
        ]
    outbox(here).push()
    assert all(PERSON not in set(SnapshotStore(place).get(name)["name"]) for name in names)


def test_a_person_is_forgotten_where_it_was_brought_to_although_that_is_no_longer_set(
    here: Settings, place: str
) -> None:
    name = project_store(here).put(history(4, 1)[0]).digest
    outbox(here).push()
    assert known_places(here.snapshots) == [place]
    forget(replace(here, shared=None))
    assert PERSON not in set(SnapshotStore(place).get(name)["name"])


def test_what_waited_while_the_server_was_away_comes_when_it_is_back(
    bucket: str, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Settings(tmp_path / "mine", "", shared=bucket)
    names = [project_store(here).put(version).digest for version in history(5, 2)]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    box = outbox(here)
    with pytest.raises(StoreError, match="does not answer"):
        box.push()
    assert box.waiting() == names
    assert digest(project_store(here).get(names[0])) == names[0]  # what is here needs nobody
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.url)
    assert outbox(here).push() == 2


def test_an_address_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    here = Settings(tmp_path / "mine", "", shared="nosuch://place")
    with pytest.raises(BadInputError, match="'nosuch' cannot be opened"):
        project_store(here)


def test_whoever_is_killed_while_bringing_leaves_only_whole_values_and_the_next_goes_on(
    bucket: str, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Settings(tmp_path / "mine", "", shared=bucket)
    names = [project_store(here).put(version).digest for version in history(6, 3)]
    code = "import sys; from pathlib import Path; from jupyter_mlops.snapshot.outbox import Outbox\n"
    code += "Outbox(Path(sys.argv[1]), sys.argv[2]).push()"
    with FaultyProxy(s3.url).running() as proxy:
        for passed in (4, 25, 40):  # then the bucket answers no more
            proxy.asked = 0
            proxy.fault = lambda number, passed=passed: "pass" if number <= passed else "hold"
            child = subprocess.Popen(
                [sys.executable, "-c", code, str(here.snapshots), bucket],
                env={**os.environ, "AWS_ENDPOINT_URL": proxy.url},
            )
            until(lambda passed=passed: proxy.asked > passed, "it is at work")
            child.kill()
            child.wait()
            assert SnapshotStore(bucket).verify().problems == ()
    assert len(outbox(here).waiting()) > 0
    outbox(here).push()
    assert SnapshotStore(bucket).verify().values == len(names)


def test_what_has_gone_from_there_is_found_out_and_brought_again(here: Settings) -> None:
    assert here.shared is not None
    names = [project_store(here).put(version).digest for version in history(7, 3)]
    outbox(here).push()
    assert outbox(here).recheck() == 0
    SnapshotStore(here.shared).gc(keep=names[:1])
    assert outbox(here).waiting() == []
    assert outbox(here).recheck() == 2
    assert outbox(here).push() == 2
    assert SnapshotStore(here.shared).verify().values == 3
