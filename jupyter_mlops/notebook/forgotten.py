"""The append-only note of what was forgotten: who, when, how much; of the values only keyed hashes."""

from __future__ import annotations

import getpass
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.mask_tokens import Tokenizer, load_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "forgotten.jsonl"


def note(home: Path, key_file: Path, where: Mapping[str, list[Any]], done: Mapping[str, Any]) -> None:
    """Add one line; `where` gives columns and values, `done` counts.

    Raises:
        StoreError: the key or the file cannot be written.
    """
    tokens = Tokenizer(load_key(key_file))
    entry = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": _user(),
        "where": {name: [tokens.of(value) for value in values] for name, values in where.items()},
        **done,
    }
    try:
        handle = os.open(home / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, (json.dumps(entry) + "\n").encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StoreError(
            f"the rows are forgotten, but {home / FILE} cannot be written ({error.strerror})",
            "Make it writable and forget them again: the second time only the note is added.",
        ) from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
