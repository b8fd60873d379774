"""Expressions that say how much data there is, and measure nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_WHOLE = ast.Add | ast.Sub | ast.Mult | ast.FloorDiv  # a true quotient may be a share, which is a measure


def is_size(value: ast.expr | None, *, older_than: AbstractSet[str], sizes: AbstractSet[str]) -> bool:
    """True for ``len(X)``, ``X.shape``, ``X.shape[0]``, ``X.size`` and whole numbers made from these.

    Args:
        value: the expression that is assigned.
        older_than: names the cell assigned: the length of what it has just computed may well be a
            result, such as a number of mistakes.
        sizes: names among them that hold sizes.
    """
    match value:
        case ast.Call(func=ast.Name("len"), args=[ast.Name(name)]):
            return name not in older_than
        case ast.Attribute(value=ast.Name(name), attr="shape" | "size"):
            return name not in older_than
        case ast.Subscript(value=ast.Attribute(attr="shape") as shape):
            return is_size(shape, older_than=older_than, sizes=sizes)
        case ast.Name(name):
            return name in sizes
        case ast.BinOp(left, op, right) if isinstance(op, _WHOLE):
            return is_size(left, older_than=older_than, sizes=sizes) and (
                isinstance(right, ast.Name | ast.Constant)
                or is_size(right, older_than=older_than, sizes=sizes)
            )
    return False
