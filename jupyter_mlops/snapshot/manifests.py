"""A snapshot's manifest: what a value is made of, as JSON that a person can read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128_hexdigest

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.files import damaged, read_whole, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """Kind, head (typed JSON) and the keys of the chunks, in the order of `frames`."""

    kind: str
    rows: int | None
    columns: int | None
    head: Any
    chunks: list[str]
    format: int = FORMAT


def write_manifest(path: Path, manifest: Manifest) -> int:
    """Write a manifest with the checksum of its content; returns the size of the file.

    Raises:
        StoreError: the folder or the disk does not take it.
    """
    body = asdict(manifest)
    return write_atomically(path, json.dumps({**body, "checksum": _checksum(body)}, indent=1).encode())


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        StoreError: the file cannot be read, is not what was written, or is of a later format.
    """
    try:
        body = json.loads(read_whole(path))
        checksum = body.pop("checksum")
    except (ValueError, KeyError, AttributeError) as error:
        raise damaged(path) from error
    if checksum != _checksum(body):
        raise damaged(path)
    if body["format"] != FORMAT:
        raise StoreError(
            f"{path} is in format {body['format']} of the store; this version reads format {FORMAT}.",
            "Update jupyter-mlops to the version that wrote it.",
        )
    return Manifest(**body)


def _checksum(body: dict[str, Any]) -> str:
    return xxh3_128_hexdigest(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
