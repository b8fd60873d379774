"""Write a registered model as a folder that serves it: no MLflow, no IPython, nothing of this package.

The same version always gives the same bytes: no times, no absolute paths, keys sorted.
"""

from __future__ import annotations

import shlex
import zipfile
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.choice import Original, choose_engine
from jupyter_mlops.bundle.contents import Contents, write_manifest
from jupyter_mlops.bundle.folders import check_target, put_in_place
from jupyter_mlops.bundle.runtime.manifest import MANIFEST, MODEL_FILES
from jupyter_mlops.bundle.runtime.schema import Column
from jupyter_mlops.bundle.two_versions import check_pair
from jupyter_mlops.errors import BadInputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jupyter_mlops.snapshot.schema import Schema


@dataclass(frozen=True)
class BundleSource:
    """Everything an export needs, gathered by the caller from the registry.

    Attributes:
        name: the registered model's name.
        version: its version.
        run_id: the run that trained it.
        model_file: the model as registered.
        serialization: ``skops``, or ``cloudpickle`` when the user chose that explicitly.
        schema: the model's input.
        example: a few rows of it, ready for JSON (missing values are None).
        metrics: the version's metrics.
        packages: versions the model was trained with; with ``cloudpickle`` or own code all of them are
            locked too.
        code: the folder with code of the user's own that the model needs; None if it needs none.
        code_types: the types of that code that the model file holds.
        card: the version's model card as Markdown, where it has one.
        original: the model and rows, to compile it and to compare.
    """

    name: str
    version: str
    run_id: str
    model_file: Path
    serialization: str
    schema: Schema
    example: list[dict[str, Any]]
    metrics: Mapping[str, float]
    packages: Mapping[str, str]
    code: Path | None = None
    code_types: tuple[str, ...] = ()
    card: str | None = None
    original: Original = field(default_factory=Original, repr=False)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The schema as the bundle's server reads it."""
        return tuple(Column(each.name, each.type, each.nullable, each.dtype) for each in self.schema.columns)


@dataclass(frozen=True)
class Bundle:
    """An exported folder.

    ``digest`` is the SHA-256 of its manifest, which holds that of every file; ``lock`` says whether its
    packages are ``hashed`` or only ``pinned``; ``parity`` tells how its ``engine`` was chosen;
    ``challenger`` is the version beside it, if there is one.
    """

    path: Path
    name: str
    version: str
    digest: str
    files: tuple[str, ...]
    size_bytes: int
    command: str
    lock: str
    engine: str
    parity: Mapping[str, Any]
    challenger: str = ""


def export_bundle(
    source: BundleSource,
    target: Path,
    *,
    force: bool = False,
    engine: str = "auto",
    shadow: bool = False,
    challenger: BundleSource | None = None,
) -> Bundle:
    """Write `source` to the folder `target`, whole or not at all.

    Args:
        source: the model and what is known about it.
        target: the folder to make; its parents are made too.
        force: replace a bundle that is there; it stays until the new one is whole.
        engine: ``compiled``, ``sklearn``, or ``auto``: compiled if the model has that form and answers alike.
        shadow: put the model itself into a compiled bundle as well.
        challenger: another version, to put beside it; its engine is chosen for itself.

    Raises:
        BadInputError: the target may not be replaced; the model file, example or versions do not fit; or the
            model cannot be compiled, and that was asked for.
        StoreError: a file could not be read or written.
    """
    place = check_target(target, force=force)
    _check_source(source)
    second = None
    if challenger is not None:
        check_pair(source, challenger)
        _check_source(challenger)
        second = _contents(challenger, engine, shadow)
    contents = _contents(source, engine, shadow, second)
    try:
        with put_in_place(place) as folder:
            contents.write(folder)
            document = write_manifest(contents, folder)
    except OSError as error:
        raise StoreError(
            f"The bundle could not be written to {place} ({error.strerror}); nothing was left there.",
            "Check the model file, the folder's permissions and the free space, and export again.",
        ) from error
    files = tuple(sorted([*document["files"], MANIFEST]))
    return Bundle(
        path=place,
        name=source.name,
        version=source.version,
        digest=document["digest"],
        files=files,
        size_bytes=sum((place / file).stat().st_size for file in files),
        command=f"cd {shlex.quote(str(place))} && python serve.py",
        lock=contents.lock.kind,
        engine=contents.choice.engine,
        parity=contents.choice.parity,
        challenger="" if challenger is None else challenger.version,
    )


def _contents(
    source: BundleSource, engine: str, shadow: bool, challenger: Contents | None = None
) -> Contents:
    choice = choose_engine(source.original, source.columns, engine)
    return Contents(source, choice, has_model=shadow or choice.compiled is None, challenger=challenger)


def _check_source(source: BundleSource) -> None:
    """Refuse before anything is written what could never be served."""
    if source.serialization not in MODEL_FILES:
        raise BadInputError(
            f"Models saved as {source.serialization!r} cannot be served.",
            f"Save the model with {' or '.join(MODEL_FILES)}.",
        )
    if not source.model_file.is_file():
        raise BadInputError(
            f"The model file {source.model_file} does not exist.", "Register the model again, then export."
        )
    if source.serialization == "skops" and not zipfile.is_zipfile(source.model_file):
        raise BadInputError(
            f"{source.model_file.name} is not a skops file.", "Register the model again, saved with skops."
        )
    _check_example(source)
    _check_versions(source)


def _check_versions(source: BundleSource) -> None:
    trained, here = source.packages.get("scikit-learn"), metadata.version("scikit-learn")
    if trained is not None and trained != here:
        # scikit-learn does not promise that one version reads another's models.
        raise BadInputError(
            f"The model was trained with scikit-learn {trained}, but {here} is installed here.",
            f"Install scikit-learn=={trained} and export again, or train the model again.",
        )


def _check_example(source: BundleSource) -> None:
    from jupyter_mlops.bundle.runtime.problems import BadRequest
    from jupyter_mlops.bundle.runtime.tables import read_records, to_batch

    try:
        to_batch(read_records(source.example, source.columns, "$"), source.columns)
    except (BadRequest, KeyError) as error:
        raise BadInputError(
            f"The example does not fit the schema: {error}.",
            "Take the example from the frame the schema was inferred from, as plain JSON values.",
        ) from error
