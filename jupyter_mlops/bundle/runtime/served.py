"""A bundle that was loaded: its model, and the contract of its requests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .engines import Engine, load_engine
from .manifest import Manifest, read_whole_manifest
from .problems import StartError
from .protocols import mlflow
from .schema import Column, read_schema
from .scoring import ask

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np


@dataclass(frozen=True)
class Served:
    """A loaded model with the columns it takes.

    Attributes:
        seen: what the model answered to the recorded example, by method: of what type answers are.
    """

    manifest: Manifest
    columns: tuple[Column, ...]
    engine: Engine
    seen: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)


def load(folder: Path) -> Served:
    """Load the bundle in `folder`. Raises StartError when it is not whole or not safe to load."""
    manifest = read_whole_manifest(folder)
    columns = read_schema(folder)
    return Served(manifest, columns, load_engine(folder, manifest, columns))


def predict_example(folder: Path, served: Served) -> int:
    """Predict the recorded example, and return how many rows it has: smoke test, and warm-up of lazy imports.

    Raises:
        StartError: it could not be predicted.
    """
    try:
        example = json.loads((folder / "example.json").read_text(encoding="utf-8"))
        body = json.dumps({"dataframe_records": example}).encode()
        question = mlflow.read(body, "application/json", served.columns)
        answers = ask(served.engine, question).answers
        mlflow.write(question, answers)
        served.seen[question.methods[0]] = answers[0]
    except Exception as error:
        raise StartError(
            f"The recorded example could not be predicted ({type(error).__name__}).",
            "Install requirements.lock, or export the bundle again.",
        ) from error
    return question.batch.rows
