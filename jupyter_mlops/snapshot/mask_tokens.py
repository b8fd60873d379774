"""What stands in a masked column's place: a keyed hash of each value, the same for equal values.

The key is random, made once for a project, and readable by its owner only. Without it a token can neither be
turned back nor be guessed and compared; who has the key can test whether a value they know is in the data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

MARK = "masked:"
_KEY_BYTES = 32
_TOKEN_BYTES = 10
"""80 bits: two of a million different values get the same token once in a trillion projects."""
_TOKEN = re.compile(rf"{MARK}[0-9a-f]{{{2 * _TOKEN_BYTES}}}")


def load_key(file: Path) -> bytes:
    """The project's key; made at the first call, by one process.

    Raises:
        StoreError: it cannot be made or read, or the file is not a key.
    """
    try:
        if not file.exists():
            _make(file)
        key = file.read_bytes()
    except OSError as error:
        raise StoreError(
            f"the key of masked columns {file} cannot be made or read ({error.strerror})",
            "Make the folder readable and writable for you, or track without --mask.",
        ) from error
    if len(key) != _KEY_BYTES:
        raise StoreError(
            f"the key of masked columns {file} is damaged",
            "Bring it back from a copy; without it, new tokens do not match those that are stored. "
            "Or remove it, and a new one is made.",
        )
    return key


def _make(file: Path) -> None:
    """Write a new key beside its place, then link it there: of two processes the first one wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(secrets.token_bytes(_KEY_BYTES))
            opened.flush()
            os.fsync(opened.fileno())
        if not file.exists():
            try:
                os.link(new, file)
            except FileExistsError:
                pass
            except OSError:  # a disk without hard links
                new.replace(file)
    finally:
        new.unlink(missing_ok=True)


class Tokenizer:
    """Values to tokens with one key; equal values of one kind get equal tokens, and so do 1 and 1.0."""

    def __init__(self, key: bytes) -> None:
        self._text = hashlib.blake2b(b"s", key=key, digest_size=_TOKEN_BYTES)
        self._other = hashlib.blake2b(b"o", key=key, digest_size=_TOKEN_BYTES)

    def of_text(self, value: str) -> str:
        """The token of a text; a token, as a restored frame has, stays itself."""
        if value.startswith(MARK) and is_token(value):
            return value
        found = self._text.copy()
        found.update(value.encode("utf-8", "surrogatepass"))
        return MARK + found.hexdigest()

    def of(self, value: Any) -> str:
        """The token of any value; of one without content that can be known, that of its type."""
        if issubclass(type(value), str):
            return self.of_text(str.__str__(value))
        found = self._other.copy()
        found.update(_plain(value).encode("utf-8", "surrogatepass"))
        return MARK + found.hexdigest()


def is_token(value: object) -> bool:
    """True for what stands in place of a masked value."""
    return type(value) is str and _TOKEN.fullmatch(value) is not None


def _plain(value: Any) -> str:
    """A text that is equal for equal values, without running code of the user's."""
    cls = type(value)
    if cls in {bool, int} or _is_numpy(cls, Integral):
        return f"n{int(value)}"
    if cls is float or _is_numpy(cls, Real):
        number = float(value)
        return f"n{int(number)}" if number.is_integer() else f"n{number!r}"
    if cls is Decimal:
        return f"n{int(value)}" if value == value.to_integral_value() else f"n{float(value)!r}"
    if cls in {bytes, bytearray}:
        return f"b{bytes(value).hex()}"
    if cls is dt.date or issubclass(cls, dt.datetime):  # pandas' Timestamp too
        return f"t{value.isoformat()}"
    from jupyter_mlops.snapshot.digest import digest

    return f"d{digest(value) or f'{cls.__module__}.{cls.__qualname__}'}"


def _is_numpy(cls: type, kind: Any) -> bool:
    return cls.__module__ == "numpy" and (issubclass(cls, kind) or cls.__name__ in {"bool", "bool_"})
