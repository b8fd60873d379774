"""Who answers a request: the rule in ``rollout.json``, and what it means for one request.

``{"mode": "canary", "share": 0.1}``; the modes are

- champion: the champion answers all,
- canary: the challenger answers a share of the requests, at random,
- split: the challenger answers those whose key falls into a share, so that one key always gets one version,
- shadow: the champion answers all, the challenger scores a share of them and is compared.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..problems import BadRequest, StartError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from ..batch import Batch

MODES = ("champion", "canary", "split", "shadow")
_HEADER = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True)
class Rollout:
    """A rule.

    Attributes:
        mode: one of `MODES`.
        share: of the requests, from 0 to 1; for champion without a meaning.
        key: for split, ``header:NAME`` or ``column:NAME``; of several rows the first one's counts.
    """

    mode: str = "champion"
    share: float = 0.0
    key: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    def asks_challenger(self, headers: dict[bytes, bytes], batch: Batch, experiment: str) -> bool:
        """Whether the challenger answers this request.

        Args:
            headers: of the request.
            batch: its rows.
            experiment: what keys are hashed with, so that the next challenger meets others.
        """
        if self.mode == "canary":
            return random.random() < self.share  # noqa: S311 - no secret
        if self.mode == "split":
            key = self._key_of(headers, batch)
            return key is not None and _place(experiment, key) < self.share
        return False

    def is_shadowed(self) -> bool:
        """Whether the challenger scores this request beside the champion."""
        return self.mode == "shadow" and random.random() < self.share  # noqa: S311 - no secret

    def _key_of(self, headers: dict[bytes, bytes], batch: Batch) -> str | None:
        kind, _, name = self.key.partition(":")
        if kind == "header":
            given = headers.get(name.encode())
            return None if given is None else given.decode("latin-1")
        index = next(index for index, column in enumerate(batch.columns) if column.name == name)
        # As an array, so that one value is one text, whichever protocol it came by.
        value = batch.array(index)[:1].tolist()[0]
        return None if value is None or value != value else str(value)  # noqa: PLR0124 - NaN is missing


def _place(experiment: str, key: str) -> float:
    """Where a key falls between 0 and 1: each share contains the keys of all smaller ones."""
    digest = hashlib.blake2b(f"{experiment}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def read_rollout(file: Path, columns: Collection[str], *, has_challenger: bool) -> Rollout:
    """The rule in a file; without one the champion answers. Raises StartError when it is no rule."""
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return Rollout()
    except (OSError, ValueError) as error:
        raise StartError(f"{file} cannot be read as JSON.", f"Write a rule such as {_EXAMPLE}.") from error
    try:
        return check_rollout(content, columns, has_challenger=has_challenger)
    except BadRequest as problem:
        raise StartError(f"{file} is no rule for this bundle: {problem}.", f"Write {_EXAMPLE}.") from problem


def check_rollout(content: Any, columns: Collection[str], *, has_challenger: bool) -> Rollout:
    """A rule from JSON. Raises BadRequest with the path of what does not fit."""
    if not isinstance(content, dict) or not content.keys() <= {"mode", "share", "key"}:
        raise BadRequest("BAD_ROLLOUT", "expected an object with mode, share and key")
    mode, share, key = content.get("mode"), content.get("share"), content.get("key", "")
    if mode not in MODES:
        raise BadRequest("BAD_ROLLOUT", f"expected one of {', '.join(MODES)}", "$.mode")
    if mode == MODES[0] and share is None:
        share = 0
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise BadRequest("BAD_ROLLOUT", "expected a number from 0 to 1", "$.share")
    if not isinstance(key, str) or not (_is_key(key, columns) or (key == "" and mode != "split")):
        raise BadRequest("BAD_ROLLOUT", "expected header:NAME or column:NAME of the schema", "$.key")
    if mode != MODES[0] and not has_challenger:
        raise BadRequest(
            "NO_CHALLENGER", "this bundle has one version: export it with --challenger", "$.mode"
        )
    kind, _, name = key.partition(":")
    return Rollout(mode, float(share), f"{kind}:{name.lower()}" if kind == "header" else key)


def _is_key(key: str, columns: Collection[str]) -> bool:
    kind, _, name = key.partition(":")
    if kind == "header":
        return _HEADER.fullmatch(name.lower()) is not None
    return kind == "column" and name in columns


_EXAMPLE = '{"mode": "canary", "share": 0.1}'
