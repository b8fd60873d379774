"""JSON files that carry the checksum of their own content."""

from __future__ import annotations

import json
from typing import Any

from xxhash import xxh3_128_hexdigest

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.files import damaged

FORMAT = 2


def sealed(body: dict[str, Any]) -> bytes:
    """The file for a JSON object: with its format and the checksum of the rest."""
    whole = {**body, "format": FORMAT}
    return json.dumps({**whole, "checksum": _checksum(whole)}, separators=(",", ":")).encode()


def unsealed(data: bytes, where: str) -> dict[str, Any]:
    """The JSON object of a file.

    Raises:
        StoreError: the file is not what was written, or is of another format.
    """
    try:
        body: dict[str, Any] = json.loads(data)
        checksum = body.pop("checksum")
    except (ValueError, KeyError, AttributeError) as error:
        raise damaged(where) from error
    if checksum != _checksum(body):
        raise damaged(where)
    found = body.pop("format")
    if found == FORMAT:
        return body
    fix = (
        "Update jupyter-mlops to the version that wrote it."
        if found > FORMAT
        else "Delete the folder of the store and run the notebook again; it is then written anew."
    )
    raise StoreError(f"{where} is in format {found} of the store; this version reads format {FORMAT}.", fix)


def _checksum(body: dict[str, Any]) -> str:
    return xxh3_128_hexdigest(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
