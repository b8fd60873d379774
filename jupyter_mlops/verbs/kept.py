"""Which values of a store can stand in for what code made of files that have changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.snapshot.masking import masked_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.snapshot import SnapshotStore


def kept_in(store: SnapshotStore) -> Callable[[str], bool]:
    """Tells of a digest whether its value can be had from the store, whole and without masks."""

    def is_kept(digest: str) -> bool:
        if digest not in store:
            return False
        try:
            return not masked_columns(store.get(digest))
        except MlopsError:  # somebody else's object, or a damaged file
            return False

    return is_kept


def is_masked(store: SnapshotStore, digest: str) -> bool:
    """True for data that was kept with masked columns: it is not what the code read."""
    if digest not in store:
        return False
    try:
        return bool(masked_columns(store.get(digest)))
    except MlopsError:
        return False
