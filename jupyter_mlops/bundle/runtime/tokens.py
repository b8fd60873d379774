"""Bearer tokens: a file with the SHA-256 of each, so that who reads the file cannot use them.

A token is 256 random bits, so a plain hash is enough: there is nothing to guess. One line each::

    predict sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b website
    admin sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7 prometheus
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .problems import StartError
from .reread import Reread

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PREDICT, ADMIN = "predict", "admin"
KINDS = (PREDICT, ADMIN)
_LINE = re.compile(rf"({PREDICT}|{ADMIN})\s+sha256:([0-9a-f]{{64}})(\s+\S+)?")
_NAME = re.compile(r"[\w.@-]+")


class Tokens:
    """The tokens of a file. It is read again when it changes, so tokens come and go without a restart.

    Raises:
        StartError: the file cannot be read, has another line, or no token at all.
    """

    def __init__(self, file: Path) -> None:
        self._kinds = Reread(file, read_tokens, seconds=1.0)
        if not self._kinds.now():
            raise StartError(
                f"{file} has no tokens, so nobody could ask anything.",
                f"Make one: python serve.py --new-token {PREDICT} --tokens {file}",
            )

    def kinds_of(self, token: bytes) -> frozenset[str]:
        """What a token is for; empty when nobody knows it.

        Looking up its hash takes another time for another hash, which tells nothing about any token.
        """
        return self._kinds.now().get(hashlib.sha256(token).hexdigest(), frozenset())


def read_tokens(file: Path) -> Mapping[str, frozenset[str]]:
    """For each hash in the file what it is for. Raises StartError naming the line that is something else."""
    kinds: dict[str, frozenset[str]] = {}
    for number, line in enumerate(_text(file).splitlines(), start=1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        found = _LINE.fullmatch(content)
        if found is None:
            raise StartError(
                f"Line {number} of {file} is no token.",
                f"Write {' or '.join(KINDS)}, sha256: with 64 hex digits, and a name.",
            )
        kinds[found[2]] = kinds.get(found[2], frozenset()) | {found[1]}
    return kinds


def add_token(file: Path, kind: str, name: str) -> str:
    """Make a token, add its hash to the file (mode 600, whole or not at all), and return it.

    Raises:
        StartError: the file has other lines, or cannot be written.
    """
    name = name or f"made-{datetime.now(UTC):%Y-%m-%d}"
    if not _NAME.fullmatch(name):
        raise StartError("A token's name is one word.", "Use letters, digits, and . @ _ -")
    place = file.resolve()  # a link stays a link
    before = ""
    if place.exists():
        read_tokens(place)
        before = _text(place)
    token = secrets.token_urlsafe(32)
    line = f"{kind} sha256:{hashlib.sha256(token.encode()).hexdigest()} {name}\n"
    _replace(place, before + ("\n" if before and not before.endswith("\n") else "") + line)
    return token


def _replace(place: Path, text: str) -> None:
    fresh = place.with_name(f"{place.name}.new")
    try:
        # Made by nobody else, so two who add a token at once cannot lose one of them.
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(text)
            written.flush()
            os.fsync(written.fileno())
        fresh.replace(place)
    except FileExistsError as error:
        raise StartError(
            f"{fresh} is there already: somebody else adds a token.",
            "Try again; if it stays there, nobody does: remove it.",
        ) from error
    except OSError as error:
        raise StartError(
            f"{place} cannot be written ({error.strerror}).", "Name another file with --tokens."
        ) from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise StartError(
            f"The file of tokens {file} cannot be read.",
            "Name a readable file with --tokens; --new-token makes one.",
        ) from error
