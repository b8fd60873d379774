"""Numbers column by column: centre, scale, bound. Divided by a scale, never multiplied by its reciprocal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import ONE_ROW, as_matrix, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .blocks import Block
    from .read import Reader


class Affine:
    """Subtract, divide, multiply, add, in this order: what each scaler does of it is in its node."""

    def __init__(self, node: Any, reader: Reader) -> None:
        given = [
            None if node.get(name) is None else reader.array(node[name])
            for name in ("subtract", "divide", "multiply", "add")
        ]
        self.subtract, self.divide, self.multiply, self.add = given
        self.clip = node.get("clip")
        # The usual scalers, with plain numbers for one row.
        self._centred: list[tuple[float, float]] | None = None
        self._stretched: list[tuple[float, float]] | None = None
        if self.subtract is not None and self.divide is not None:
            self._centred = list(zip(self.subtract.tolist(), self.divide.tolist(), strict=True))
        elif self.multiply is not None and self.add is not None and self.clip is None:
            self._stretched = list(zip(self.multiply.tolist(), self.add.tolist(), strict=True))

    def transform(self, block: Block) -> Block:
        """The scaled numbers."""
        if isinstance(block, ONE_ROW):
            try:
                if self._centred is not None:
                    return numbers([(x - m) / s for x, (m, s) in zip(block, self._centred, strict=True)])
                if self._stretched is not None:
                    return numbers([x * s + m for x, (s, m) in zip(block, self._stretched, strict=True)])
            except TypeError:  # a boolean that is missing
                pass
        matrix = as_matrix(block)
        if self.subtract is not None:
            matrix = matrix - self.subtract
        if self.divide is not None:
            matrix = matrix / self.divide
        if self.multiply is not None:
            matrix = matrix * self.multiply
        if self.add is not None:
            matrix = matrix + self.add
        return matrix if self.clip is None else np.clip(matrix, *self.clip)


class Normalize:
    """Each row divided by its length."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.norm: str = node["norm"]

    def transform(self, block: Block) -> Block:
        """Rows of length 1; a row of zeros stays."""
        matrix = as_matrix(block)
        if self.norm == "l2":
            lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
        else:
            lengths = np.abs(matrix).sum(axis=1) if self.norm == "l1" else np.abs(matrix).max(axis=1)
        # A row of zeros has no length to divide by, and one that is all but zero is taken for that.
        lengths[lengths < 10 * np.finfo(np.float64).eps] = 1.0
        scaled: np.ndarray[Any, Any] = matrix / lengths[:, np.newaxis]
        return scaled


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {"affine": Affine, "normalize": Normalize}
