"""The snapshot store: a folder in which every column is kept once, ever.

``docs/snapshot-format.md`` describes the files. Keys are xxh3-128 digests: they tell honest values apart
but not forged ones, so a store must be written only by people who may write the project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, NotFoundError
from jupyter_mlops.snapshot.digest import seal
from jupyter_mlops.snapshot.files import bytes_under
from jupyter_mlops.snapshot.manifests import Manifest, read_manifest, write_manifest
from jupyter_mlops.snapshot.registry import UnknowableError
from jupyter_mlops.snapshot.walk import Walk

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.frames import Layout

_UNBOUNDED = 1 << 62
_DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Snapshot:
    """What the store knows about a value it holds.

    Attributes:
        digest: the value's digest, and its name in the store.
        kind: ``dataframe``, ``series``, ``array`` or ``value``.
        rows: rows of a frame, length of a series, first dimension of an array; None for other values.
        columns: columns of a frame, second dimension of an array; else None.
        stored_bytes: bytes of the files that were new when it was put.
    """

    digest: str
    kind: str
    rows: int | None
    columns: int | None
    stored_bytes: int


class SnapshotStore:
    """Values by digest, in one folder; any number of processes may read and write it."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def put(self, value: object) -> Snapshot:
        """Store a value; what the store holds already is not written again.

        Raises:
            BadInputError: a value of this type cannot be stored; see `is_storable`.
            StoreError: the folder or the disk does not take it.
        """
        from jupyter_mlops.snapshot.chunks import write_chunk
        from jupyter_mlops.snapshot.layouts import head_json, layout_of, packed

        layout = layout_of(value)
        head = head_json(layout)
        walk = Walk(_UNBOUNDED, _UNBOUNDED)
        keys: list[bytes] = []
        written = 0
        for position in range(len(layout.columns)):
            keys.append(_fold(walk, layout, position))
            chunk = self._chunk(keys[-1].hex())
            if not chunk.exists():
                written += write_chunk(chunk, *packed(layout, position))
        digest = seal(walk, layout.token(walk, keys))
        # The manifest comes last: whoever sees it finds its chunks.
        if digest not in self:
            hexes = [key.hex() for key in keys]
            manifest = Manifest(layout.kind, layout.rows, layout.width, head, hexes)
            written += write_manifest(self._manifest(digest), manifest)
        return Snapshot(digest, layout.kind, layout.rows, layout.width, written)

    def get(self, digest: str) -> Any:
        """The value with that digest, equal to what was put: index, dtypes, names and all.

        Raises:
            NotFoundError: the store does not hold it.
            StoreError: a file of it is missing or damaged.
        """
        from jupyter_mlops.snapshot.chunks import read_chunk
        from jupyter_mlops.snapshot.encode import unpack
        from jupyter_mlops.snapshot.rebuild import rebuild
        from jupyter_mlops.snapshot.typed_json import from_json

        if digest not in self:
            raise NotFoundError(
                f"The snapshot store {self.path} holds no value with digest {str(digest)[:32]!r}.",
                "Check the digest, or run the cell again that made this value.",
            )
        manifest = read_manifest(self._manifest(digest))
        columns = [unpack(*read_chunk(self._chunk(key))) for key in manifest.chunks]
        return rebuild(manifest.kind, from_json(manifest.head), columns)

    def __contains__(self, digest: object) -> bool:
        known = isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None
        return known and self._manifest(str(digest)).exists()

    def size(self) -> int:
        """Bytes of all chunks and manifests on disk."""
        return bytes_under(self.path)

    def _chunk(self, key: str) -> Path:
        return self.path / "chunks" / key[:2] / key

    def _manifest(self, digest: str) -> Path:
        return self.path / "manifests" / digest[:2] / f"{digest}.json"


def is_storable(value: object) -> bool:
    """True if `SnapshotStore.put` takes the value; looks at every element of object columns."""
    from jupyter_mlops.snapshot.columns import has_objects
    from jupyter_mlops.snapshot.layouts import head_json, layout_of, packed

    try:
        layout = layout_of(value)
        head_json(layout)
        for position, column in enumerate(layout.columns):
            if has_objects(column):
                packed(layout, position)
    except BadInputError:
        return False
    return True


def _fold(walk: Walk, layout: Layout, position: int) -> bytes:
    from jupyter_mlops.snapshot.layouts import not_storable, packed

    try:
        return layout.columns[position].fold(walk)
    except UnknowableError as error:
        packed(layout, position)  # names the element's type, which this error cannot
        raise not_storable(layout, position, str(error)) from error
