"""What goes from part to part: some rows of some columns, in one of four forms.

- a matrix: float64, C-contiguous, (rows, columns), NaN where something is missing. All numbers become that.
- a list of columns, each a list of plain values (None where one is missing) or an array: what requests hold.
- a `Row`: one row as plain values. Most requests are one row, and plain Python beats NumPy there by far.
- `Numbers`: one row of float64, which joins others and becomes a matrix without a look at its values.
"""

from __future__ import annotations

from array import array as Numbers  # noqa: N812 - the name of what it holds
from typing import Any, TypeAlias

import numpy as np

from ..problems import BadRequest

Column = list[Any] | np.ndarray[Any, Any]


class Row(list[Any]):
    """The values of one row, one per column; a missing number is NaN, another missing value None."""

    __slots__ = ()


Block: TypeAlias = "Row | Numbers[float] | list[Column] | np.ndarray[Any, Any]"


ONE_ROW = (Row, Numbers)
"""The forms that hold no more."""


def numbers(values: list[float] | Numbers[float]) -> Numbers[float]:
    """One row of numbers."""
    return Numbers("d", values)


def as_matrix(block: Block) -> np.ndarray[Any, Any]:
    """The block as numbers."""
    if isinstance(block, np.ndarray):
        return np.ascontiguousarray(block, dtype=np.float64)
    if isinstance(block, Numbers):
        return np.frombuffer(block).reshape(1, -1)
    if type(block) is Row:
        try:
            return np.fromiter(block, np.float64, len(block)).reshape(1, -1)
        except TypeError:  # a boolean that is missing
            return np.array([block], dtype=np.float64)
    if not block:
        raise ValueError("a block without columns")
    matrix = np.empty((len(block[0]), len(block)))
    for index, column in enumerate(block):
        matrix[:, index] = column if isinstance(column, np.ndarray) else np.array(column, dtype=np.float64)
    return matrix


def as_columns(block: Block) -> list[Column]:
    """The block as a list of columns."""
    if isinstance(block, np.ndarray):
        return list(block.T)
    if isinstance(block, ONE_ROW):
        return [[value] for value in block]
    return block


def rows_in(block: Block) -> int:
    """How many rows the block has."""
    if isinstance(block, ONE_ROW):
        return 1
    return len(block) if isinstance(block, np.ndarray) else len(block[0])


def select(block: Block, indices: list[int]) -> Block:
    """Some of the columns."""
    if type(block) is Row:
        return Row([block[index] for index in indices])
    if isinstance(block, Numbers):
        return numbers([block[index] for index in indices])
    if isinstance(block, np.ndarray):
        return block[:, indices]
    return [block[index] for index in indices]


def side_by_side(blocks: list[Block]) -> Block:
    """Several blocks of the same rows as one."""
    if len(blocks) == 1:
        return blocks[0]
    kinds = {type(block) for block in blocks}
    if kinds == {Numbers}:
        return sum(blocks[1:], start=blocks[0])
    if kinds <= {*ONE_ROW}:
        row = Row(blocks[0])
        for block in blocks[1:]:
            row += block
        return row
    if kinds == {np.ndarray}:
        return np.concatenate(blocks, axis=1)
    return [column for block in blocks for column in as_columns(block)]


def refuse_missing(matrix: np.ndarray[Any, Any]) -> None:
    """Say no to rows that scikit-learn says no to: missing values, where the model has no place for them."""
    if not np.isfinite(matrix).all():
        raise no_place_for_missing()


def no_place_for_missing() -> BadRequest:
    """The answer to a missing value that the model was not trained to take."""
    return BadRequest("MISSING_VALUE", "a value is missing, or too large, that the model cannot do without")
