"""A value taken apart: what digests and the store share, whatever library the value is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.columns import Column
    from jupyter_mlops.snapshot.walk import Walk


@dataclass(frozen=True, eq=False)
class Layout:
    """A value as a head of plain values and the columns that the head counts and orders.

    Attributes:
        kind: how it is put together again; see `forms`.
        head: plain values: names, shape, dtypes that columns do not have.
        columns: the columns.
        rows: rows, length or first dimension; None for values without.
        width: columns or second dimension.
        whole: the value itself, if its digest is not one of the head and the columns.
    """

    kind: str
    head: dict[str, Any]
    columns: tuple[Column, ...]
    rows: int | None = None
    width: int | None = None
    whole: Any = None

    @classmethod
    def of_shape(
        cls, kind: str, head: dict[str, Any], columns: tuple[Column, ...], shape: tuple[int, ...], whole: Any
    ) -> Layout:
        """The layout of a value with that many rows, columns, …"""
        rows, width = (*shape, None, None)[:2]
        return cls(kind, head, columns, rows, width, whole)

    def token(self, walk: Walk, keys: list[bytes]) -> bytes:
        """What stands for the value in a walk, from the digests of its columns."""
        if self.whole is not None:
            return walk.token(self.whole)
        if self.kind == "value":
            return walk.token(getattr(self.columns[0], "value", None))
        return b"#" + (keys[0] if self.kind == "array" else self.fold(walk, keys))

    def fold(self, walk: Walk, keys: list[bytes]) -> bytes:
        """The digest of a frame, series, index or table, from the digests of its columns."""
        return walk.node(self.kind, walk.token(self.head), *keys)
