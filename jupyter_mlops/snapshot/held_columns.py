"""Text in frames that are held: the next version that shares a column need not join and read it again.

Arrow does not write into memory it has handed out, so text at the same place is the same as long as it is
held. Numbers are looked at every time: that costs little, and shows what was written past pandas.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from jupyter_mlops.snapshot.columns import column_of
from jupyter_mlops.snapshot.digest import seal
from jupyter_mlops.snapshot.frames import frame_outline, series_outline
from jupyter_mlops.snapshot.identities import identity_of
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.layouts import head_json
from jupyter_mlops.snapshot.leaves import new_walk
from jupyter_mlops.snapshot.registry import UnknowableError
from jupyter_mlops.snapshot.taken import Taken, take_apart
from jupyter_mlops.snapshot.trees import tree_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from jupyter_mlops.snapshot.columns import Leaf
    from jupyter_mlops.snapshot.trees import Tree
    from jupyter_mlops.snapshot.walk import Walk


@dataclass(frozen=True, eq=False)
class HeldColumn:
    """A column as it was taken apart."""

    key: bytes
    tree: Tree
    leaves: dict[str, Leaf]


HeldColumns = dict["Hashable", HeldColumn]


def take_apart_again(value: Any, known: HeldColumns) -> tuple[str, Taken, dict[str, Leaf], HeldColumns]:
    """As `take_apart`, but text columns of a frame or series that are known are not looked at.

    The last part of the answer is what is known as long as the value is held.

    Raises:
        BadInputError: the value cannot be stored, or would not come back as it is.
    """
    if type(value) in {pd.DataFrame, pd.Series}:
        outline = frame_outline(value) if type(value) is pd.DataFrame else series_outline(value)
        head_json(Layout(outline.kind, outline.head, ()))
        walk = new_walk()
        texts: HeldColumns = {}
        with contextlib.suppress(UnknowableError):  # below it is said which column that is
            columns = [_column(array, walk, known, texts) for array in outline.arrays]
            leaves = {key: leaf for column in columns for key, leaf in column.leaves.items()}
            trees = [column.tree for column in columns]
            taken = Taken(outline.kind, outline.rows, outline.width, outline.head, trees, leaves.__getitem__)
            token = b"#" + outline.fold(walk, [column.key for column in columns])
            return seal(walk, token), taken, leaves, texts
    return *take_apart(value), {}


def _column(array: Any, walk: Walk, known: HeldColumns, texts: HeldColumns) -> HeldColumn:
    identity = identity_of(array) if type(array) is pd.arrays.ArrowStringArray else None
    # the same memory with another missing value is another column
    place = None if identity is None else (identity.key, array.dtype.storage, array.dtype.na_value is pd.NA)
    held = known.get(place)
    if held is None:
        leaves: dict[str, Leaf] = {}
        held = HeldColumn(*tree_of(column_of(array), walk, leaves), leaves)
    if place is not None:
        texts[place] = held
    return held
