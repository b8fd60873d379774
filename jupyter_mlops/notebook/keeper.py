"""Snapshots in the background: frozen copies wait, within a budget of memory, for one thread.

Nothing is dropped silently: `why_not` says of every value that was not kept what stood in its way.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from jupyter_mlops.errors import BadInputError, MlopsError, StoreError
from jupyter_mlops.notebook.behind import run_behind
from jupyter_mlops.snapshot import SnapshotStore, is_storable
from jupyter_mlops.snapshot import digest as digest_of
from jupyter_mlops.snapshot.freezing import Live, Pickled, array_bytes, freeze, megabytes
from jupyter_mlops.snapshot.held_memory import HeldMemory, buffers_of
from jupyter_mlops.snapshot.store import HELD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MOST_OBJECT_BYTES = 64 << 20  # pickling holds the interpreter: that much, some 50 ms
_PATIENCE = 0.5  # seconds that storing waits for a cell to end: a long one has time for both
_SHARE_OF_FREE = 4  # by default the budget is this part of the memory that is free when tracking begins
_TORN = (
    "A value was changed after its cell, past pandas: writing through `.array` or an array below it does that"
)


@dataclass(frozen=True, eq=False)
class _Frozen:
    """A value that waits to be stored."""

    digest: str
    name: str
    value: Any
    buffers: dict[int, int]


class Keeper:
    """Stores values by content digest, off the cell's path; `problem` tells the last failure in one line.

    Args:
        folder: the snapshot store.
        budget: bytes that waiting values may keep alive; a quarter of the free memory when None.
        objection: asked, in the background, why a value must not be stored; None says that it may be.
    """

    def __init__(
        self,
        folder: Path,
        budget: int | None = None,
        objection: Callable[[Any], str | None] = lambda value: None,
    ) -> None:
        self.budget = budget or int(psutil.virtual_memory().available) // _SHARE_OF_FREE
        self.store = SnapshotStore(
            folder,
            held_bytes=min(HELD_BYTES, self.budget),
            most_object_bytes=_MOST_OBJECT_BYTES,
            calls_user_code=False,
        )
        self._objection = objection
        self._waiting: deque[_Frozen] = deque()
        self._change = threading.Condition()
        self._held = HeldMemory()
        self._pending: set[str] = set()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._may_work = threading.Event()
        self._may_work.set()
        self._news: dict[str, str] = {}
        self.not_kept: dict[str, str] = {}
        """Why a value was not kept, by digest."""
        self.problem: str | None = None

    @property
    def skipped(self) -> int:
        """How many values were not kept."""
        return len(self.not_kept)

    @property
    def held_bytes(self) -> int:
        """Memory that waiting values keep alive."""
        return self._held.bytes

    @property
    def waiting(self) -> int:
        """How many values wait to be stored."""
        return len(self._pending)

    def keep(self, digest: str, value: Any, name: str = "") -> None:
        """Freeze `value` and queue it; returns at once.

        When the budget is used up, an older version of the same name gives way; if that is not enough, this
        one is "digest only".
        """
        if digest in self._pending or digest in self.store:
            return  # every run reads the same training data: freezing an array again would copy it again
        frozen, objection = freeze(value)
        if frozen is None:
            if objection:
                self._skip(digest, objection)
            return
        item = _Frozen(digest, name, frozen, buffers_of(frozen))
        with self._change:
            if not self._make_room(item):
                needed, held = megabytes(self._held.more(item.buffers)), megabytes(self._held.bytes)
                budget = megabytes(self.budget)
                self._skip(digest, f"it takes {needed} of the budget of {budget}, and {held} wait already")
                return
            self._held.add(item.buffers)
            self._pending.add(digest)
            self._waiting.append(item)
            if self._thread is None:
                self._closing = False
                self._thread = threading.Thread(target=self._work, name="mlops-snapshots", daemon=True)
                self._thread.start()
            self._change.notify_all()

    def news(self) -> dict[str, str]:
        """Why values were not kept, of those that were not asked for yet."""
        with self._change:
            news, self._news = self._news, {}
        return news

    def pause(self) -> None:
        """A cell begins: what is not begun yet waits a little, so that a quick cell has the machine alone."""
        self._may_work.clear()

    def go_on(self) -> None:
        """The cell has ended."""
        self._may_work.set()

    def drain(self) -> None:
        """Wait until everything queued is stored."""
        self.go_on()
        with self._change:
            self._change.wait_for(lambda: not self._pending)

    def close(self) -> None:
        """Store what is queued, then let the thread go."""
        self.drain()
        with self._change:
            thread, self._thread, self._closing = self._thread, None, True
            self._change.notify_all()
        if thread is not None:
            thread.join()

    def _make_room(self, item: _Frozen) -> bool:
        """Let older versions of the name go until the new one fits; True if it does."""
        for older in [each for each in self._waiting if each.name == item.name]:
            if self._fits(item):
                break
            self._waiting.remove(older)
            self._done(older)
            self._skip(
                older.digest, f"a newer version took its place in the budget of {megabytes(self.budget)}"
            )
        return self._fits(item)

    def _fits(self, item: _Frozen) -> bool:
        return self._held.bytes + self._held.more(item.buffers) <= self.budget

    def _done(self, item: _Frozen) -> None:
        self._held.remove(item.buffers)
        self._pending.discard(item.digest)

    def _skip(self, digest: str, why: str) -> None:
        with self._change:
            self.not_kept[digest] = self._news[digest] = why

    def _next(self) -> _Frozen | None:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            return self._waiting.popleft() if self._waiting else None

    def _work(self) -> None:
        run_behind()
        while (item := self._next()) is not None:
            self._may_work.wait(_PATIENCE)
            try:
                self._store_one(item)
            except MlopsError as error:
                self.problem = error.what
                self._skip(item.digest, error.what)
            except Exception as error:  # noqa: BLE001 - a thread of ours must not print into the notebook
                self.problem = f"a snapshot could not be stored ({type(error).__name__})"
                self._skip(item.digest, self.problem)
            finally:
                with self._change:
                    self._done(item)
                    del item  # before it waits for the next one
                    self._change.notify_all()

    def _store_one(self, item: _Frozen) -> None:
        if isinstance(item.value, Live | Pickled):
            objection = self._store_estimator(item.value, item.digest)
        else:
            objection = self._store_frozen(item.value, item.digest)
        if objection is None:
            self.not_kept.pop(item.digest, None)
        else:
            self._skip(item.digest, objection)

    def _store_frozen(self, value: Any, digest: str) -> str | None:
        if digest in self.store or (array_bytes(value) is not None and not is_storable(value)):
            return None
        objection = self._objection(value)
        if objection is None and self.store.put(value).digest != digest:
            raise StoreError(_TORN, "Run the cell again that changed it.")
        return objection

    def _store_estimator(self, held: Live | Pickled, digest: str) -> str | None:
        """That it cannot be pickled, or was changed since, is nobody's fault."""
        if digest in self.store:
            return None
        from jupyter_mlops.snapshot.pickling import unpickled

        value = held.value if isinstance(held, Live) else unpickled(held.data)
        objection = self._objection(value)
        if objection is not None:
            return objection
        if digest_of(value) != digest:
            return "a later cell changed it before it was stored"
        try:
            self.store.put(value)
        except BadInputError as error:
            return error.what
        return None
