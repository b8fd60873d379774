"""A column as a tree: its composites in plain JSON, its leaves by digest.

Leaves are what the store keeps once: a categorical column shares its categories with another one, and a text
column is the same whatever its pandas dtype says about missing values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jupyter_mlops.snapshot.columns import Column, Leaf, Parts, Value
from jupyter_mlops.snapshot.parts import build_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_mlops.snapshot.walk import Walk

Tree = str | dict[str, Any]
Path = tuple[int, ...]


def tree_of(column: Column, walk: Walk, leaves: dict[str, Leaf]) -> tuple[bytes, Tree]:
    """The digest of a column and its tree; its leaves are added to `leaves` by digest.

    Raises:
        UnknowableError: an element's content cannot be known.
    """
    if not isinstance(column, Parts):
        key = column.fold(walk)
        leaves.setdefault(key.hex(), column)
        return key, key.hex()
    children = [tree_of(child, walk, leaves) for child in column.children]
    key = column.combine(walk, [child for child, _ in children])
    trees = [tree for _, tree in children]
    return key, {"kind": column.kind, "meta": dict(column.meta), "children": trees}


def leaves_of(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The digests of a tree's leaves, each with its way through the children."""
    if isinstance(tree, str):
        yield path, tree
        return
    for number, child in enumerate(tree["children"]):
        yield from leaves_of(child, (*path, number))


def shape_of(tree: Tree) -> object:
    """What two trees share whose leaves may differ: kinds and meta, hashable."""
    if isinstance(tree, str):
        return None
    return tree["kind"], repr(sorted(tree["meta"].items())), tuple(shape_of(c) for c in tree["children"])


def column_of_tree(tree: Tree, read: Callable[[str], Leaf]) -> Column:
    """The canonical form of a column again."""
    if isinstance(tree, str):
        return read(tree)
    children = tuple(column_of_tree(child, read) for child in tree["children"])
    return Parts(tree["kind"], tree["meta"], children)


def array_of(column: Column) -> Any:
    """The array or value of a column: NumPy, pandas or, inside others, Arrow."""
    if isinstance(column, Parts):
        return build_part(column.kind, column.meta, [array_of(child) for child in column.children])
    return column.value if isinstance(column, Value) else cast("Any", column).values
