"""A store in a bucket of a real S3 server, with no package but pyarrow, keeps what one in a folder does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import fsspec
import pyarrow as pa
import pytest
from keeps_until_killed import PERSON, history
from pyarrow import fs
from real_servers import PASSWORD

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.snapshot import SnapshotStore, digest

if TYPE_CHECKING:
    from real_servers import S3

CHILD = Path(__file__).with_name("keeps_until_killed.py")


def objects(s3: S3, bucket: str) -> dict[str, int]:
    """Keys and sizes below a place, as AWS's own client lists them."""
    client = boto3.client(
        "s3",
        endpoint_url=s3.url,
        region_name="us-east-1",
        aws_access_key_id="known-user",
        aws_secret_access_key=PASSWORD,
    )
    prefix = bucket.removeprefix("s3://team/") + "/"
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="team", Prefix=prefix)
    found = [one for page in pages for one in page.get("Contents", ())]
    return {one["Key"].removeprefix(prefix): one["Size"] for one in found if not one["Key"].endswith("/")}


def test_versions_in_a_bucket_are_recipes_and_come_back_in_another_process(bucket: str, s3: S3) -> None:
    store = SnapshotStore(bucket)
    versions = history(0, 5)
    snapshots = [store.put(version) for version in versions]
    assert {snapshot.recipe for snapshot in snapshots} > {"take", "patch", "concat"}
    code = "import sys; from jupyter_mlops.snapshot import *\n"
    code += "store = SnapshotStore(sys.argv[1]); print(*(digest(store.get(name)) for name in sys.argv[2:]))"
    names = [snapshot.digest for snapshot in snapshots]
    assert subprocess.check_output([sys.executable, "-c", code, bucket, *names], text=True).split() == names
    assert store.put(versions[2]).stored_bytes == 0
    assert store.size() == sum(objects(s3, bucket).values()) == sum(one.stored_bytes for one in snapshots)
    assert store.verify().ok
    assert store.diff(names[0], names[0]).equal


def test_collecting_and_forgetting_leave_no_object_behind(bucket: str, s3: S3) -> None:
    store = SnapshotStore(bucket)
    versions = history(1, 4)
    names = [store.put(version).digest for version in versions]
    assert store.forget({"name": PERSON}).rows[names[0]] == 1
    lefts = [version[version["name"] != PERSON] for version in versions]
    assert [digest(store.get(name)) for name in names] == [digest(left) for left in lefts]
    store.gc(keep=names[:1])
    assert names[3] not in store
    assert digest(SnapshotStore(bucket).get(names[0])) == digest(lefts[0])
    assert SnapshotStore(bucket).verify().ok
    store.gc(keep=[])
    assert objects(s3, bucket) == {}


def test_a_folder_is_copied_to_a_bucket_and_back(bucket: str, tmp_path: Path, s3: S3) -> None:
    here = SnapshotStore(tmp_path / "here")
    names = [here.put(version).digest for version in history(2, 6)]
    assert here.copy_to(bucket).files == len(objects(s3, bucket)) > 0
    assert here.copy_to(bucket).files == 0
    SnapshotStore(bucket).copy_to(tmp_path / "back")
    assert [digest(SnapshotStore(tmp_path / "back").get(name)) for name in names] == names


def test_the_same_objects_are_read_through_fsspec(bucket: str, s3: S3) -> None:
    from fsspec.implementations.arrow import ArrowFSWrapper

    SnapshotStore(bucket).put(history(3, 1)[0])
    wrapped = ArrowFSWrapper(fs.S3FileSystem(endpoint_override=s3.url))
    assert isinstance(wrapped, fsspec.AbstractFileSystem)
    found = wrapped.find(bucket.removeprefix("s3://"))
    assert sorted(name.partition("/snapshots/")[2] for name in found) == sorted(objects(s3, bucket))


def start(bucket: str, seed: int) -> subprocess.Popen[str]:
    """A process that puts version after version there."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), bucket, str(seed), "put"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def finished(child: subprocess.Popen[str], count: int) -> list[str]:
    """The digests of that many versions it says it finished."""
    assert child.stdout is not None
    return [child.stdout.readline().strip() for _ in range(count)]


def test_two_processes_that_write_the_same_versions_at_once_spoil_nothing(bucket: str) -> None:
    children = [start(bucket, 4) for _ in range(2)]
    both = [finished(child, 6) for child in children]
    for child in children:
        child.kill()
        child.wait()
    assert both[0] == both[1] == [digest(version) for version in history(4, 6)]
    store = SnapshotStore(bucket)
    assert [digest(store.get(name)) for name in both[0]] == both[0]
    assert store.verify().ok


def test_a_writer_that_is_killed_while_it_uploads_leaves_only_whole_values(bucket: str) -> None:
    for count in (1, 3, 5):
        child = start(bucket, 5)
        names = finished(child, count)  # it is at work on the next one now
        child.kill()
        child.wait()
        store = SnapshotStore(bucket)
        assert [digest(store.get(name)) for name in names] == names
        assert store.verify().ok


def test_a_large_column_is_uploaded_in_parts_and_comes_back(bucket: str) -> None:
    table = pa.table({"blob": [os.urandom(7 << 20)]})  # more than one part of 5 MB
    store = SnapshotStore(bucket)
    frame = table.to_pandas()
    assert digest(store.get(store.put(frame).digest)) == digest(frame)


def test_a_bucket_that_is_missing_is_said_to_be(bucket: str) -> None:
    store = SnapshotStore(bucket.replace("team", "nowhere"))
    with pytest.raises(StoreError, match="there is no such bucket") as caught:
        store.put(history(0, 1)[0])
    assert "s3://nowhere/" in caught.value.what
    assert "Make the bucket" in caught.value.fix
    with pytest.raises(NotFoundError):
        store.get("0" * 32)


def test_wrong_credentials_are_told_without_showing_them(
    bucket: str, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    SnapshotStore(bucket).put(history(0, 1)[0])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-horse")
    for action in (
        lambda store: store.put(history(6, 1)[0]),
        lambda store: store.get("0" * 32),
        lambda store: store.size(),
    ):
        with s3.locked(), pytest.raises(StoreError, match="access is denied") as caught:
            action(SnapshotStore(bucket))
        assert "AWS_ACCESS_KEY_ID" in caught.value.fix
        assert "horse" not in str(caught.value)
        assert "AKIANOBODY" not in str(caught.value)


def test_a_server_that_is_gone_is_said_not_to_answer(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    store = SnapshotStore(bucket)
    with pytest.raises(StoreError, match="does not answer"):
        store.put(history(0, 1)[0])
    with pytest.raises(StoreError, match="does not answer"):
        store.get("0" * 32)


@pytest.mark.parametrize(
    ("address", "said"),
    [("s3://ann:correct-horse@team/x", "holds a key or a password"), ("s3://", "names no bucket")],
)
def test_an_address_that_cannot_be_one_is_refused_without_showing_a_password(address: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        SnapshotStore(address)
    assert "horse" not in str(caught.value)
