"""Whole files in the store: cut into pieces that are kept once each, read and written a piece at a time.

A file is named by the xxh3-128 of its bytes. Its pieces begin at multiples of 4 MB, so a file that grew at
its end shares all but the last of them with the shorter one.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from xxhash import xxh3_128

from jupyter_mlops.errors import BadInputError, StoreError
from jupyter_mlops.snapshot.chunks import chunk_name, chunk_pieces, compressed, read_chunk
from jupyter_mlops.snapshot.columns import Raw
from jupyter_mlops.snapshot.encode import pack
from jupyter_mlops.snapshot.files import not_what_it_says
from jupyter_mlops.snapshot.leaves import new_walk
from jupyter_mlops.snapshot.manifests import Manifest, manifest_name, write_manifest
from jupyter_mlops.snapshot.records import Record, read_record, record_name, write_record
from jupyter_mlops.snapshot.typed_json import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.snapshot.files import Files

KIND = "file"
_PIECE = 4 << 20


def store_file(files: Files, path: Path) -> tuple[str, int]:
    """Store a file; under the lock. Returns its digest and the bytes written.

    Raises:
        BadInputError: it cannot be read, or is no file.
        StoreError: the place does not take it, or it was changed meanwhile.
    """
    digest, size = _digest_of(path)
    if files.exists(manifest_name(digest)):
        return digest, 0
    key = _column_key(digest, size)
    written, chunks, whole = 0, [], xxh3_128()
    for piece in _read(path):
        whole.update(piece)
        name, content = chunk_pieces(*pack(Raw(np.frombuffer(piece, np.uint8))))
        chunks.append(name)
        if not files.exists(chunk_name(name)):
            written += files.write(chunk_name(name), compressed(content))
    if whole.hexdigest() != digest:
        raise StoreError(
            f"The file {path} was changed while it was being stored, so it was not.",
            "Store it again when nothing writes it.",
        )
    written += write_record(files, key, Record("chunks", size, chunks=tuple(chunks)))
    head = to_json({"name": path.name, "size": size})
    manifest = Manifest(KIND, None, None, head, [key], "chunks")
    return digest, written + write_manifest(files, digest, manifest)


def write_file(files: Files, digest: str, manifest: Manifest, to: Path) -> None:
    """Write a stored file under a name: whole, or not at all.

    Raises:
        BadInputError: there is no such folder, or it cannot be written.
        StoreError: a piece is missing or damaged.
    """
    whole = xxh3_128()
    try:
        handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in _pieces(files, str(manifest.trees[0])):
                    whole.update(piece)
                    file.write(piece)
            if whole.hexdigest() != digest:
                raise not_what_it_says(f"{files.place}/{manifest_name(digest)}")
            Path(name).chmod(0o644)
            Path(name).replace(to)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInputError(
            f"The file {to} cannot be written ({error.strerror or type(error).__name__}).",
            "Name another one, in a folder that exists and can be written.",
        ) from error


def is_bytes(files: Files, record: Record) -> bool:
    """True for a column of bytes, as a file's, whose digest can be had a piece at a time."""
    if record.recipe != "chunks" or not record.chunks or record.rows is None:
        return False
    header, _ = read_chunk(files, record.chunks[0])
    return header["part"] == "raw" and header["dtype"] == repr("|u1") and len(header["shape"]) == 1


def check_bytes(files: Files, key: str) -> None:
    """Raise StoreError unless a column of bytes gives what its digest says; never holds it whole."""
    whole, size = xxh3_128(), 0
    for piece in _pieces(files, key):
        whole.update(piece)
        size += len(piece)
    if _column_key(whole.hexdigest(), size) != key:
        raise not_what_it_says(f"{files.place}/{record_name(key)}")


def _column_key(digest: str, size: int) -> str:
    """The digest of the bytes as a column, which is the xxh3-128 of the bytes behind dtype and shape."""
    walk = new_walk()
    head = walk.tokens((np.dtype(np.uint8), size))
    return walk.node("ndarray", head, bytes.fromhex(digest)).hex()


def _digest_of(path: Path) -> tuple[str, int]:
    whole, size = xxh3_128(), 0
    for piece in _read(path):
        whole.update(piece)
        size += len(piece)
    return whole.hexdigest(), size


def _read(path: Path) -> Iterator[bytes]:
    """The bytes of a file in pieces; of an empty one, one empty piece."""
    try:
        with path.open("rb") as file:
            piece = file.read(_PIECE)
            yield piece
            while len(piece) == _PIECE and (piece := file.read(_PIECE)):
                yield piece
    except OSError as error:
        raise BadInputError(
            f"The file {path} cannot be read ({error.strerror or type(error).__name__}).",
            "Name a file that exists and can be read.",
        ) from error


def _pieces(files: Files, key: str) -> Iterator[Any]:
    for chunk in read_record(files, key).chunks:
        _, (data,) = read_chunk(files, chunk)
        yield data
