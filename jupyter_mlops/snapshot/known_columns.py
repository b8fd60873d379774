"""Digests of columns that need no second look, because pandas cannot have changed them.

While somebody holds a shallow copy of a frame, every ordinary write of pandas goes to new memory
(copy-on-write). So a column whose memory is the one that was digested, and is held since, is unchanged, in
whatever frame it stands now. What writes past pandas, such as an array the user kept or a library that
makes a view writable by force, is met in three ways: memory that anybody but pandas refers to when it is
digested is not remembered; a few values of each column are compared every time; and a walk can be told to
trust nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from jupyter_mlops.snapshot.identities import Identity
    from jupyter_mlops.snapshot.walk import Walk


@dataclass
class _Known:
    digest: bytes
    sample: bytes
    cost: tuple[int, int]
    """Bytes and objects that digesting it took from the budget: knowing it must not stretch that."""
    holders: int = 0


@dataclass
class Frozen:
    """What one walk holds: shallow copies of the frames it met, and the columns that lie in their memory."""

    copies: list[Any] = field(default_factory=list)
    columns: set[Hashable] = field(default_factory=set)
    bytes: int = 0


class KnownColumns:
    """The columns of all frames that are held, by where their memory lies.

    Args:
        most_bytes: hold no frames of more bytes than that in all; those beyond are digested in full.
    """

    def __init__(self, most_bytes: int) -> None:
        self._known: dict[Hashable, _Known] = {}
        self._most_bytes = most_bytes
        self.bytes = 0
        """Size of all frames that are held; while the notebook has them too, they take no memory of ours."""

    def look(self, *, trust: bool = True) -> Look:
        """What one walk looks columns up with; with `trust` False it digests all of them again."""
        return Look(self, trust=trust)

    def release(self, frozen: Frozen) -> None:
        """Let go what a walk holds; columns that nobody holds any longer are forgotten."""
        for key in frozen.columns:
            known = self._known.get(key)
            if known is not None:
                known.holders -= 1
                if known.holders <= 0:
                    del self._known[key]
        self.bytes -= frozen.bytes
        frozen.columns, frozen.copies, frozen.bytes = set(), [], 0

    def hold(self, frozen: Frozen, manager: Any, size: int) -> bool:
        """Hold a frame's or series's memory, given its block manager, unless it is too much in all."""
        if self.bytes + size > self._most_bytes:
            return False
        frozen.copies.append(manager.copy(deep=False))
        frozen.bytes += size
        self.bytes += size
        return True

    def find(self, identity: Identity) -> _Known | None:
        """The column in that memory, if it is known and still looks the same."""
        known = self._known.get(identity.key)
        return known if known is not None and known.sample == identity.sample else None

    def remember(self, identity: Identity, digest: bytes, cost: tuple[int, int]) -> None:
        """Keep the digest of a column whose memory is held."""
        before = self._known.get(identity.key)
        self._known[identity.key] = _Known(digest, identity.sample, cost, before.holders if before else 0)

    def count(self, frozen: Frozen, identity: Identity) -> None:
        """Note that a walk holds a column."""
        if identity.key not in frozen.columns:
            frozen.columns.add(identity.key)
            self._known[identity.key].holders += 1

    def forget(self, identity: Identity) -> None:
        """Others can write where it lies: it is known no longer, whoever holds it."""
        self._known.pop(identity.key, None)


class Look:
    """One walk's way to the known columns; `frozen` is what it holds."""

    def __init__(self, columns: KnownColumns, *, trust: bool) -> None:
        self._columns = columns
        self._trust = trust
        self.frozen = Frozen()

    def fold(
        self, walk: Walk, manager: Any, arrays: tuple[Any, ...], fresh: Callable[[Any], bytes]
    ) -> list[bytes]:
        """The digests of a frame's arrays: those that are known, and what `fresh` finds for the others.

        Args:
            walk: pays for them.
            manager: the frame's block manager, whose memory is held from now on.
            arrays: its columns, and those of its index and labels.
            fresh: digests an array.
        """
        from jupyter_mlops.snapshot.identities import WORTH_IT, exclusive_memory, identity_of, size_of

        size = size_of(manager)
        if size < WORTH_IT or not self._columns.hold(self.frozen, manager, size):
            return [fresh(array) for array in arrays]
        exclusive: set[int] | None = None  # costs more than all the rest, and is needed for new columns only
        digests = []
        for array in arrays:
            identity = identity_of(array)
            if identity is None:
                digests.append(fresh(array))
                continue
            known = self._columns.find(identity) if self._trust else None
            if known is not None:
                walk.spend(*known.cost)
                digests.append(known.digest)
                self._columns.count(self.frozen, identity)
                continue
            before = walk.left
            digests.append(fresh(array))
            if exclusive is None:
                exclusive = exclusive_memory(manager, arrays)
            if exclusive.issuperset(identity.memory):
                spent = (before[0] - walk.left[0], before[1] - walk.left[1])
                self._columns.remember(identity, digests[-1], spent)
                self._columns.count(self.frozen, identity)
            else:
                self._columns.forget(identity)
        return digests
