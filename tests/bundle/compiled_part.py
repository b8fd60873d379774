"""A fitted model as a bundle has it when it is compiled: written as tables, and read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.compile.model import compile_model
from jupyter_mlops.bundle.kernel.build import NATIVE
from jupyter_mlops.bundle.runtime.compiled.kernel import library_name
from jupyter_mlops.bundle.runtime.compiled.kinds import BUILDERS
from jupyter_mlops.bundle.runtime.compiled.read import Reader

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = NATIVE / (library_name() or "none")


def compiled(model: Any, library: Path | None = LIBRARY) -> Any:
    """The part that predicts; without a library NumPy does the sums."""
    made = compile_model(model, [f"c{index}" for index in range(model.n_features_in_)])
    reader = Reader(made.document, made.arrays, BUILDERS, library)
    return reader.part(reader.document["model"])
