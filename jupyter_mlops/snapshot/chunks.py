"""One column in one file: a checksum, then the header and the buffers in one zstd frame."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128_digest

from jupyter_mlops.snapshot.files import damaged, read_whole, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MAGIC = b"JMS1"
_START = len(_MAGIC) + 16
_LENGTH = struct.Struct("<Q")
COMPRESSION_LEVEL = 1  # level 3 takes twice the time for 1 % less (measured on mixed columns)


def write_chunk(path: Path, header: dict[str, Any], buffers: Iterable[memoryview]) -> int:
    """Compress and write one chunk; returns the size of the file.

    Raises:
        StoreError: the folder or the disk does not take it.
    """
    import zstandard

    head = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    pieces: list[bytes | memoryview] = [_LENGTH.pack(len(head)) + head, *buffers]
    # The size goes into the frame, so that reading allocates once.
    size = sum(len(piece) for piece in pieces)
    compress = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compressobj(size=size)
    content = b"".join((*(compress.compress(piece) for piece in pieces), compress.flush()))
    return write_atomically(path, _MAGIC + xxh3_128_digest(content) + content)


def read_chunk(path: Path) -> tuple[dict[str, Any], memoryview]:
    """The header and the joined buffers of one chunk.

    Raises:
        StoreError: the file is missing, cannot be read, or is not what was written.
    """
    import zstandard

    data = memoryview(read_whole(path))
    if data[: len(_MAGIC)] != _MAGIC or xxh3_128_digest(data[_START:]) != data[len(_MAGIC) : _START]:
        raise damaged(path)
    content = memoryview(zstandard.ZstdDecompressor().decompress(data[_START:]))
    (size,) = _LENGTH.unpack_from(content)
    start = _LENGTH.size + size
    return json.loads(bytes(content[_LENGTH.size : start])), content[start:]
