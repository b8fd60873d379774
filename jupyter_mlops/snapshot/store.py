"""The snapshot store: a folder, or a URL, in which every column is kept once, ever.

``docs/snapshot-format.md`` describes the files. Values and columns are named by xxh3-128 digests: they tell
honest values apart but not forged ones, so let only those people write a store who may write the project.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import NotFoundError, StoreError
from jupyter_mlops.snapshot.files import LocalFiles
from jupyter_mlops.snapshot.manifests import Manifest, manifest_name, read_manifest, write_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.snapshot.columns import Leaf
    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.recipes import Source
    from jupyter_mlops.snapshot.taken import Taken

HELD_BYTES = 512 << 20
_DIGEST = re.compile(r"[0-9a-f]{32}")
_BY_COST = ("range", "take", "concat", "patch", "chunks")


@dataclass(frozen=True)
class Snapshot:
    """What the store knows about a value it holds.

    Attributes:
        digest: the value's digest, and its name in the store.
        kind: ``dataframe``, ``series``, ``array`` or ``value``.
        rows: rows of a frame, length of a series, first dimension of an array; None for other values.
        columns: columns of a frame, second dimension of an array; else None.
        stored_bytes: bytes of the files that were new when it was put.
        recipe: how its new columns are stored, cheapest first: ``take``, ``take+chunks``, …; ``rename`` if
            only names are new, ``same`` if nothing is.
    """

    digest: str
    kind: str
    rows: int | None
    columns: int | None
    stored_bytes: int
    recipe: str = "same"


class SnapshotStore:
    """Values by digest, in one place; any number of processes may read and write it.

    Args:
        path: a folder, or an fsspec URL such as ``s3://bucket/snapshots``.
        held_bytes: how much of the frames that were put last may stay in memory, to make recipes from.

    Raises:
        BadInputError: the URL cannot be opened here.
    """

    def __init__(self, path: str | Path, *, held_bytes: int = HELD_BYTES) -> None:
        self.path = path if _is_url(path) else Path(path)
        self._files = open_files(path)
        self._held_bytes = held_bytes
        self._parents: Any = None
        self._mutex = threading.RLock()

    def put(self, value: object, parent: str | None = None, parent_value: object = None) -> Snapshot:
        """Store a value; what the store holds already, or can make from what it holds, is not written again.

        Args:
            value: what to keep.
            parent: digest of the version it was made from; without one, the values put last are tried.
            parent_value: the parent itself, if it is at hand, so that it need not be read back.

        Raises:
            BadInputError: a value of this type cannot be stored; see `is_storable`.
            StoreError: the place does not take it, or the value was changed while it was being stored.
        """
        with self._mutex:
            return self._put(value, parent, parent_value, set())

    def get(self, digest: str) -> Any:
        """The value with that digest, equal to what was put: index, dtypes, names and all.

        If rows were forgotten since, what is left of it.

        Raises:
            NotFoundError: the store does not hold it.
            StoreError: a file of it is missing or damaged.
        """
        from jupyter_mlops.snapshot.reading import Reader
        from jupyter_mlops.snapshot.taken import stored

        return stored(self._manifest(digest), Reader(self._files).leaf).value()

    def __contains__(self, digest: object) -> bool:
        known = isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None
        return known and self._files.exists(manifest_name(str(digest)))

    def size(self) -> int:
        """Bytes of all finished files in the store."""
        return sum(self._files.size(name) for name in self._files.names(""))

    def _manifest(self, digest: str) -> Manifest:
        if digest not in self:
            raise NotFoundError(
                f"The snapshot store {self._files.place} holds no value with digest {str(digest)[:32]!r}.",
                "Check the digest, or run the cell again that made this value.",
            )
        manifest = read_manifest(self._files, digest)
        return manifest if manifest.now is None else self._manifest(manifest.now)

    def _put(self, value: Any, parent: str | None, parent_value: object, avoid: set[str]) -> Snapshot:
        from jupyter_mlops.snapshot.parents import Parents, frozen
        from jupyter_mlops.snapshot.taken import refuse, take_apart
        from jupyter_mlops.snapshot.typed_json import NotPlainError

        if self._parents is None:
            self._parents = Parents(self._held_bytes)
        kept = frozen(value)
        digest, taken, leaves = take_apart(kept)
        with self._files.locked():
            try:
                snapshot = self._write(digest, taken, leaves, self._candidates(parent, parent_value), avoid)
            except NotPlainError:
                refuse(kept)
                raise
        self._parents.hold(digest, kept, taken)
        return snapshot

    def _candidates(self, parent: str | None, parent_value: object) -> list[Taken]:
        from jupyter_mlops.snapshot.reading import Reader
        from jupyter_mlops.snapshot.taken import stored, take_apart

        if parent_value is not None:
            return [take_apart(parent_value)[1]]
        if parent is None:
            return list(self._parents)
        held = self._parents.find(parent)
        return [held or stored(self._manifest(parent), Reader(self._files).leaf)]

    def _write(
        self, digest: str, taken: Taken, leaves: dict[str, Leaf], candidates: list[Taken], avoid: set[str]
    ) -> Snapshot:
        from jupyter_mlops.snapshot.leaves import key_of
        from jupyter_mlops.snapshot.recipes import Source
        from jupyter_mlops.snapshot.typed_json import to_json
        from jupyter_mlops.snapshot.writing import Plan, Writer

        used: Counter[str] = Counter()
        renamed = False
        with Writer(self._files, avoid) as writer:
            sources = [Source(candidate, taken, writer.has) for candidate in candidates]
            for place, key in taken.places.items():
                if not writer.has(key):
                    plan = _first_plan(sources, place, key, leaves[key])
                    used[writer.add(plan or Plan(key, leaves[key]))] += 1
            for key, leaf in leaves.items():
                if not writer.has(key):  # the labels of the columns
                    writer.add(Plan(key, leaf))
                    renamed = True
            if any(key_of(leaf) != key for key, leaf in leaves.items()):
                raise StoreError(
                    f"A {taken.kind} was changed while it was being stored, so it was not.",
                    "Run the cell again that changed it; writing through `.array` or a view does that.",
                )
            writer.finish()
            recipe = "+".join(name for name in _BY_COST if used[name]) or ("rename" if renamed else "same")
            # The manifest comes last: whoever sees it finds its columns.
            if not self._is_current(digest):
                head = to_json(taken.head)
                manifest = Manifest(taken.kind, taken.rows, taken.width, head, taken.trees, recipe)
                writer.written += write_manifest(self._files, digest, manifest)
        return Snapshot(digest, taken.kind, taken.rows, taken.width, writer.written, recipe)

    def _is_current(self, digest: str) -> bool:
        return digest in self and read_manifest(self._files, digest).now is None


def _first_plan(sources: Iterable[Source], place: Any, key: str, leaf: Leaf) -> Any:
    return next((plan for source in sources if (plan := source.plan(place, key, leaf)) is not None), None)


def _is_url(path: str | Path) -> bool:
    return isinstance(path, str) and "://" in path


def open_files(path: str | Path) -> Files:
    """The files at a folder or an fsspec URL.

    Raises:
        BadInputError: the URL cannot be opened here.
    """
    if not _is_url(path):
        return LocalFiles(Path(path))
    from jupyter_mlops.snapshot.remote import RemoteFiles

    return RemoteFiles(str(path))


def is_storable(value: object) -> bool:
    """True if `SnapshotStore.put` takes the value; looks at every element of object columns."""
    from jupyter_mlops.snapshot.layouts import is_storable as storable

    return storable(value)
