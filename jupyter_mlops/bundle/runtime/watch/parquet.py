"""Parquet files of a fixed number of columns, written whole: a reader never sees half a file.

Rows wait in memory for their file. A process that is killed loses what waits: at most `rows` rows or those
of `seconds` seconds. arro3 takes 33 MB; pyarrow would be larger than the rest of a bundle together.
"""

from __future__ import annotations

import io
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from arro3.core import Array, DataType, Field, RecordBatch, Schema, Table
from arro3.io import write_parquet

from ..memory import give_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Values = list[Any] | np.ndarray[Any, Any]
Unit = Literal["s", "ms", "us", "ns"]
PACKED = 1024
"""So many rows wait as Python values; then they become arrays, which are smaller."""
GROUP_CELLS = 200_000
"""Values per row group. Writing one holds Python's lock: an answer can wait that long, about 5 ms."""


@dataclass(frozen=True)
class Kind:
    """The name and type of a column; ``unit`` is that of points in time, ``zone`` is UTC or None."""

    name: str
    type: str
    unit: Unit = "us"
    zone: str | None = None

    def field(self) -> Field:
        """What Arrow calls it."""
        if self.type == "datetime":
            return Field(self.name, self._time())
        return Field(self.name, _TYPES[self.type]())

    def array(self, values: Values) -> Array:
        """The values as Arrow wants them; missing ones (None, NaN, NaT) are null."""
        if isinstance(values, np.ndarray) and (array := self._without_missing(values)) is not None:
            return array
        listed = values if isinstance(values, list) else self.listed(values)
        if self.type == "datetime":
            return Array(listed, DataType.int64()).cast(self._time())
        if self.type == "integer" and float in set(map(type, listed)):
            listed = [None if value is None else int(value) for value in listed]
        return Array(listed, _TYPES[self.type]())

    def _without_missing(self, values: np.ndarray[Any, Any]) -> Array | None:
        """An array as it is, if it is one of numbers or times that are all there; else None."""
        if self.type == "datetime" and not np.isnat(values).any():
            moments = values.astype(f"datetime64[{self.unit}]", copy=False).view(np.int64)
            return Array.from_numpy(np.ascontiguousarray(moments)).cast(self._time())
        if self.type == "number" and not np.isnan(values).any():
            return Array.from_numpy(np.ascontiguousarray(values, dtype=np.float64))
        if self.type == "integer" and values.dtype == np.int64:
            return Array.from_numpy(np.ascontiguousarray(values))
        return None

    def listed(self, values: np.ndarray[Any, Any]) -> list[Any]:
        """An array as plain values: times as whole numbers of their unit, None where one is missing."""
        missing = np.zeros(len(values), dtype=bool)
        if self.type == "datetime":
            moments = values.astype(f"datetime64[{self.unit}]")
            values, missing = moments.astype(np.int64), np.isnat(moments)
        elif values.dtype.kind == "f":
            missing = np.isnan(values)
        plain: list[Any] = values.tolist()
        if not missing.any():
            return plain
        return [None if gone else value for value, gone in zip(plain, missing.tolist(), strict=True)]

    def _time(self) -> DataType:
        return DataType.timestamp(self.unit, tz=self.zone)


_TYPES: dict[str, Callable[[], DataType]] = {
    "integer": DataType.int64,
    "number": DataType.float64,
    "boolean": DataType.bool,
    "string": DataType.string,
}


