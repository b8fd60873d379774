"""A model as files that plain MLflow can load and serve, without a pickle unless it was asked for."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import sys
import tempfile
import warnings
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.installed import makers
from jupyter_mlops.registry.own_code import Copies, own_modules, with_module
from jupyter_mlops.registry.own_code.kept import CODE, MARK, check_same, code_text
from jupyter_mlops.registry.plain_columns import with_plain_columns
from jupyter_mlops.registry.quiet import quiet_mlflow
from jupyter_mlops.registry.unwritable import culprit
from jupyter_mlops.snapshot.own_key import mark_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import pandas as pd
    from mlflow.models import ModelSignature

    from jupyter_mlops.registry.own_code import OwnCode
    from jupyter_mlops.snapshot.schema import Schema

SKOPS, CLOUDPICKLE = "skops", "cloudpickle"
EXTRA = "mlops"
"""Folder inside the model's for what MLflow does not know: schema, example, slice, verification."""
_ALWAYS = ("scikit-learn", "numpy", "pandas", "scipy")
_NOT_NEEDED = {"jupyter-mlops", "ipython"}
_OF_THESE = {"sklearn", "numpy", "pandas", "scipy", "jupyter_mlops", "IPython"}
"""Modules of all these packages."""
_MLFLOW_TYPES = {
    "integer": "long",
    "number": "double",
    "boolean": "boolean",
    "string": "string",
    "datetime": "datetime",
}


def check_types(model: Any, trusted: Collection[str], own: OwnCode | None = None) -> list[str]:
    """The types in the model's file that skops wants to be told to trust.

    All of them are on our list, or of the user's own code, which then goes with the version.

    Raises:
        UnsafeModelError: others are in it, or skops cannot write the model at all.
    """
    with rebound(model, own) as copies:
        return _needed(copies.written, trusted, own)


@contextmanager
def rebound(model: Any, own: OwnCode | None) -> Iterator[Copies]:
    """The model as it works and as it is written: it holds what its own modules define."""
    if own is None or not (own.module or own.parts):
        yield Copies(model, model)
    else:
        with with_module(own) as copies:
            yield copies


def _needed(model: Any, trusted: Collection[str], own: OwnCode | None) -> list[str]:
    plain = with_plain_columns(model)
    try:
        found = _types(plain, is_tried=own is not None and bool(own.modules))
    except Exception as error:  # skops raises whatever the model's own state raises
        held = culprit(plain, partial(_types, is_tried=True))
        raise UnsafeModelError(
            f"the model cannot be written without pickle: it holds {held} ({type(error).__name__})",
            _PICKLE_FIX,
        ) from error
    unknown = [name for name in found if name not in trusted and not (own and own.has(name))]
    if unknown:
        raise UnsafeModelError(
            f"the model holds types that are not on the reviewed list: {', '.join(unknown[:5])}", _PICKLE_FIX
        )
    return found


def _types(model: Any, *, is_tried: bool) -> list[str]:
    """What skops wants to be told to trust; `is_tried` reads back what this process wrote a moment ago.

    Of scikit-learn's own classes it is known that they can be read; of people's it is not.
    """
    import skops.io

    content = skops.io.dumps(model)
    found = sorted(skops.io.get_untrusted_types(data=content))
    if is_tried:
        skops.io.loads(content, trusted=found)
    return found


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
    own: OwnCode | None = None,
) -> dict[str, str]:
    """Write an MLflow model with signature, example and requirements into `folder`, whole or not at all.

    Args:
        model: a fitted scikit-learn estimator.
        folder: must not exist.
        schema: of the input frame, from all of its rows.
        rows: a few rows of it, for the input example.
        serialization: ``skops`` or, by the user's choice, ``cloudpickle``.
        trusted: our reviewed list of types; never the model's own.
        extra: more files for the `EXTRA` folder, by name.
        own: code of the user's own that `model` needs, from `own_code` of this very model.

    Returns:
        The packages the model needs, with their versions.

    Raises:
        UnsafeModelError: skops was asked for and the model holds other types, which are named; or it predicts
            something else with the code that goes with it.
    """
    packages = _packages(serialization, own)
    try:
        with rebound(model, own) as copies, tempfile.TemporaryDirectory(prefix="mlops-code-") as scratch:
            if copies.working is not model:
                check_same(model, copies.working, rows)
            written, needed = copies.written, None
            if serialization == SKOPS:
                written, needed = with_plain_columns(written), _needed(written, trusted, own)
            code = own_modules(own, Path(scratch)) if own else []
            _save(written, folder, needed, _signature(model, schema, rows), rows, packages, code)
        texts = {
            **extra,
            "schema.json": json.dumps(schema.to_dict(), indent=1),
            "example.json": rows.to_json(orient="records", date_format="iso"),
            "packages.json": json.dumps(packages),
        }
        if own and own.modules:
            texts[CODE] = code_text(own, folder, needed or [])
            digest = hashlib.sha256(model_file(folder)[0].read_bytes()).hexdigest()
            texts[MARK] = mark_of(digest, texts[CODE].encode())
        add_files(folder, texts)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return packages


def _save(
    model: Any,
    folder: Path,
    needed: list[str] | None,
    signature: ModelSignature,
    rows: pd.DataFrame,
    packages: Mapping[str, str],
    code: Sequence[Path],
) -> None:
    mlflow_sklearn = importlib.import_module("mlflow.sklearn")
    with warnings.catch_warnings(), quiet_mlflow():
        warnings.simplefilter("ignore")
        mlflow_sklearn.save_model(
            model,
            str(folder),
            serialization_format=CLOUDPICKLE if needed is None else SKOPS,
            skops_trusted_types=needed,
            signature=signature,
            input_example=rows,
            pip_requirements=["mlflow", *(f"{name}=={version}" for name, version in packages.items())],
            code_paths=[str(path) for path in code] or None,
        )


def add_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write more files, by name, into the `EXTRA` folder of a saved model."""
    inside = folder / EXTRA
    inside.mkdir(exist_ok=True)
    for name, text in texts.items():
        (inside / name).write_text(text, "utf-8")


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


def _packages(serialization: str, own: OwnCode | None) -> dict[str, str]:
    """Versions of what the model needs: what is always needed, and what it and its own code import."""
    others = set(own.imports if own else ()) - _OF_THESE - sys.stdlib_module_names
    imported = {found[0] for found in makers(others).values()}
    names = sorted({*_ALWAYS, serialization, *imported} - _NOT_NEEDED)
    return {name: metadata.version(name) for name in names}


def model_file(folder: Path) -> tuple[Path, str]:
    """The one file that holds the estimator in a saved model's folder, and how it is written."""
    skops_file = folder / "model.skops"
    return (skops_file, SKOPS) if skops_file.exists() else (folder / "model.pkl", CLOUDPICKLE)
