"""Columns into the store: chunks first, then records, so that whoever sees a record finds what it names."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.chunks import chunk_name, chunk_pieces, compressed
from jupyter_mlops.snapshot.columns import Leaf, Raw
from jupyter_mlops.snapshot.encode import pack
from jupyter_mlops.snapshot.leaves import cut, rows_of
from jupyter_mlops.snapshot.reading import arithmetic
from jupyter_mlops.snapshot.records import Record, read_record, record_name, write_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_mlops.snapshot.files import Files

MAX_DEPTH = 8  # a restore reads at most that many recipes of a column; the next version is a keyframe
CHUNK_ROWS = 1 << 16
_CHUNK_BYTES = 4 << 20  # for wide rows, as in matrices
_WRITERS = 4  # they wait for the disk to confirm, 2 ms a file


@dataclass(frozen=True, eq=False)
class Plan:
    """A column and how to store it: its parents are plans as well, or digests of stored columns."""

    key: str
    leaf: Leaf
    recipe: str = "chunks"
    parents: tuple[Plan | str, ...] = ()


class Writer:
    """Collects the records of one value while their chunks are written; `finish` makes them visible.

    Args:
        files: where.
        avoid: columns that are to be written anew although the store has them.
    """

    def __init__(self, files: Files, avoid: set[str]) -> None:
        self._files = files
        self._avoid = avoid
        self._new: dict[str, Record] = {}
        self._known: dict[str, bool] = {}
        self._depths: dict[str, int] = {}
        self._chunks: set[str] = set()
        self._pool = ThreadPoolExecutor(_WRITERS, thread_name_prefix="mlops-snapshot-files")
        self.written = 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def has(self, key: str) -> bool:
        """True if a column is in the store, or will be, and others may be made from it.

        Of a folder, where looking is cheap, all files are asked for: a column of which one was deleted,
        because it was damaged, is written anew.
        """
        if key in self._new:
            return True
        if key not in self._known:
            self._known[key] = key not in self._avoid and self._is_whole(key)
        return self._known[key]

    def _is_whole(self, key: str) -> bool:
        if not self._files.exists(record_name(key)):
            return False
        if not self._files.local:
            return True
        try:
            record = read_record(self._files, key)
        except StoreError:
            return False
        whole = all(map(self._has_chunk, record.chunks)) and all(map(self.has, record.parents))
        if whole:
            self._depths[key] = record.depth
        return whole

    def _has_chunk(self, key: str) -> bool:
        if key not in self._chunks and self._files.exists(chunk_name(key)):
            self._chunks.add(key)
        return key in self._chunks

    def add(self, plan: Plan) -> str:
        """Store a column unless it is there; returns the recipe that was used, ``same`` if it is there.

        Raises:
            NotPlainError: an element has no form without pickle.
            StoreError: the place does not take a file.
        """
        if self.has(plan.key):
            return "same"
        depth = self._depth(plan)
        if depth == 0 or depth > MAX_DEPTH:
            record = self._plain(plan.leaf)
        else:
            for parent in plan.parents:
                if isinstance(parent, Plan):
                    self.add(parent)
            if self.has(plan.key):
                # It is its own parent, as the numbers of sorted rows are that were 0, 1, 2, … before.
                return self._new[plan.key].recipe
            keys = tuple(parent.key if isinstance(parent, Plan) else parent for parent in plan.parents)
            record = Record(plan.recipe, rows_of(plan.leaf), depth, keys)
        self._new[plan.key] = record
        self._depths[plan.key] = record.depth
        return record.recipe

    def finish(self) -> None:
        """Write the records, parents first.

        Raises:
            StoreError: the place does not take a file.
        """
        for depth in sorted({record.depth for record in self._new.values()}):
            level = [(key, record) for key, record in self._new.items() if record.depth == depth]
            self._wait([self._start(write_record, self._files, *pair) for pair in level])
        self._avoid.difference_update(self._new)

    def _depth(self, plan: Plan | str) -> int:
        key = plan.key if isinstance(plan, Plan) else plan
        if key not in self._depths:
            if isinstance(plan, str) or self.has(key):
                self._depths[key] = read_record(self._files, key).depth
            else:
                return 1 + max(map(self._depth, plan.parents)) if plan.parents else 0
        return self._depths[key]

    def _plain(self, leaf: Leaf) -> Record:
        progression = _progression(leaf)
        if progression is not None:
            return progression
        keys: list[str] = []
        writes: list[Future[int]] = []
        for piece in pieces(leaf):
            key, content = chunk_pieces(*pack(piece))
            keys.append(key)
            if not self._has_chunk(key):
                writes.append(self._start(self._files.write, chunk_name(key), compressed(content)))
            self._chunks.add(key)
        self._wait(writes)
        return Record("chunks", rows_of(leaf), chunks=tuple(keys))

    def _start(self, write: Callable[..., int], *arguments: Any) -> Future[int]:
        try:
            return self._pool.submit(write, *arguments)
        except RuntimeError:
            # The interpreter is going down: no thread starts any more, but this one still runs.
            done: Future[int] = Future()
            done.set_result(write(*arguments))
            return done

    def _wait(self, writes: list[Future[int]]) -> None:
        self.written += sum(write.result() for write in writes)


def pieces(leaf: Leaf) -> Iterator[Leaf]:
    """A leaf in the pieces that become its chunks; at least one."""
    rows = rows_of(leaf)
    if not rows:
        yield leaf
        return
    step = CHUNK_ROWS
    if isinstance(leaf, Raw):
        step = max(1, min(step, _CHUNK_BYTES * rows // max(1, leaf.values.nbytes)))
    for start in range(0, rows, step):
        yield cut(leaf, start, min(rows, start + step))


def _progression(leaf: Leaf) -> Record | None:
    """A column that counts in equal steps, such as an index or a row number, needs no chunk."""
    if not isinstance(leaf, Raw) or leaf.values.ndim != 1 or leaf.values.dtype not in (np.int32, np.int64):
        return None
    if len(leaf.values) < 2 or not leaf.values.dtype.isnative:
        return None
    start = int(leaf.values[0])
    step = int(leaf.values[1]) - start
    rows, dtype = len(leaf.values), leaf.values.dtype
    if abs(step) >= 1 << 31 or int(leaf.values[-1]) != start + step * (rows - 1):
        return None
    if not np.array_equal(arithmetic(start, step, rows, dtype), leaf.values):
        return None
    return Record("range", rows, range=(start, step, rows, dtype.str))
