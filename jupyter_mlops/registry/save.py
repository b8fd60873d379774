"""A model as files that plain MLflow can load and serve, without a pickle unless it was asked for."""

from __future__ import annotations

import importlib
import json
import warnings
from importlib import metadata
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.plain_columns import with_plain_columns
from jupyter_mlops.registry.quiet import quiet_mlflow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import pandas as pd
    from mlflow.models import ModelSignature

    from jupyter_mlops.snapshot.schema import Schema

SKOPS, CLOUDPICKLE = "skops", "cloudpickle"
EXTRA = "mlops"
"""Folder inside the model's for what MLflow does not know: schema, example, slice, verification."""
_ALWAYS = ("scikit-learn", "numpy", "pandas", "scipy")
_MLFLOW_TYPES = {
    "integer": "long",
    "number": "double",
    "boolean": "boolean",
    "string": "string",
    "datetime": "datetime",
}


def check_types(model: Any, trusted: Collection[str]) -> list[str]:
    """The types in the model's file that skops wants to be told to trust; all are on our list.

    Raises:
        UnsafeModelError: others are in it, or skops cannot write the model at all.
    """
    found = _types(with_plain_columns(model))
    unknown = [name for name in found if name not in trusted]
    if unknown:
        raise UnsafeModelError(
            f"the model holds types that are not on the reviewed list: {', '.join(unknown[:5])}", _PICKLE_FIX
        )
    return found


def _types(model: Any) -> list[str]:
    import skops.io

    try:
        return sorted(skops.io.get_untrusted_types(data=skops.io.dumps(model)))
    except Exception as error:  # skops raises whatever the model's own state raises
        raise UnsafeModelError(
            f"the model cannot be written without pickle ({type(error).__name__})", _PICKLE_FIX
        ) from error


_PICKLE_FIX = "If you trust its code, choose `--serialization cloudpickle`; the version will say so."


def save_model(
    model: Any,
    folder: Path,
    *,
    schema: Schema,
    rows: pd.DataFrame,
    serialization: str,
    trusted: Collection[str],
    extra: Mapping[str, str],
) -> dict[str, str]:
    """Write an MLflow model with signature, example and requirements into `folder`.

    Args:
        model: a fitted scikit-learn estimator.
        folder: must not exist.
        schema: of the input frame, from all of its rows.
        rows: a few rows of it, for the input example.
        serialization: ``skops`` or, by the user's choice, ``cloudpickle``.
        trusted: our reviewed list of types; never the model's own.
        extra: more files for the `EXTRA` folder, by name.

    Returns:
        The packages the model needs, with their versions.

    Raises:
        UnsafeModelError: skops was asked for and the model holds other types; they are named.
    """
    needed = None
    if serialization == SKOPS:
        model = with_plain_columns(model)
        needed = check_types(model, trusted)
    mlflow_sklearn = importlib.import_module("mlflow.sklearn")
    packages = _packages(serialization)
    example = json.loads(rows.to_json(orient="records", date_format="iso"))
    with warnings.catch_warnings(), quiet_mlflow():
        warnings.simplefilter("ignore")
        mlflow_sklearn.save_model(
            model,
            str(folder),
            serialization_format=serialization,
            skops_trusted_types=needed,
            signature=_signature(model, schema, rows),
            input_example=rows,
            pip_requirements=["mlflow", *(f"{name}=={version}" for name, version in packages.items())],
        )
    inside = folder / EXTRA
    inside.mkdir()
    texts = {
        **extra,
        "schema.json": json.dumps(schema.to_dict(), indent=1),
        "example.json": json.dumps(example),
    }
    texts["packages.json"] = json.dumps(packages)
    for name, text in texts.items():
        (inside / name).write_text(text, "utf-8")
    return packages


def _signature(model: Any, schema: Schema, rows: pd.DataFrame) -> ModelSignature:
    """MLflow's signature from our schema: nullability and types were read from all rows, not from a head."""
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types.schema import ColSpec
    from mlflow.types.schema import Schema as MlflowSchema

    inputs = MlflowSchema(
        [
            ColSpec(_MLFLOW_TYPES[column.type], column.name, required=not column.nullable)
            for column in schema.columns
        ]
    )
    return ModelSignature(inputs=inputs, outputs=infer_signature(model.predict(rows)).inputs)


def _packages(serialization: str) -> dict[str, str]:
    names = sorted({*_ALWAYS, serialization})
    return {name: metadata.version(name) for name in names}


def model_file(folder: Path) -> tuple[Path, str]:
    """The one file that holds the estimator in a saved model's folder, and how it is written."""
    skops_file = folder / "model.skops"
    return (skops_file, SKOPS) if skops_file.exists() else (folder / "model.pkl", CLOUDPICKLE)
