"""Every byte below a folder, compressed or not, searched for texts in all forms they may be written in."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def files_with(folder: Path, *secrets: str) -> list[str]:
    """Files (with the member of an archive) in which any of the secrets stands."""
    forms = [form for secret in secrets for form in _forms(secret)]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # one that was being written has got its name meanwhile
                continue
            for part, data in _contents(path.name, content):
                if any(form in data for form in forms):
                    found.append(f"{path.relative_to(folder)}{part}")
            if path.suffix == ".db" and any(form in _dump(path) for form in forms):
                found.append(f"{path.relative_to(folder)} (rows)")
    return found


def _forms(secret: str) -> set[bytes]:
    texts = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")}


def _contents(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "", data
    if data.startswith(b"JMS2"):
        yield " (chunk)", zstandard.ZstdDecompressor().decompress(data[20:])
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        yield " (zstd)", zstandard.ZstdDecompressor().decompress(data)
    elif data.startswith(b"\x1f\x8b"):
        yield " (gzip)", gzip.decompress(data)
    elif data.startswith(b"PAR1"):
        yield " (parquet)", str(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                for part, inner in _contents(member, archive.read(member)):
                    yield f"!{member}{part}", inner


def _dump(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump()).encode()
