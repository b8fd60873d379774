"""Numbers column by column: centre, scale, bound. Divided by a scale, never multiplied by its reciprocal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .blocks import Row, as_matrix

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
        # The usual case, with plain numbers: a scaler with both mean and scale.
        self._pairs: list[tuple[float, float]] | None = None
        if self.subtract is not None and self.divide is not None:
            self._pairs = list(zip(self.subtract.tolist(), self.divide.tolist(), strict=True))

    def transform(self, block: Block) -> Block:
        """The scaled numbers."""
        if type(block) is Row and self._pairs is not None:
            try:
                return Row([(x - m) / s for x, (m, s) in zip(block, self._pairs, strict=True)])
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


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {"affine": Affine}
