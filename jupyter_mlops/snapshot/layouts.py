"""Which values can be stored, and as what: frames, series, arrays and plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.columns import Column, Leaf, Parts, Value, has_objects
from jupyter_mlops.snapshot.digest import digest
from jupyter_mlops.snapshot.encode import pack
from jupyter_mlops.snapshot.forms import form_of
from jupyter_mlops.snapshot.layout import Layout
from jupyter_mlops.snapshot.registry import UnknowableError
from jupyter_mlops.snapshot.typed_json import Json, NotPlainError, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

STORABLE = "Frames, tables, arrays and plain values can, and objects whose content can be seen."


def layout_of(value: object) -> Layout:
    """Take a value apart for the store.

    Raises:
        BadInputError: it holds an array that the store does not know.
    """
    form = form_of(type(value))
    if form is None:
        return Layout("value", {}, (Value(value),))
    try:
        layout = form.take_apart(value)
    except UnknowableError as error:
        what = f"The {type(value).__name__} cannot be stored: it holds {error}."
        raise BadInputError(what, STORABLE) from error
    return Layout("value", {}, (Value(value),)) if layout is None else layout


def check(layout: Layout, position: int) -> None:
    """Look at every element of one column of a layout.

    Raises:
        BadInputError: an element has no form without pickle; names the column, never the value.
    """
    try:
        for leaf in _leaves(layout.columns[position]):
            pack(leaf)
    except NotPlainError as error:
        raise not_storable(layout, position, f"it holds a value of type {error.args[0]}") from error


def _leaves(column: Column) -> Iterator[Leaf]:
    if isinstance(column, Parts):
        for child in column.children:
            yield from _leaves(child)
    else:
        yield column


def not_storable(layout: Layout, position: int, reason: str) -> BadInputError:
    """The error that names the column of a layout by its position in the frame."""
    where = f"The {layout.kind}"
    if layout.kind == "dataframe":
        # The columns of the labels and of the index stand in front of the frame's own.
        column = position - (len(layout.columns) - layout.head["columns"])
        where = "The dataframe's index or header" if column < 0 else f"Column {column} of the dataframe"
    return BadInputError(f"{where} cannot be stored: {reason}.", STORABLE)


def head_json(layout: Layout) -> Json:
    """The head of a layout as JSON.

    Raises:
        BadInputError: a name of the index or the series has no form without pickle.
    """
    try:
        return to_json(layout.head)
    except NotPlainError as error:
        what = f"The {layout.kind} cannot be stored: its name is of type {error.args[0]}."
        raise BadInputError(what, "Give it, and its index, a text or a number as name.") from error


def is_storable(value: object) -> bool:
    """True if `SnapshotStore.put` takes the value; looks at every element of object columns."""
    try:
        layout = layout_of(value)
    except BadInputError:
        return False
    try:
        head_json(layout)
        for position, column in enumerate(layout.columns):
            if has_objects(column):
                check(layout, position)
    except BadInputError:
        return layout.kind == "value" and digest(value) is not None
    return True
