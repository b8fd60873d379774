"""Collects what a compiled model is made of: one JSON document, and one file with all its arrays.

The same model always gives the same bytes: keys are sorted, arrays stand in the order in which they were
first handed over, and equal ones stand there once.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DTYPES = ("float64", "int64", "int32", "uint8", "bool")
_ALIGNMENT = 64
"""Of each array's first byte: a cache line, and what vector instructions like."""

Names = tuple["str | None", ...]


class Writer:
    """Takes the arrays of a model while its parts are compiled.

    Attributes:
        names: of the columns that go into the part that is being compiled, for errors that name a column;
            None where they are no columns of the user's any more.
    """

    def __init__(self, names: Sequence[str | None] = ()) -> None:
        self.names: Names = tuple(names)
        self._arrays: list[dict[str, Any]] = []
        self._content = bytearray()
        self._known: dict[tuple[str, tuple[int, ...], bytes], int] = {}

    def array(self, values: Any) -> int:
        """Keep an array; the result is its index in the document's ``arrays``."""
        array = np.ascontiguousarray(values)
        if array.dtype.name not in DTYPES:
            raise CannotCompile(f"an array of {array.dtype.name} has no place in a compiled model")
        content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        shape = np.shape(values)
        key = (array.dtype.name, shape, content)
        if key not in self._known:
            self._content += bytes(-len(self._content) % _ALIGNMENT)
            self._known[key] = len(self._arrays)
            self._arrays.append(
                {"dtype": array.dtype.name, "shape": list(shape), "offset": len(self._content)}
            )
            self._content += content
        return self._known[key]

    def floats(self, values: Any) -> int:
        """Keep numbers as float64."""
        return self.array(np.asarray(values, dtype=np.float64))

    def name(self, index: int) -> str | None:
        """What the user calls a column that goes into the present part."""
        return self.names[index] if index < len(self.names) else None

    @contextmanager
    def named(self, names: Sequence[str | None]) -> Iterator[None]:
        """Say what the columns are called for the parts that are compiled inside."""
        before, self.names = self.names, tuple(names)
        try:
            yield
        finally:
            self.names = before

    def finish(self, node: Mapping[str, Any], **more: Any) -> tuple[bytes, bytes]:
        """The bytes of ``model.json`` and of ``model.bin``.

        Args:
            node: of the whole model.
            more: what else stands at the top of the document.
        """
        document = {**more, "model": node, "arrays": self._arrays}
        try:
            text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise CannotCompile("one of the model's parameters cannot be written as JSON") from error
        return text.encode() + b"\n", bytes(self._content)
