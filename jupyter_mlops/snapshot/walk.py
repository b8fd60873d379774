"""One pass over a value that turns it into a digest.

A digest is built bottom up: a leaf is its own bytes behind a type tag, a node is the xxh3-128 of its tag
and its parts, and every part carries its length, so that two different values never spell the same bytes.
Nothing here depends on ids, ``hash()``, pickle or the order of sets, so the same content has the same
digest in every process.
"""

from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128, xxh3_128_digest

from jupyter_mlops.snapshot.alike import WORTH_IT, tokens_alike
from jupyter_mlops.snapshot.digest_objects import attributes_token, digest_instance
from jupyter_mlops.snapshot.registry import UnknowableError, handler_for, leaves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.snapshot.known_columns import Look

MAX_OBJECTS = 2_000_000  # one to four seconds of walking; buffers are counted in bytes, not objects
MAX_DEPTH = 120  # each level costs up to five frames, and a notebook kernel starts some 60 deep
MAX_REMEMBERED = 50_000  # shared objects beyond that are walked again: slower, same digest
_INFINITE = sys.maxsize
_LENGTH = struct.Struct("<Q").pack


class Walk:
    """The state of one pass: what may still be spent, what is open, what is known already."""

    def __init__(
        self, budget_bytes: int, budget_objects: int = MAX_OBJECTS, columns: Look | None = None
    ) -> None:
        self.columns = columns
        self._bytes = budget_bytes
        self._objects = budget_objects
        self._open: dict[int, int] = {}
        self._known: dict[int, tuple[object, bytes]] = {}  # the object is held: a freed id is used again
        self._reached = _INFINITE  # the outermost open value that a cycle pointed back to

    def node(self, tag: str, *parts: bytes) -> bytes:
        """The digest of a tag and its parts, 16 bytes."""
        pieces = [tag.encode(), b"\0"]
        for part in parts:
            pieces += (_LENGTH(len(part)), part)
        return xxh3_128_digest(b"".join(pieces))

    def buffer(self, data: Any) -> bytes:
        """The digest of one contiguous buffer of bytes, at memory speed."""
        size = memoryview(data).nbytes
        self.spend(size)
        return xxh3_128_digest(data)

    def buffers(self, pieces: Iterable[Any]) -> bytes:
        """The digest of `buffer` for the pieces one after the other, without joining them."""
        whole = xxh3_128()
        for data in pieces:
            self.spend(memoryview(data).nbytes, 0)
            whole.update(data)
        return whole.digest()

    @property
    def left(self) -> tuple[int, int]:
        """Bytes and objects that may still be spent."""
        return self._bytes, self._objects

    def spend(self, size: int, objects: int = 1) -> None:
        """Take bytes and objects from the budget.

        Raises:
            UnknowableError: nothing is left.
        """
        self._bytes -= size
        self._objects -= objects
        if self._bytes < 0 or self._objects < 0:
            raise UnknowableError("over the budget")

    def tokens(self, values: Iterable[object]) -> bytes:
        """The tokens of values in their order, one after the other."""
        if type(values) is list and WORTH_IT < len(values) <= self._objects:
            alike = tokens_alike(values, leaves)
            if alike is not None:
                self.spend(len(alike), len(values))
                return alike
        out: list[bytes] = []
        most = self._objects
        for value in values:
            to_bytes = leaves.get(id(type(value)))
            out.append(self.token(value) if to_bytes is None else to_bytes(value))
            if len(out) > most:
                raise UnknowableError("over the budget")
        data = b"".join(out)
        self.spend(len(data), len(out))
        return data

    def token(self, value: object) -> bytes:
        """What stands for a value inside a node: a leaf's bytes, a digest, or a step back in a cycle."""
        cls = type(value)
        to_bytes = leaves.get(id(cls))
        if to_bytes is not None:
            data = to_bytes(value)
            self.spend(len(data))
            return data
        key = id(value)
        known = self._known.get(key)
        if known is not None:
            return known[1]
        depth = len(self._open)
        if key in self._open:
            self._reached = min(self._reached, self._open[key])
            return b"^" + struct.pack("<I", depth - self._open[key])
        if depth >= MAX_DEPTH:
            raise UnknowableError("too deep")
        self.spend(16)
        outside, self._reached = self._reached, _INFINITE
        self._open[key] = depth
        try:
            token = b"#" + self._digest(value, cls)
        finally:
            del self._open[key]
        if self._reached >= depth:
            # Self-contained: it means the same wherever it stands, so it needs no second visit.
            if len(self._known) < MAX_REMEMBERED:
                self._known[key] = (value, token)
            self._reached = outside
        else:
            self._reached = min(self._reached, outside)
        return token

    def _digest(self, value: object, cls: type) -> bytes:
        entry = handler_for(cls)
        if entry is None:
            return digest_instance(self, value)
        base, handler, whole = entry
        content = handler(self, value)
        if whole or base is cls:
            return content
        return self.node("subclass", self.token(cls), content, attributes_token(self, value, below=base))
