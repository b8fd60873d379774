"""How a stored column is made: from chunks, or by a recipe from other columns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.sealed import sealed, unsealed

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.files import Files

FOLDER = "columns"


@dataclass(frozen=True)
class Record:
    """One way to make one column.

    Attributes:
        recipe: ``chunks``, ``range``, ``sum``, ``take``, ``concat`` or ``patch``.
        rows: length of the column; None if it has none.
        depth: how many recipes lie between it and chunks; 0 for chunks.
        parents: digests of the columns it is made from, in the order the recipe wants them.
        chunks: keys of its chunks.
        range: first value, step, length and dtype of a ``range``.
    """

    recipe: str
    rows: int | None = None
    depth: int = 0
    parents: tuple[str, ...] = ()
    chunks: tuple[str, ...] = ()
    range: tuple[Any, ...] = ()


def record_name(digest: str) -> str:
    """The file of a column in the store."""
    return f"{FOLDER}/{digest[:2]}/{digest}.json"


def write_record(files: Files, digest: str, record: Record) -> int:
    """Write how a column is made; returns the size of the file.

    Raises:
        StoreError: the place does not take it.
    """
    given = {name: value for name, value in asdict(record).items() if value not in (None, ())}
    return files.write(record_name(digest), sealed(given))


def read_record(files: Files, digest: str) -> Record:
    """Read how a column is made.

    Raises:
        StoreError: the file is missing, is not what was written, or is of another format.
    """
    name = record_name(digest)
    body = unsealed(files.read(name), f"{files.place}/{name}")
    lists = {key: tuple(value) for key, value in body.items() if isinstance(value, list)}
    return Record(**{**body, **lists})
