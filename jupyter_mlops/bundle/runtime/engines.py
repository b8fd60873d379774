"""What answers questions: one interface, two makes of it; ``bundle.json`` says which one a bundle has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np

    from .batch import Batch
    from .manifest import Manifest
    from .schema import Column


class Engine(Protocol):
    """A model that is ready to be asked.

    Attributes:
        name: ``compiled`` or ``sklearn``.
        is_quick: a few rows take microseconds, so they need no thread of their own.
        classes: a classifier's labels in the order of its probabilities; None for other models.
        methods: which of ``predict`` and ``predict_proba`` it has.
    """

    name: str
    is_quick: bool
    classes: list[Any] | None
    methods: tuple[str, ...]

    def prepare(self, batch: Batch) -> Any:
        """What `predict` takes, made of checked rows."""

    def predict(self, prepared: Any, method: str) -> np.ndarray[Any, Any]:
        """One answer a row: an array of shape (rows,) or (rows, k)."""


def load_engine(folder: Path, manifest: Manifest, columns: Sequence[Column]) -> Engine:
    """The engine of a bundle. Raises StartError when a file is not whole or not safe to load."""
    if manifest.engine == "compiled":
        from .compiled.engine import load_compiled

        return load_compiled(folder, manifest, columns)
    from .engine_sklearn.engine import load_sklearn

    return load_sklearn(folder, manifest)
