"""The engine of a compiled model: checked rows in, labels or probabilities out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..manifest import read_checked
from ..problems import StartError
from .blocks import Row
from .kernel import library_name
from .kinds import BUILDERS
from .read import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..batch import Batch
    from ..manifest import Manifest
    from ..schema import Column
    from .blocks import Block

MODEL, ARRAYS = "model.json", "model.bin"
NATIVE = "runtime/compiled/native"


class CompiledEngine:
    """Answers without scikit-learn and pandas; see `Engine` for what it promises."""

    name = "compiled"
    is_quick = True

    def __init__(self, text: bytes, content: bytes, columns: Sequence[Column], library: Path | None) -> None:
        reader = Reader(text, content, BUILDERS, library)
        if reader.document["columns"] != [column.name for column in columns]:
            raise StartError("model.json and schema.json have other columns.", "Export the bundle again.")
        model = reader.part(reader.document["model"])
        self.classes: list[Any] | None = model.classes
        self.methods: tuple[str, ...] = model.methods
        # A pipeline is two parts, so that a row that is asked for labels and probabilities is prepared once.
        self._prepare = getattr(model, "prepare", None)
        self._model = model if self._prepare is None else model.last
        self._inputs: list[int] = reader.document["inputs"]
        self._takes_all = self._inputs == [*range(len(columns))]
        kinds = [columns[index].type for index in self._inputs]
        self._is_number = [kind in {"number", "integer"} for kind in kinds]
        self._as_they_came = [kind in {"string", "boolean"} for kind in kinds]
        # Training rounded these to float32, and so does an array of them.
        self._has_float32 = any(columns[index].dtype == "float32" for index in self._inputs)

    def prepare(self, batch: Batch) -> Any:
        """The rows as the last part of the model takes them.

        Raises:
            BadRequest: a value that the model was not trained to take: missing, or an unseen category.
        """
        block = self._row(batch) if batch.rows == 1 and not self._has_float32 else self._columns(batch)
        return block if self._prepare is None else self._prepare(block)

    def predict(self, prepared: Any, method: str) -> np.ndarray[Any, Any]:
        """(rows,) labels or numbers for predict, (rows, classes) for predict_proba.

        Raises:
            BadRequest: as `prepare`.
        """
        answer: np.ndarray[Any, Any] = getattr(self._model, method)(prepared)
        return answer

    def answer(self, batch: Batch, method: str) -> np.ndarray[Any, Any]:
        """Both at once."""
        return self.predict(self.prepare(batch), method)

    def _row(self, batch: Batch) -> Block:
        if batch.row is not None:
            row = Row(batch.row if self._takes_all else [batch.row[index] for index in self._inputs])
        else:
            values = batch.values
            row = Row([values[index][0] for index in self._inputs])
        if None in row:
            for place, is_number in enumerate(self._is_number):
                if is_number and row[place] is None:
                    row[place] = np.nan
        return row

    def _columns(self, batch: Batch) -> Block:
        # Texts and booleans are looked up one by one: as a list, if they came as one.
        return [
            batch.values[index] if as_it_came else batch.array(index)
            for index, as_it_came in zip(self._inputs, self._as_they_came, strict=True)
        ]


def load_compiled(folder: Path, manifest: Manifest, columns: Sequence[Column]) -> CompiledEngine:
    """Load a bundle's compiled model. Raises StartError when its files are not those that were exported."""
    text, content = (read_checked(folder, name, manifest) for name in (MODEL, ARRAYS))
    library = f"{NATIVE}/{library_name()}"
    if library not in manifest.files:  # another kind of machine: NumPy makes the same sums
        return CompiledEngine(text, content, columns, None)
    read_checked(folder, library, manifest)
    return CompiledEngine(text, content, columns, folder / library)