class ParquetFiles:
    """Files in a folder, each with the rows of a stretch of time.

    Attributes:
        written: rows that are in files.
        dropped: rows that no file could be written for.
        pause: called between two pieces of a file, to let answers go out.
    """

    def __init__(self, folder: Path, stem: str, kinds: Sequence[Kind], rows: int, seconds: float) -> None:
        self.written = 0
        self.dropped = 0
        self.pause: Callable[[], None] = _go_on
        self._folder, self._stem, self._kinds = folder, stem, tuple(kinds)
        self._most_rows, self._most_seconds = rows, seconds
        self._schema = Schema([kind.field() for kind in kinds])
        self._loose: list[list[Any]] = [[] for _ in kinds]
        self._packed: list[RecordBatch] = []
        self._waiting = 0
        self._since = 0.0
        self._number = 0
        self._complained = False

    def add(self, columns: Sequence[Values], rows: int) -> None:
        """Take rows: for each column its values. What is no column of these types is dropped and counted."""
        if not self._waiting:
            self._since = time.monotonic()
        try:
            if any(len(values) != rows for values in columns):
                raise ValueError("columns of another length")
            if rows >= PACKED // 4:
                self._pack()
                self._packed.append(self._batch(columns))
            else:
                listed = [
                    values if isinstance(values, list) else kind.listed(values)
                    for values, kind in zip(columns, self._kinds, strict=True)
                ]
                for loose, values in zip(self._loose, listed, strict=True):
                    loose.extend(values)
            self._waiting += rows
        except Exception as error:  # noqa: BLE001 - Arrow's own; no row may stop the log
            self.dropped += rows
            self._complain(error)
        if len(self._loose[0]) >= PACKED:
            self._pack()
        if self._waiting >= self._most_rows:
            self.write()

    def write_if_due(self) -> None:
        """Write the file if its first row has waited long enough."""
        if self._waiting and time.monotonic() - self._since >= self._most_seconds:
            self.write()

    def write(self) -> None:
        """Write what waits. Where that fails it is dropped and counted, and one line says so."""
        self._pack()
        rows, self._waiting = self._waiting, 0
        packed, self._packed = self._packed, []
        if not rows:
            return
        try:
            self._put(Table.from_batches(packed, schema=self._schema))
        except Exception as error:  # noqa: BLE001 - a full disk must not stop the server, nor what Arrow may raise
            self.dropped += rows
            self._complain(error)
        else:
            self.written += rows
            self._complained = False
        del packed
        give_back()  # else what writing took, three times the rows themselves, would be kept for ever

    def _batch(self, columns: Sequence[Values]) -> RecordBatch:
        arrays = [kind.array(values) for kind, values in zip(self._kinds, columns, strict=True)]
        return RecordBatch.from_arrays(arrays, schema=self._schema)

    def _pack(self) -> None:
        rows = len(self._loose[0])
        if not rows:
            return
        loose, self._loose = self._loose, [[] for _ in self._kinds]
        try:
            self._packed.append(self._batch(loose))
        except Exception as error:  # noqa: BLE001 - as above
            self._waiting -= rows
            self.dropped += rows
            self._complain(error)

    def _put(self, table: Table) -> None:
        content = _Pausing(self.pause)
        group = max(256, GROUP_CELLS // len(self._kinds))
        # Numbers that hardly repeat: a dictionary of them costs half of the time, and makes the file larger.
        has_dictionary: dict[str | Sequence[str], bool] = {
            (kind.name,): False for kind in self._kinds if kind.type == "number"
        }
        write_parquet(
            table,
            content,
            compression="zstd(1)",
            max_row_group_size=group,
            column_dictionary_enabled=has_dictionary,
        )
        self._number += 1
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        file = self._folder / f"{self._stem}-{moment}-{os.getpid()}-{self._number}.parquet"
        half = file.with_name(f".{file.name}.part")
        # Its rows may be about people: not for everybody on this machine.
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            half.touch(0o640)  # the folder may have been there, open to all
            half.write_bytes(content.getbuffer())
            half.replace(file)
        except OSError:
            half.unlink(missing_ok=True)
            raise

    def _complain(self, error: Exception) -> None:
        """Once until a file is written again; without the message, which could hold values."""
        if not self._complained:
            self._complained = True
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            sys.stderr.write(
                f"the {self._stem} log cannot be written ({reason}); rows are dropped and counted\n"
            )
            sys.stderr.flush()


class _Pausing(io.BytesIO):
    def __init__(self, pause: Callable[[], None]) -> None:
        super().__init__()
        self._pause = pause

    def write(self, data: Any, /) -> int:
        self._pause()
        return super().write(data)


def _go_on() -> None:
    pass
