"""Removing what is no longer wanted, and copying what is there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.errors import NotFoundError, StoreError
from jupyter_mlops.snapshot import chunks, kept_profiles
from jupyter_mlops.snapshot.manifests import digests, manifest_name, read_manifest
from jupyter_mlops.snapshot.reach import all_columns, columns_of, reach
from jupyter_mlops.snapshot.records import read_record, record_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_mlops.snapshot.files import Files

_AT_ONCE = 8  # a bucket takes tens of milliseconds for a request, and takes many at a time


@dataclass(frozen=True)
class Freed:
    """What `SnapshotStore.gc` removed."""

    values: int
    files: int
    bytes: int


@dataclass(frozen=True)
class Copied:
    """What `SnapshotStore.copy_to` wrote; files that were there already are not counted."""

    files: int
    bytes: int


def collect(files: Files, keep: Collection[str] | None) -> Freed:
    """Remove the values that are not kept, and then every file no value needs; under the lock.

    Args:
        files: the store.
        keep: digests; None keeps every value.

    Raises:
        NotFoundError: one to keep is not there; then nothing is removed.
        StoreError: a file that says what is needed is damaged; then nothing is removed.
    """
    held = digests(files)
    kept = set(held if keep is None else keep)
    if kept - set(held):
        raise NotFoundError(
            f"{len(kept - set(held))} of the values to keep are not in the snapshot store {files.place}.",
            "Nothing was removed. Name only digests that `digest in store` says it holds.",
        )
    left = set()
    for name in list(kept):
        digest = name
        while (now := read_manifest(files, digest).now) is not None:
            digest = now
            kept.add(digest)
        left.add(digest)
    needed = reach(files, {column for digest in kept for column in columns_of(files, digest)})
    pieces = {key for record in needed.values() for key in record.chunks}
    # Whoever needs a file goes before it: killed half way, this leaves files too many, never too few.
    gone = [manifest_name(digest) for digest in held if digest not in kept]
    values = len(gone)
    spare = [key for key in all_columns(files) if key not in needed]
    gone += map(record_name, sorted(spare, key=lambda key: -_depth(files, key)))
    gone += [name for name in files.names(chunks.FOLDER) if name.rpartition("/")[2] not in pieces]
    gone += [name for name in files.names(kept_profiles.FOLDER) if kept_profiles.digest_in(name) not in left]
    freed = sum(files.delete(name) for name in gone)
    files.sweep()
    return Freed(values, len(gone), freed)


def _depth(files: Files, key: str) -> int:
    try:
        return read_record(files, key).depth
    except StoreError:
        return 0


def copy(source: Files, target: Files) -> Copied:
    """Bring everything to another place, what is needed before who needs it.

    Raises:
        StoreError: a file cannot be read or written; what was copied until then is whole.
    """
    columns = sorted(all_columns(source), key=lambda key: read_record(source, key).depth)
    steady = [*source.names(chunks.FOLDER), *map(record_name, columns)]
    fresh = [name for name in steady if not target.exists(name)]
    written = [target.write(name, source.read(name)) for name in fresh]
    for name in map(manifest_name, digests(source)):
        data = source.read(name)
        # A manifest can change when rows are forgotten.
        if not target.exists(name) or target.read(name) != data:
            written.append(target.write(name, data))
    return Copied(len(written), sum(written))


def copy_value(source: Files, target: Files, digest: str) -> Copied:
    """Bring one value with all it needs to another place, what is needed before who needs it.

    Files that are there already are left as they are.

    Raises:
        StoreError: a file cannot be read or written; what was copied until then does no harm.
    """
    now = read_manifest(source, digest).now
    before = copy_value(source, target, now) if now is not None else Copied(0, 0)
    needed = reach(source, columns_of(source, digest))
    depths = sorted({record.depth for record in needed.values()})
    steps = [
        [chunks.chunk_name(key) for record in needed.values() for key in record.chunks],
        *([record_name(key) for key in needed if needed[key].depth == depth] for depth in depths),
        [manifest_name(digest)],
    ]

    def bring(name: str) -> int:
        return 0 if target.exists(name) else target.write(name, source.read(name))

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mlops-snapshot-copies") as pool:
        sizes = [size for names in steps for size in pool.map(bring, dict.fromkeys(names))]
    return Copied(before.files + sum(map(bool, sizes)), before.bytes + sum(sizes))
