"""A value taken apart: its head, the trees of its columns, and a way to read each leaf.

It is the same for a value in memory and for one in the store, which is how recipes can have either as parent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.columns import Leaf, Raw, Value
from jupyter_mlops.snapshot.digest import seal
from jupyter_mlops.snapshot.forms import form_named, has_rows
from jupyter_mlops.snapshot.frames import index_width
from jupyter_mlops.snapshot.layouts import STORABLE, check, head_json, layout_of, not_storable
from jupyter_mlops.snapshot.leaves import key_of, new_walk
from jupyter_mlops.snapshot.rebuild import rebuild_index
from jupyter_mlops.snapshot.registry import UnknowableError
from jupyter_mlops.snapshot.trees import Path, Tree, array_of, column_of_tree, leaves_of, shape_of, tree_of
from jupyter_mlops.snapshot.typed_json import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.snapshot.layout import Layout
    from jupyter_mlops.snapshot.manifests import Manifest

Place = tuple[str, str, object, Path]
"""Where a leaf stands: part of the value, label, shape of the tree around it, way through that tree."""


@dataclass(frozen=True, eq=False)
class Taken:
    """A value as head and trees; `read` gives a leaf by digest."""

    kind: str
    rows: int | None
    width: int | None
    head: dict[str, Any]
    trees: list[Tree]
    read: Callable[[str], Leaf]

    @cached_property
    def _bounds(self) -> tuple[int, int]:
        """Where the columns of the labels end, and those of the index."""
        labels = index_width(self.head["labels"]) if "labels" in self.head else 0
        return labels, labels + (index_width(self.head["index"]) if "index" in self.head else 0)

    def _array(self, tree: Tree) -> Any:
        return array_of(column_of_tree(tree, self.read))

    @cached_property
    def index(self) -> Any:
        """The row labels of a frame or series; None for other values."""
        if "index" not in self.head:
            return None
        return rebuild_index(self.head["index"], map(self._array, self._index_trees))

    @cached_property
    def labels(self) -> list[Any]:
        """The names of the columns, one for each."""
        if "labels" in self.head:
            return list(rebuild_index(self.head["labels"], map(self._array, self.trees[: self._bounds[0]])))
        return list(self.head.get("fields", [self.head.get("name")] * len(self.body)))

    @property
    def body(self) -> list[Tree]:
        """The columns themselves."""
        return self.trees[self._bounds[1] :]

    @cached_property
    def places(self) -> dict[Place, str]:
        """Every leaf of rows by where it stands."""
        found: dict[Place, str] = {}
        named = [("index", str(number), tree) for number, tree in enumerate(self._index_trees)]
        seen: dict[str, int] = {}
        for label, tree in zip(self.labels, self.body, strict=True):
            name = json.dumps(to_json(label))
            seen[name] = seen.get(name, 0) + 1  # names may repeat: the second x is another column
            named.append(("body", f"{name} {seen[name]}", tree))
        for part, name, tree in named:
            for path, digest in leaves_of(tree):
                found[part, name, shape_of(tree), path] = digest
        return found

    def same_index(self, other: Taken) -> bool:
        """True if both have the same row labels, or none, as far as can be said without reading them."""
        same_head = self.head.get("index") == other.head.get("index")
        return same_head and self._index_trees == other._index_trees

    def column(self, position: int) -> Any:
        """The array of one column."""
        return self._array(self.body[position])

    @property
    def _index_trees(self) -> list[Tree]:
        return self.trees[slice(*self._bounds)]

    @property
    def row_leaves(self) -> set[str]:
        """The digests of the leaves of the index and the body; none where these are no rows of a table."""
        if not has_rows(self.kind):
            return set()
        return {digest for tree in self.trees[self._bounds[0] :] for _, digest in leaves_of(tree)}

    def value(self) -> Any:
        """The value itself.

        Raises:
            BadInputError: its library is not installed.
        """
        form, arrays = form_named(self.kind), map(self._array, self.trees)
        return next(arrays) if form is None else form.rebuild(self.head, arrays)


def take_apart(value: object) -> tuple[str, Taken, dict[str, Leaf]]:
    """The digest of a value in memory, its parts, and its leaves by digest.

    Raises:
        BadInputError: the value cannot be stored, or would not come back as it is.
    """
    layout = layout_of(value)
    head_json(layout)
    walk = new_walk()
    leaves: dict[str, Leaf] = {}
    keys: list[bytes] = []
    trees: list[Tree] = []
    for position, column in enumerate(layout.columns):
        try:
            key, tree = tree_of(column, walk, leaves)
        except UnknowableError as error:
            raise _unknowable(layout, position, error) from error
        keys.append(key)
        trees.append(tree)
    taken = Taken(layout.kind, layout.rows, layout.width, layout.head, trees, leaves.__getitem__)
    digest = seal(walk, layout.token(walk, keys))
    if layout.whole is not None and seal(walk, new_walk().token(taken.value())) != digest:
        raise BadInputError(f"The {layout.kind} cannot be stored: it would not come back as it is.", STORABLE)
    return digest, taken, leaves


def _unknowable(layout: Layout, position: int, error: UnknowableError) -> Exception:
    only = layout.columns[0]
    if layout.kind == "value" and isinstance(only, Value):
        name = type(only.value).__name__
        return BadInputError(f"The {name} cannot be stored: its content cannot be known ({error}).", STORABLE)
    check(layout, position)  # names the element's type, which this error cannot
    return not_storable(layout, position, str(error))


def refuse(value: object) -> None:
    """Raise the BadInputError that names the column of a value that turned out to have no form."""
    layout = layout_of(value)
    for position in range(len(layout.columns)):
        check(layout, position)


def stored(manifest: Manifest, read: Callable[[str], Leaf]) -> Taken:
    """A value in the store."""
    head = from_json(manifest.head)
    return Taken(manifest.kind, manifest.rows, manifest.columns, head, manifest.trees, read)


def unchanged(key: str, leaf: Leaf) -> bool:
    """False if something wrote into a held leaf past pandas, as `Series.array` can."""
    return key_of(leaf) == key


def row_numbers(taken: Taken) -> Raw | None:
    """The row labels that a range index stands for, as the column they would be."""
    head = taken.head.get("index")
    if head is None or head["kind"] != "range":
        return None
    start, stop, step = head["bounds"]
    return Raw(np.arange(start, stop, step, dtype=np.int64))
