"""A snapshot's manifest: what a value is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.sealed import sealed, unsealed

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.trees import Tree

FOLDER = "manifests"


@dataclass(frozen=True)
class Manifest:
    """Kind, head (typed JSON) and the trees of its columns, in the order of `frames`.

    A value from which rows were forgotten has no trees but `now`, the digest of what is left of it. A pickled
    object has the `mark` of the user who pickled it. The `profile` has name, type and count of missing values
    of each column.
    """

    kind: str
    rows: int | None
    columns: int | None
    head: Any
    trees: list[Tree]
    recipe: str
    now: str | None = None
    mark: str | None = None
    profile: list[tuple[str, str, int | None]] = field(default_factory=list)


def manifest_name(digest: str) -> str:
    """The file of a manifest in the store."""
    return f"{FOLDER}/{digest[:2]}/{digest}.json"


def write_manifest(files: Files, digest: str, manifest: Manifest) -> int:
    """Write a manifest; returns the size of the file.

    Raises:
        StoreError: the place does not take it.
    """
    body = asdict(manifest)
    for name in ("mark", "profile"):
        if not body[name]:
            del body[name]
    return files.write(manifest_name(digest), sealed(body))


def read_manifest(files: Files, digest: str) -> Manifest:
    """Read a manifest.

    Raises:
        StoreError: the file cannot be read, is not what was written, or is of another format.
    """
    name = manifest_name(digest)
    return Manifest(**unsealed(files.read(name), f"{files.place}/{name}"))


def digests(files: Files) -> list[str]:
    """Every value of the store, oldest first."""
    names = list(files.names(FOLDER))
    names.sort(key=files.modified)
    return [name.rpartition("/")[2].removesuffix(".json") for name in names]
