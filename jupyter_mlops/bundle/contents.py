"""All that is in a bundle's folder: the server, the model, and ``bundle.json`` with all digests."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.bundle.choice import NATIVE
from jupyter_mlops.bundle.lock import lock_for
from jupyter_mlops.bundle.packaging import PackagingSource, write_packaging
from jupyter_mlops.bundle.reference import as_json, reference_profile
from jupyter_mlops.bundle.runtime.compiled.engine import ARRAYS, MODEL
from jupyter_mlops.bundle.runtime.manifest import CHALLENGER, CODE, MANIFEST, MODEL_FILES, digest_of
from jupyter_mlops.bundle.runtime.watch.reference import FILE as REFERENCE
from jupyter_mlops.bundle.two_versions import copy_native

if TYPE_CHECKING:
    from jupyter_mlops.bundle.choice import Choice
    from jupyter_mlops.bundle.export import BundleSource

_HERE = Path(__file__).parent


class Contents:
    """What goes into the folder, but for its manifest."""

    def __init__(
        self, source: BundleSource, choice: Choice, *, has_model: bool, challenger: Contents | None = None
    ) -> None:
        self.source = source
        self.choice = choice
        self.has_model = has_model
        """The model as registered is in it; else only its tables."""
        self.challenger = challenger
        self.engines = {choice.engine, *(["sklearn"] if has_model else [])}
        self.has_code = has_model and source.code is not None
        self.packages = set(_needed(source) if has_model else ())
        if challenger is not None:
            self.engines |= challenger.engines
            self.packages |= challenger.packages
        self.needs = "sklearn" if "sklearn" in self.engines else "compiled"
        self.lock = lock_for(self.needs, sorted(self.packages))

    def write(self, folder: Path) -> None:
        """All files, the server's and the model's."""
        source = self.source
        _copy_runtime(folder / "runtime", self.engines)
        self.write_model(folder)
        if self.challenger is not None:
            beside = folder / CHALLENGER
            beside.mkdir()
            self.challenger.write_model(beside)
            if self.challenger.choice.compiled is not None:
                copy_native(beside)
            write_manifest(self.challenger, beside)
        shutil.copyfile(_HERE / "template" / "serve.py", folder / "serve.py")
        major, minor, _ = platform.python_version_tuple()
        packaging = PackagingSource(
            name=source.name,
            version=source.version,
            run_id=source.run_id,
            engine=self.needs,
            python=f"{major}.{minor}",
            lock=self.lock,
            card=source.card,
            has_code=self.has_code,
        )
        write_packaging(folder, packaging)

    def write_model(self, folder: Path) -> None:
        """What belongs to the version alone: the model, its schema and its example."""
        source = self.source
        if self.choice.compiled is not None:
            (folder / MODEL).write_bytes(self.choice.compiled.document)
            (folder / ARRAYS).write_bytes(self.choice.compiled.arrays)
        if self.has_model:
            shutil.copyfile(source.model_file, folder / MODEL_FILES[source.serialization])
        if self.has_code and source.code is not None:
            _copy_code(source.code, folder / CODE)
        _write(folder / "schema.json", _json(source.schema.to_dict()))
        _write(folder / "example.json", _json(source.example))
        if source.original.is_typical:
            _write(folder / REFERENCE, as_json(_reference(source)))


def _reference(source: BundleSource) -> dict[str, Any]:
    """The profile that live rows are held against, with what the model answers about training's."""
    model, rows = source.original.model, source.original.frames[0]
    try:
        predictions = np.asarray(model.predict(rows))
    except Exception:  # noqa: BLE001 - a model raises what it likes; without its answers the profile is of the columns
        return reference_profile(rows, source.schema)
    return reference_profile(rows, source.schema, predictions, getattr(model, "classes_", None))


def _copy_runtime(folder: Path, engines: set[str]) -> None:
    """The server, with the code of the engines that it needs."""
    origin = _HERE / "runtime"
    others = {path for engine, path in _OF_ENGINES.items() if engine not in engines}
    for file in sorted(origin.rglob("*")):
        place = file.relative_to(origin)
        if place.parts[0] in others or not (file.suffix in {".py", ".html"} or file.parent == NATIVE):
            continue
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


_OF_ENGINES = {"compiled": "compiled", "sklearn": "engine_sklearn"}
"""Folders of the server that one engine alone needs."""


def _copy_code(origin: Path, folder: Path) -> None:
    for file in sorted(origin.rglob("*.py")):
        target = folder / file.relative_to(origin)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def write_manifest(contents: Contents, folder: Path) -> dict[str, Any]:
    """List what is in `folder` in its ``bundle.json``; the result is what that says."""
    source, choice = contents.source, contents.choice
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    document: dict[str, Any] = {
        "name": source.name,
        "version": source.version,
        "run_id": source.run_id,
        "engine": choice.engine,
        "parity": dict(choice.parity),
        "serialization": source.serialization,
        # JSON has no NaN; a metric that could not be computed is null.
        "metrics": {
            key: float(value) if math.isfinite(value) else None for key, value in source.metrics.items()
        },
        "python": platform.python_version(),
        "packages": dict(source.packages),
        "lock": contents.lock.kind,
        "files": {file.relative_to(folder).as_posix(): _fingerprint(file) for file in files},
    }
    if contents.has_code:
        document["code_types"] = sorted(source.code_types)
    if choice.compiled is not None and contents.has_model:
        document["shadow"] = True
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


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(file: Path, text: str) -> None:
    # Bytes, so that line ends are the same on every system.
    file.write_bytes(text.encode())
