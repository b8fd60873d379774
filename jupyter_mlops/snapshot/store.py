"""The snapshot store: a folder, or a URL, in which every column is kept once, ever.

``docs/snapshot-format.md`` describes the files. Values and columns are named by xxh3-128 digests: they tell
honest values apart but not forged ones, so let only those people write a store who may write the project.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, MlopsError, NotFoundError
from jupyter_mlops.snapshot.files import LocalFiles
from jupyter_mlops.snapshot.manifests import Manifest, manifest_name, read_manifest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jupyter_mlops.snapshot.collect import Copied, Freed
    from jupyter_mlops.snapshot.diff import Difference
    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.forget import Forgotten
    from jupyter_mlops.snapshot.profile import ColumnProfile
    from jupyter_mlops.snapshot.taken import Taken
    from jupyter_mlops.snapshot.verify import Health

HELD_BYTES = 1 << 30
MOST_OBJECT_BYTES = 1 << 30
_DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Snapshot:
    """What the store knows about a value it holds.

    Attributes:
        digest: the value's digest, and its name in the store.
        kind: ``dataframe``, ``series``, ``array``, ``sparse``, ``polars dataframe``, ``arrow table``, … for
            data; ``value`` for plain values; ``object`` for what is pickled; ``file``.
        rows: rows of a frame, length of a series, first dimension of an array; None for other values.
        columns: columns of a frame, second dimension of an array; else None.
        stored_bytes: bytes of the files that were new when it was put.
        recipe: how its new columns are stored, cheapest first: ``take``, ``take+chunks``, …; ``rename`` if
            only names are new, ``same`` if nothing is.
        profile: name, type and count of missing values of each column of a frame, series or table.
    """

    digest: str
    kind: str
    rows: int | None
    columns: int | None
    stored_bytes: int
    recipe: str = "same"
    profile: tuple[ColumnProfile, ...] = ()


class SnapshotStore:
    """Values by digest, in one place; any number of processes may read and write it.

    Args:
        path: a folder, or a URL such as ``s3://bucket/snapshots``.
        held_bytes: how much of the frames that were put last may stay in memory, to make recipes from.
        most_object_bytes: the largest pickle of an object that is taken.
        calls_user_code: whether pickling may call methods that a class of the notebook defines for it; if
            not, such objects are refused.

    Raises:
        BadInputError: the URL cannot be opened here.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        held_bytes: int = HELD_BYTES,
        most_object_bytes: int = MOST_OBJECT_BYTES,
        calls_user_code: bool = True,
    ) -> None:
        self.path = path if _is_url(path) else Path(path)
        self._files = open_files(path)
        self._held_bytes = held_bytes
        self._pickling: dict[str, Any] = {"most_bytes": most_object_bytes, "calls_user_code": calls_user_code}
        self._parents: Any = None
        self._profiler: Any = None
        self._mutex = threading.RLock()

    def put(self, value: object, parent: str | None = None, parent_value: object = None) -> Snapshot:
        """Store a value; what the store holds already, or can make from what it holds, is not written again.

        Data is stored as such. Estimators and other objects are pickled, and marked with the user's own key;
        that is looked at, by loading them once, whether they come back.

        Args:
            value: what to keep.
            parent: digest of the version it was made from; without one, or if it is not there, the values put
                last are tried.
            parent_value: the parent itself, if it is at hand, so that it need not be read back.

        Raises:
            BadInputError: this value cannot be stored; see `is_storable`.
            StoreError: the place does not take it, or the value was changed while it was being stored.
        """
        with self._mutex:
            return self._put(value, parent, parent_value, set())

    def get(self, digest: str, *, trust: bool = False) -> Any:
        """The value with that digest, equal to what was put: index, dtypes, names and all.

        If rows were forgotten since, what is left of it.

        Args:
            digest: the value's.
            trust: load a pickled object although another user may have written it. It can run any code.

        Raises:
            NotFoundError: the store does not hold it.
            UnsafeModelError: it is a pickled object that this user did not write; nothing of it was loaded.
            BadInputError: it is a file, or its library is not installed here.
            StoreError: a file of it is missing or damaged.
        """
        from jupyter_mlops.snapshot import objects, stored_files
        from jupyter_mlops.snapshot.reading import Reader
        from jupyter_mlops.snapshot.taken import stored

        manifest = self._manifest(digest)
        if manifest.kind == objects.KIND:
            return objects.load_object(self._files, digest, manifest, trust=trust)
        if manifest.kind == stored_files.KIND:
            raise BadInputError(f"{digest[:8]} is a file, not a value.", "Use get_file(digest, to=…).")
        return stored(manifest, Reader(self._files).checked).value()

    def put_file(self, path: str | Path) -> Snapshot:
        """Store a file as it is, in pieces; it is never in memory whole.

        Raises:
            BadInputError: it cannot be read, or is no file.
            StoreError: the place does not take it, or it was changed meanwhile.
        """
        from jupyter_mlops.snapshot import stored_files

        with self._mutex, self._files.locked():
            digest, written = stored_files.store_file(self._files, Path(path))
        return Snapshot(digest, stored_files.KIND, None, None, written, "chunks" if written else "same")

    def get_file(self, digest: str, to: str | Path) -> Path:
        """Write a stored file; a file of that name is replaced. Returns its path.

        Raises:
            NotFoundError: the store does not hold it.
            BadInputError: it is a value and no file, or `to` cannot be written.
            StoreError: a piece is missing or damaged; then nothing was written.
        """
        from jupyter_mlops.snapshot import stored_files

        manifest = self._manifest(digest)
        if manifest.kind != stored_files.KIND:
            raise BadInputError(f"{digest[:8]} is a value, not a file.", "Use get(digest).")
        stored_files.write_file(self._files, digest, manifest, Path(to))
        return Path(to)

    def describe(self, digest: str) -> Snapshot:
        """What the store knows about a value, from its manifest alone.

        Raises:
            NotFoundError: the store does not hold it.
            StoreError: its manifest is damaged.
        """
        from jupyter_mlops.snapshot.profile import ColumnProfile

        found = self._manifest(digest)
        profile = tuple(ColumnProfile(*column) for column in found.profile)
        return Snapshot(digest, found.kind, found.rows, found.columns, 0, found.recipe, profile)

    def newest(self, digest: str) -> str:
        """The digest of what is left of a value: its own, unless rows were forgotten since.

        Raises:
            NotFoundError: the store does not hold it.
            StoreError: its manifest is damaged.
        """
        self._manifest(digest)
        now = read_manifest(self._files, digest).now
        return digest if now is None else self.newest(now)

    def taken(self, digest: str) -> Taken:
        """A value as its parts, so that its columns can be read one at a time.

        Raises:
            NotFoundError: the store does not hold it.
            StoreError: its manifest is damaged.
        """
        from jupyter_mlops.snapshot.reading import Reader
        from jupyter_mlops.snapshot.taken import stored

        return stored(self._manifest(digest), Reader(self._files).checked)

    def profile(self, digest: str) -> str | None:
        """The text that `keep_profile` took for a value; None if there is none."""
        from jupyter_mlops.snapshot.kept_profiles import read_profile

        return read_profile(self._files, digest)

    def keep_profile(self, digest: str, text: str) -> bool:
        """Keep a description of a value, as JSON, for as long as the value; False if that has gone already.

        Raises:
            StoreError: the place does not take it.
        """
        from jupyter_mlops.snapshot.kept_profiles import write_profile

        if not self._files.exists(manifest_name(digest)):
            return False  # before the lock, which would make the folder of a project again that was removed
        with self._mutex, self._files.locked():
            return write_profile(self._files, digest, text)

    def __contains__(self, digest: object) -> bool:
        known = isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None
        return known and self._files.exists(manifest_name(str(digest)))

    def bring(self, digest: str) -> None:
        """Have a value here, if it is at a place that this folder is shared at; see `SharedStore`."""

    def diff(self, one: str, other: str) -> Difference:
        """What differs between two stored values: rows, columns, cells; reads only the columns that differ.

        Raises:
            NotFoundError: the store does not hold one of them.
            BadInputError: one of them is a pickled object or a file.
            StoreError: a file is missing or damaged.
        """
        from dataclasses import replace

        from jupyter_mlops.snapshot.diff import diff
        from jupyter_mlops.snapshot.reading import Reader
        from jupyter_mlops.snapshot.taken import stored

        manifests = [self._manifest(digest) for digest in (one, other)]
        opaque = [manifest.kind for manifest in manifests if manifest.kind in {"object", "file"}]
        if opaque:
            raise BadInputError(
                f"An {opaque[0]} has no rows to compare.", "Compare frames, tables or arrays."
            )
        sides = [stored(manifest, Reader(self._files).checked) for manifest in manifests]
        return replace(diff(*sides), equal=one == other)

    def verify(self) -> Health:
        """Read everything and compare it with the digests that name it; changes nothing."""
        from jupyter_mlops.snapshot.verify import verify

        return verify(self._files)

    def gc(self, keep: Collection[str] | None = None) -> Freed:
        """Remove files that no value needs; with `keep`, also all values but these.

        Of a store at a URL nobody else may write meanwhile: there are no locks.

        Raises:
            NotFoundError: the store does not hold one of `keep`; then nothing is removed.
            StoreError: a file is damaged or cannot be removed.
        """
        from jupyter_mlops.snapshot.collect import collect
        from jupyter_mlops.snapshot.forget import finish

        with self._mutex, self._files.locked():
            finish(self._files)
            return collect(self._files, keep)

    def forget(
        self, where: Mapping[str, Any], *, also: Collection[str] = (), dry_run: bool = False
    ) -> Forgotten:
        """Remove rows from every version, and from the files: afterwards no file holds a value of theirs.

        Old digests lead to what is left. Numbers that were computed from many rows stay as they are, and so
        do copies made by `copy_to`, which must be told as well.

        Args:
            where: column (or index level) to the value, or list of values, that a row to forget has; of
                several columns, all must match.
            also: digests of values to remove altogether; those the store does not hold are no matter.
            dry_run: only say what would be removed.

        Raises:
            StoreError: a file is missing or damaged, or the place does not take a file.
        """
        from jupyter_mlops.snapshot.forget import Forgotten, find, forget, unlabelled

        if dry_run:
            found, _, unknown = find(self._files, where)
            rows = {name: len(places) for name, places in found.items()}
            return Forgotten(rows, {}, tuple(unknown), found, unlabelled(self._files, unknown))
        with self._mutex, self._files.locked():
            self._parents = None  # they hold the rows in memory

            def put(value: Any, avoid: set[str]) -> str:
                return self._put(value, None, None, avoid).digest

            return forget(self._files, put, where, also)

    def copy_to(self, place: str | Path) -> Copied:
        """Copy everything that is not there yet to another folder or fsspec URL.

        Raises:
            BadInputError: the URL cannot be opened here.
            StoreError: a file cannot be read or written.
        """
        from jupyter_mlops.snapshot.collect import copy

        target = open_files(place)
        if target.place == self._files.place:
            raise BadInputError(
                f"The snapshot store {target.place} cannot be copied to itself.",
                "Name another folder or URL.",
            )
        with self._mutex, self._files.locked(), target.locked():
            return copy(self._files, target)

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
        from jupyter_mlops.snapshot.held_columns import take_apart_again
        from jupyter_mlops.snapshot.objects import KIND, store_object
        from jupyter_mlops.snapshot.parents import Parents, frozen
        from jupyter_mlops.snapshot.profile import Profiler
        from jupyter_mlops.snapshot.storing import store_value
        from jupyter_mlops.snapshot.taken import refuse
        from jupyter_mlops.snapshot.typed_json import NotPlainError

        if self._parents is None:
            self._parents = Parents(self._held_bytes)
        if self._profiler is None:
            self._profiler = Profiler()
        kept = frozen(value)
        digest, taken, leaves, texts = take_apart_again(kept, self._parents.texts)
        profile = self._profiler(taken)
        with self._files.locked():
            try:
                candidates = self._candidates(parent, parent_value)
                recipe, written = store_value(
                    self._files, digest, taken, leaves, candidates, avoid, profile=profile
                )
            except NotPlainError:
                if taken.kind != "value":
                    refuse(kept)
                    raise
                recipe, written = store_object(self._files, digest, kept, **self._pickling)
                return Snapshot(digest, KIND, None, None, written, recipe)
        self._parents.hold(digest, kept, taken, texts)
        return Snapshot(digest, taken.kind, taken.rows, taken.width, written, recipe, profile)

    def _candidates(self, parent: str | None, parent_value: object) -> list[Taken]:
        from jupyter_mlops.snapshot.reading import Reader
        from jupyter_mlops.snapshot.taken import stored, take_apart

        if parent_value is not None:
            return [take_apart(parent_value)[1]]
        if parent is None:
            return list(self._parents)
        held = self._parents.find(parent)
        if held is not None:
            return [held]
        try:
            return [stored(self._manifest(parent), Reader(self._files).leaf)]
        except MlopsError:  # it was skipped, collected or damaged: a child can do without
            return list(self._parents)


def _is_url(path: str | Path) -> bool:
    return isinstance(path, str) and "://" in path


def open_files(path: str | Path) -> Files:
    """The files at a folder, or at the URL of an object store or of what else fsspec knows.

    Raises:
        BadInputError: the URL cannot be opened here.
    """
    if not _is_url(path):
        return LocalFiles(Path(path))
    from importlib.util import find_spec

    from jupyter_mlops.snapshot.arrow_files import SCHEMES, ArrowFiles
    from jupyter_mlops.snapshot.remote import RemoteFiles

    package = SCHEMES.get(str(path).partition("://")[0])
    if package is not None and find_spec(package) is None:
        return ArrowFiles(str(path))
    return RemoteFiles(str(path))


def is_storable(value: object) -> bool:
    """True if `SnapshotStore.put` takes the value; looks at every element of object columns.

    Of an object that would be pickled only whether its content can be seen; its class may still object.
    """
    from jupyter_mlops.snapshot.layouts import is_storable as storable

    return storable(value)
