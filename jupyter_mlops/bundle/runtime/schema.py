"""``schema.json``: the columns a model takes, in its order."""

from __future__ import annotations

import functools
import json
import struct
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from .problems import StartError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TYPES = ("integer", "number", "boolean", "string", "datetime")


@dataclass(frozen=True)
class Column:
    """What the schema asks of one column; ``dtype`` is the pandas dtype it had in training."""

    name: str
    type: str
    nullable: bool
    dtype: str

    @functools.cached_property
    def plain(self) -> frozenset[Any]:
        """The Python types that a JSON value of this column has when nothing is to be looked at closer."""
        missing: set[Any] = {type(None)} if self.nullable else set()
        return frozenset(_PLAIN.get((self.type, self.dtype == "float32"), set()) | missing)


_PLAIN: Mapping[tuple[str, bool], set[Any]] = {
    ("number", False): {float, int},
    ("boolean", False): {bool},
    ("string", False): {str},
}


_MOST_TAKEN = 1000
Packed: TypeAlias = tuple[bytes, tuple[Any, ...]]
"""The numbers of a row as float64, and its other values."""


class Schema(tuple[Column, ...]):
    """The columns in the model's order. It knows what each request needs of them."""

    @functools.cached_property
    def names(self) -> list[str]:
        """Their names."""
        return [column.name for column in self]

    @functools.cached_property
    def plain(self) -> list[frozenset[Any]]:
        """The types of plain values, column by column."""
        return [column.plain for column in self]

    def takes(self, row: list[Any]) -> bool:
        """Whether a row, as long as the schema, has only plain values; what came before is known at once."""
        kinds = tuple(map(type, row))
        if kinds not in self._taken:
            if not all(kind in plain for kind, plain in zip(kinds, self.plain, strict=True)):
                return False
            if len(self._taken) < _MOST_TAKEN:
                self._taken.add(kinds)
        return True

    @functools.cached_property
    def _taken(self) -> set[tuple[type, ...]]:
        return set()

    @functools.cached_property
    def numbers(self) -> list[int]:
        """The places of numbers."""
        return [place for place, column in enumerate(self) if column.type == "number"]

    @functools.cached_property
    def others(self) -> list[int]:
        """The places of all else."""
        return [place for place, column in enumerate(self) if column.type != "number"]

    def packed(self, row: list[Any]) -> Packed | None:
        """A row in a quarter of the memory; None if a number is missing."""
        try:
            return self._packer.pack(*self._pick_numbers(row)), self._pick_others(row)
        except struct.error:
            return None

    def unpacked(self, packed: Packed) -> list[Any]:
        """The row again."""
        row: list[Any] = [None] * len(self)
        for places, values in ((self.numbers, self._packer.unpack(packed[0])), (self.others, packed[1])):
            for place, value in zip(places, values, strict=True):
                row[place] = value
        return row

    @functools.cached_property
    def _pick_numbers(self) -> Callable[[list[Any]], tuple[Any, ...]]:
        return _picker(self.numbers)

    @functools.cached_property
    def _pick_others(self) -> Callable[[list[Any]], tuple[Any, ...]]:
        return _picker(self.others)

    @functools.cached_property
    def _packer(self) -> struct.Struct:
        return struct.Struct(f"{len(self.numbers)}d")


def _picker(places: list[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    """Takes what stands in these places; of several, without a step of Python's for each."""
    return itemgetter(*places) if len(places) > 1 else lambda row: tuple(row[place] for place in places)


def read_document(folder: Path) -> dict[str, Any]:
    """``schema.json`` as it stands. Raises StartError when it is no JSON object."""
    try:
        document = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
        if isinstance(document, dict):
            return document
    except (OSError, ValueError) as error:
        raise StartError("schema.json is missing or is not a schema.", "Export the bundle again.") from error
    raise StartError("schema.json is not a schema.", "Export the bundle again.")


def read_schema(folder: Path) -> Schema:
    """The columns in ``schema.json``, in the model's order. Raises StartError when it is something else."""
    try:
        columns = Schema(
            Column(str(each["name"]), str(each["type"]), bool(each["nullable"]), str(each.get("dtype", "")))
            for each in read_document(folder)["columns"]
        )
    except (KeyError, TypeError) as error:
        raise StartError("schema.json is not a schema.", "Export the bundle again.") from error
    if not columns or not {column.type for column in columns} <= {*TYPES}:
        raise StartError("schema.json has no columns, or types this server does not know.", "Export again.")
    return columns
