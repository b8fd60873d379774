"""Write a registered model as a folder that serves it: no MLflow, no IPython, nothing of this package.

The same version always gives the same bytes: no times, no absolute paths, keys sorted.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
import shlex
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.folders import check_target, put_in_place
from jupyter_mlops.bundle.lock import Lock, lock_for
from jupyter_mlops.bundle.packaging import PackagingSource, write_packaging
from jupyter_mlops.bundle.runtime.manifest import CODE, MANIFEST, MODEL_FILES, digest_of
from jupyter_mlops.errors import BadInputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.snapshot.schema import Schema

_HERE = Path(__file__).parent


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


@dataclass(frozen=True)
class Bundle:
    """An exported folder.

    ``digest`` is the SHA-256 of its manifest, which holds that of every file; ``lock`` says whether its
    packages are ``hashed`` or only ``pinned``.
    """

    path: Path
    name: str
    version: str
    digest: str
    files: tuple[str, ...]
    size_bytes: int
    command: str
    lock: str


def export_bundle(source: BundleSource, target: Path, *, force: bool = False) -> Bundle:
    """Write `source` to the folder `target`, whole or not at all.

    Args:
        source: the model and what is known about it.
        target: the folder to make; its parents are made too.
        force: replace a bundle that is there; it stays until the new one is whole.

    Raises:
        BadInputError: the target may not be replaced; the model file, example or versions do not fit.
        StoreError: a file could not be read or written.
    """
    place = check_target(target, force=force)
    _check_source(source)
    lock = lock_for("sklearn", _needed(source))
    _check_versions(source, lock)
    try:
        with put_in_place(place) as folder:
            _write_contents(source, lock, folder)
            document = _write_manifest(source, lock, folder)
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
        lock=lock.kind,
    )


def _write_contents(source: BundleSource, lock: Lock, folder: Path) -> None:
    _copy_runtime(folder / "runtime")
    shutil.copyfile(source.model_file, folder / MODEL_FILES[source.serialization])
    if source.code is not None:
        _copy_code(source.code, folder / CODE)
    shutil.copyfile(_HERE / "template" / "serve.py", folder / "serve.py")
    _write(folder / "schema.json", _json(source.schema.to_dict()))
    _write(folder / "example.json", _json(source.example))
    major, minor, _ = platform.python_version_tuple()
    packaging = PackagingSource(
        name=source.name,
        version=source.version,
        run_id=source.run_id,
        engine="sklearn",
        python=f"{major}.{minor}",
        lock=lock,
        card=source.card,
        has_code=source.code is not None,
    )
    write_packaging(folder, packaging)


def _copy_runtime(folder: Path) -> None:
    origin = _HERE / "runtime"
    for file in sorted(origin.rglob("*")):
        if file.suffix in {".py", ".html"}:
            target = folder / file.relative_to(origin)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _copy_code(origin: Path, folder: Path) -> None:
    for file in sorted(origin.rglob("*.py")):
        target = folder / file.relative_to(origin)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _write_manifest(source: BundleSource, lock: Lock, folder: Path) -> dict[str, Any]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    document: dict[str, Any] = {
        "name": source.name,
        "version": source.version,
        "run_id": source.run_id,
        "engine": "sklearn",
        "serialization": source.serialization,
        # JSON has no NaN; a metric that could not be computed is null.
        "metrics": {
            key: float(value) if math.isfinite(value) else None for key, value in source.metrics.items()
        },
        "python": platform.python_version(),
        "packages": dict(source.packages),
        "lock": lock.kind,
        "files": {file.relative_to(folder).as_posix(): _fingerprint(file) for file in files},
    }
    if source.code is not None:
        document["code_types"] = sorted(source.code_types)
    document["digest"] = digest_of(document)
    _write(folder / MANIFEST, _json(document))
    return document


def _fingerprint(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _needed(source: BundleSource) -> list[str]:
    """What the model needs beyond the server: pickles and own code may need all they were made with."""
    if source.serialization == "skops" and source.code is None:
        return []
    needed = [name for name in source.packages if name != "python"]
    return [*needed, "cloudpickle"] if source.serialization == "cloudpickle" else needed


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


def _check_versions(source: BundleSource, lock: Lock) -> None:
    trained, here = source.packages.get("scikit-learn"), lock.versions["scikit-learn"]
    if trained is not None and trained != here:
        # scikit-learn does not promise that one version reads another's models.
        raise BadInputError(
            f"The model was trained with scikit-learn {trained}, but {here} is installed here.",
            f"Install scikit-learn=={trained} and export again, or train the model again.",
        )


def _check_example(source: BundleSource) -> None:
    from jupyter_mlops.bundle.runtime.problems import BadRequest
    from jupyter_mlops.bundle.runtime.schema import Column
    from jupyter_mlops.bundle.runtime.tables import read_records, to_batch

    columns = [Column(each.name, each.type, each.nullable, each.dtype) for each in source.schema.columns]
    try:
        to_batch(read_records(source.example, columns, "$"), columns)
    except (BadRequest, KeyError) as error:
        raise BadInputError(
            f"The example does not fit the schema: {error}.",
            "Take the example from the frame the schema was inferred from, as plain JSON values.",
        ) from error


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(file: Path, text: str) -> None:
    # Bytes, so that line ends are the same on every system.
    file.write_bytes(text.encode())
