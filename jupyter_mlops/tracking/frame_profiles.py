"""The profile of a stored frame: made from its snapshot column by column, and kept beside it.

Of a masked column the store has keyed hashes in place of the values. Its profile has counts only: how many
values are missing, and how many of those hashes fall into each bucket.
"""

from __future__ import annotations

import contextlib
import json
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, StoreError

if TYPE_CHECKING:
    from jupyter_mlops.drift.profile import ColumnProfile, FrameProfile
    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.snapshot.taken import Taken

KINDS = frozenset({"dataframe", "polars dataframe", "arrow table"})
"""What a profile is made of."""
_MOST_REMEMBERED = 512
"""Columns, some 10 kB each."""


def stored_profile(store: SnapshotStore, digest: str) -> FrameProfile | None:
    """The profile of a frame that the store holds, or of what is left of it; made and kept if need be.

    None for what the store does not hold, for what is no frame, and for a frame that has no profile: without
    rows, or with two columns of one name.

    Raises:
        StoreError: a file of the snapshot is missing or damaged.
    """
    return StoredProfiles(store).find(digest)


class StoredProfiles:
    """The profiles of one store's frames; what was made of a column serves all frames that have it.

    Args:
        store: the snapshots.
    """

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self._columns: OrderedDict[str, ColumnProfile] = OrderedDict()

    def find(self, digest: str) -> FrameProfile | None:
        """See `stored_profile`."""
        if digest not in self._store:
            return None
        digest = self._store.newest(digest)
        return self._kept(digest) or self._made(digest)

    def _kept(self, digest: str) -> FrameProfile | None:
        from jupyter_mlops.drift.profile import FrameProfile

        text = self._store.profile(digest)
        try:
            return None if text is None else FrameProfile.from_json(text)
        except BadInputError:  # of another version of this package: it is made again
            return None

    def _made(self, digest: str) -> FrameProfile | None:
        from jupyter_mlops.drift.profile import FrameProfile

        taken = self._store.taken(digest)
        if taken.kind not in KINDS or not taken.rows:
            return None
        try:
            made = self._by_columns(taken) if taken.kind == "dataframe" else _at_once(taken)
        except BadInputError:
            return None
        if made is None:
            return None
        text = made.to_json()
        with contextlib.suppress(StoreError):  # a full or read-only disk: it is made again next time
            self._store.keep_profile(digest, text)
        return FrameProfile.from_json(text)  # what a file keeps, whether or not there was one already

    def _by_columns(self, taken: Taken) -> FrameProfile | None:
        """One column in memory at a time."""
        from jupyter_mlops.drift.profile import FrameProfile

        names = [str(label) for label in taken.labels]
        if len(set(names)) < len(names):
            return None
        columns = [self._column(taken, at, name) for at, name in enumerate(names)]
        return FrameProfile(int(taken.rows or 0), {column.name: column for column in columns})

    def _column(self, taken: Taken, position: int, name: str) -> ColumnProfile:
        import pandas as pd

        from jupyter_mlops.drift.profile import ColumnProfile, profile_column

        key = json.dumps([taken.rows, taken.body[position]], sort_keys=True)
        known = self._columns.get(key)
        if known is None:
            array = taken.column(position)
            made = profile_column(name, pd.Series(array, dtype=array.dtype))
            known = ColumnProfile.from_dict(without_tokens(made).to_dict())  # as small as in a file
            self._columns[key] = known
            while len(self._columns) > _MOST_REMEMBERED:
                self._columns.popitem(last=False)
        self._columns.move_to_end(key)
        return replace(known, name=name)


def _at_once(taken: Taken) -> FrameProfile:
    from jupyter_mlops.drift.profile import FrameProfile, profile_frame

    made = profile_frame(taken.value())
    return FrameProfile(made.rows, {name: without_tokens(each) for name, each in made.columns.items()})


def without_tokens(column: ColumnProfile) -> ColumnProfile:
    """The profile without names if those stand for masked values: by buckets, as where there are many."""
    from jupyter_mlops.drift.profile.categories import Categories
    from jupyter_mlops.snapshot.mask_tokens import is_token

    values = column.values
    if not isinstance(values, Categories) or not any(map(is_token, values.names)):
        return column
    buckets, sample = values.hashed()
    return replace(
        column,
        values=replace(values, names=(), counts=values.counts[:0], buckets=buckets, sample=sample),
    )
