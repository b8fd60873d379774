"""Parts that hold other parts: pipelines, and columns that go different ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .blocks import Row, as_matrix, refuse_missing, select, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from .blocks import Block
    from .read import Reader


class Chain:
    """Transformers one after another."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.steps = [reader.part(step) for step in node["steps"]]

    def transform(self, block: Block) -> Block:
        """What the last one makes."""
        for step in self.steps:
            block = step.transform(block)
        return block


class Pipeline:
    """Transformers, and the predictor that gets what they make."""

    takes_columns = True

    def __init__(self, node: Any, reader: Reader) -> None:
        self.prepare = Chain(node, reader).transform
        self.last = reader.part(node["last"])
        self.classes = self.last.classes
        self.methods = self.last.methods

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label or number per row."""
        answer: np.ndarray[Any, Any] = self.last.predict(self.prepare(block))
        return answer

    def predict_proba(self, block: Block) -> np.ndarray[Any, Any]:
        """One row of probabilities per row."""
        answer: np.ndarray[Any, Any] = self.last.predict_proba(self.prepare(block))
        return answer

    def decision(self, block: Block) -> np.ndarray[Any, Any]:
        """Scores before they become labels or probabilities."""
        answer: np.ndarray[Any, Any] = self.last.decision(self.prepare(block))
        return answer


class Split:
    """Columns go different ways; what is made of them stands side by side. In a union, all go each way."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.ways = [
            (way["columns"], reader.part(way["part"]).transform, way["weight"]) for way in node["ways"]
        ]

    def transform(self, block: Block) -> Block:
        """What all of them make."""
        made = []
        for columns, transform, weight in self.ways:
            part = transform(block if columns is None else select(block, columns))
            made.append(part if weight is None else as_matrix(part) * weight)
        return side_by_side(made)


class Same:
    """Hands on what comes."""

    def __init__(self, node: Any, reader: Reader) -> None:
        pass

    def transform(self, block: Block) -> Block:
        """The same block."""
        return block


class Chosen:
    """Keeps some columns of a matrix."""

    def __init__(self, node: Any, reader: Reader) -> None:
        self.columns: list[int] = node["columns"]
        self.needs_all: bool = node["needs_all"]

    def transform(self, block: Block) -> Block:
        """The columns that were chosen in training."""
        if self.needs_all or type(block) is not Row:
            block = as_matrix(block)
            if self.needs_all:
                refuse_missing(block)
        return select(block, self.columns)


BUILDERS: Mapping[str, Callable[[Any, Reader], Any]] = {
    "chain": Chain,
    "pipeline": Pipeline,
    "split": Split,
    "same": Same,
    "chosen": Chosen,
}
