"""Reads ``model.json`` and ``model.bin``: the arrays by number, the parts by their nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import StartError
from .blocks import as_matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .blocks import Block

_DTYPES = {"float64": "<f8", "int64": "<i8", "int32": "<i4", "uint8": "u1", "bool": "?"}


class Reader:
    """Gives the parts of one compiled model.

    Attributes:
        document: what ``model.json`` says.
        library: the native code for this machine, checked against the bundle's list; None if there is none.
    """

    def __init__(
        self,
        text: bytes,
        content: bytes,
        builders: Mapping[str, Callable[[Any, Reader], Any]],
        library: Path | None = None,
    ) -> None:
        self.library = library
        self._content = content
        self._builders = builders
        try:
            self.document: dict[str, Any] = json.loads(text)
            self._arrays = [self._view(each) for each in self.document["arrays"]]
        except (ValueError, KeyError, TypeError) as error:
            raise StartError(
                "model.json and model.bin are no compiled model.", "Export the bundle again."
            ) from error

    def array(self, index: int) -> np.ndarray[Any, Any]:
        """One array; nobody can write to it."""
        return self._arrays[index]

    def part(self, node: Mapping[str, Any]) -> Any:
        """The part that a node describes. Predictors take any block: it becomes the matrix that they know."""
        build = self._builders.get(node["kind"])
        if build is None:
            raise StartError(
                "model.json has a part that this server does not know.", "Export the bundle again."
            )
        part = build(node, self)
        return OnMatrix(part) if hasattr(part, "predict") and not _takes_columns(part) else part

    def _view(self, described: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        shape = tuple(described["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        array = np.frombuffer(self._content, _DTYPES[described["dtype"]], count, described["offset"])
        return array.reshape(shape)


class OnMatrix:
    """A predictor that gets its rows as a matrix, whatever block they come in."""

    takes_columns = True

    def __init__(self, part: Any) -> None:
        self.part = part
        self.classes = part.classes
        self.methods = part.methods

    def predict(self, block: Block) -> np.ndarray[Any, Any]:
        """One label or number per row."""
        answer: np.ndarray[Any, Any] = self.part.predict(as_matrix(block))
        return answer

    def predict_proba(self, block: Block) -> np.ndarray[Any, Any]:
        """One row of probabilities per row."""
        answer: np.ndarray[Any, Any] = self.part.predict_proba(as_matrix(block))
        return answer

    def decision(self, block: Block) -> np.ndarray[Any, Any]:
        """Scores before they become labels or probabilities."""
        answer: np.ndarray[Any, Any] = self.part.decision(as_matrix(block))
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.part, name)


def _takes_columns(part: Any) -> bool:
    return bool(getattr(part, "takes_columns", False))
