"""Snapshots in the background: frozen copies wait in a bounded queue for one thread."""

from __future__ import annotations

import queue
import sys
import threading
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.snapshot import SnapshotStore, is_storable

if TYPE_CHECKING:
    from pathlib import Path

_QUEUE = 64
_MAX_ARRAY_BYTES = 64 << 20  # an array has no copy-on-write: freezing it costs a copy in the cell


class Keeper:
    """Stores values by content digest, off the cell's path; `problem` tells the last failure in one line."""

    def __init__(self, folder: Path) -> None:
        self._store = SnapshotStore(folder)
        self._waiting: queue.Queue[tuple[str, Any] | None] = queue.Queue(_QUEUE)
        self._thread: threading.Thread | None = None
        self._pending: set[str] = set()
        self.problem: str | None = None
        self.skipped = 0
        """Values that were not kept because the queue was full or their kind cannot be stored."""

    def keep(self, digest: str, value: Any) -> None:
        """Freeze `value` and queue it; returns at once. A full queue skips it: "digest only", and counted."""
        if digest in self._pending or digest in self._store:
            return  # every run reads the same training data: freezing an array again would copy it again
        frozen = _freeze(value)
        if frozen is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="mlops-snapshots", daemon=True)
            self._thread.start()
        try:
            self._pending.add(digest)
            self._waiting.put_nowait((digest, frozen))
        except queue.Full:
            self._pending.discard(digest)
            self.skipped += 1

    def drain(self) -> None:
        """Wait until everything queued is stored."""
        self._waiting.join()

    def close(self) -> None:
        """Store what is queued, then let the thread go."""
        self.drain()
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                if item[0] not in self._store and (not _is_array(item[1]) or is_storable(item[1])):
                    self._store.put(item[1])
            except MlopsError as error:
                self.skipped += 1
                self.problem = error.what
            except Exception as error:  # noqa: BLE001 - a thread of ours must not print into the notebook
                self.skipped += 1
                self.problem = f"a snapshot could not be stored ({type(error).__name__})"
            finally:
                self._pending.discard(item[0])
                self._waiting.task_done()
        self._waiting.task_done()


def _freeze(value: Any) -> Any:
    """A copy that later cells cannot change; None for values that are not data or too large to copy.

    Whether an array can be stored is left to the thread: to look costs a pass over its objects, and, at
    the first array of a notebook without pandas, the import of all that storing needs.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and issubclass(type(value), pandas.DataFrame | pandas.Series):
        return value.copy(deep=False)
    if _is_array(value) and value.ndim and value.nbytes <= _MAX_ARRAY_BYTES:
        return value.copy()
    return None


def _is_array(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) is numpy.ndarray  # a subclass may copy in its own way
