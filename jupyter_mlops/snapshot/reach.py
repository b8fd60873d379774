"""Which columns a value needs, directly and through recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.snapshot.manifests import read_manifest
from jupyter_mlops.snapshot.records import FOLDER, read_record
from jupyter_mlops.snapshot.trees import leaves_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_mlops.snapshot.files import Files
    from jupyter_mlops.snapshot.records import Record


def columns_of(files: Files, digest: str) -> set[str]:
    """The columns a value is made of.

    Raises:
        StoreError: its manifest is missing or damaged.
    """
    return {leaf for tree in read_manifest(files, digest).trees for _, leaf in leaves_of(tree)}


def reach(files: Files, columns: Iterable[str]) -> dict[str, Record]:
    """The records of columns and of everything they are made from.

    Raises:
        StoreError: a record is missing or damaged.
    """
    found: dict[str, Record] = {}
    waiting = list(columns)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = read_record(files, key)
            waiting += found[key].parents
    return found


def all_columns(files: Files) -> Iterator[str]:
    """Every column that has a record."""
    for name in files.names(FOLDER):
        yield name.rpartition("/")[2].removesuffix(".json")
