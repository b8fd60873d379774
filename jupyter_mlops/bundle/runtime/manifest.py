"""``bundle.json`` lists every file with its SHA-256; here the folder is held against it.

The digest in the file covers the rest of the file, so an accidental edit of ``bundle.json`` shows too.
Someone who changes files on purpose can recompute it: compare the digest with the one the export gave.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .problems import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MANIFEST = "bundle.json"
CODE = "code"
"""The folder with modules that the model was made with, where it needs some."""
CHALLENGER = "challenger"
"""The folder with a second version, where there is one; it has a ``bundle.json`` of its own."""
ROLLOUT = "rollout.json"
"""The rule which of them answers: people change it while the server runs, so it has no SHA-256."""
ENGINES = ("compiled", "sklearn")
MODEL_FILES = {"skops": "model.skops", "cloudpickle": "model.pkl"}
_CONTRACT = ("schema.json", "example.json", "reference.json")
"""What a server reads beside the model, where a bundle has it."""


@dataclass(frozen=True)
class Manifest:
    """What ``bundle.json`` says; ``files`` maps each relative path to its SHA-256 in hex."""

    name: str
    version: str
    run_id: str
    serialization: str
    digest: str
    files: Mapping[str, str]
    engine: str = "sklearn"
    code_types: tuple[str, ...] = ()
    """Types of the modules in `CODE` that the model file holds."""
    has_shadow: bool = False
    """The model as registered lies beside its compiled form, to check it."""

    @property
    def code(self) -> list[str]:
        """Paths of those modules' files."""
        return sorted(name for name in self.files if name.startswith(f"{CODE}/"))

    @property
    def has_challenger(self) -> bool:
        """Whether a second version is in the bundle."""
        return f"{CHALLENGER}/{MANIFEST}" in self.files

    @property
    def model_file(self) -> str:
        """The name of the model's file, which follows from how it was saved."""
        return MODEL_FILES[self.serialization]


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 in hex of the manifest without its own ``digest``, written as canonical JSON."""
    content = {key: value for key, value in document.items() if key != "digest"}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read ``bundle.json``. Raises StartError when it is missing or is something else."""
    document = _document(folder)
    try:
        manifest = Manifest(
            name=str(document["name"]),
            version=str(document["version"]),
            run_id=str(document["run_id"]),
            serialization=str(document["serialization"]),
            digest=str(document["digest"]),
            files={str(name): str(entry["sha256"]) for name, entry in document["files"].items()},
            engine=str(document.get("engine", "sklearn")),
            code_types=tuple(map(str, document.get("code_types", ()))),
            has_shadow=document.get("shadow") is True,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable() from error
    if manifest.serialization not in MODEL_FILES or manifest.engine not in ENGINES:
        raise _unreadable()
    return manifest


def read_checked(folder: Path, name: str, manifest: Manifest) -> bytes:
    """The bytes of one file, after their SHA-256 was found in the manifest.

    The bytes that were checked are the bytes returned: nothing is read twice.
    """
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise StartError(f"{name} cannot be read.", "Export the bundle again.") from error
    if hashlib.sha256(content).hexdigest() != manifest.files.get(name):
        raise StartError(
            f"{name} is not the file that was exported: its SHA-256 differs from {MANIFEST}.",
            "Export the bundle again.",
        )
    return content


def read_whole_manifest(folder: Path) -> Manifest:
    """As `read_manifest`, after its own digest was found right, and the files that tell what a request is.

    Raises:
        StartError: one of them is not as exported.
    """
    manifest = read_manifest(folder)
    if digest_of(_document(folder)) != manifest.digest:
        raise StartError(
            f"{MANIFEST} is not the file that was exported: its own digest differs.",
            "Export the bundle again.",
        )
    for name in _CONTRACT:
        if name in manifest.files or (folder / name).exists():
            read_checked(folder, name, manifest)
    return manifest


def verify(folder: Path) -> list[str]:
    """Name each file that changed, is missing, or does not belong; an empty list when all is well.

    Hidden folders (a virtual environment, git) and bytecode caches are the user's and are passed over.
    """
    manifest = read_manifest(folder)
    findings = [] if digest_of(_document(folder)) == manifest.digest else [f"{MANIFEST}: changed"]
    for name, expected in sorted(manifest.files.items()):
        file = folder / name
        if not file.is_file():
            findings.append(f"{name}: missing")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            findings.append(f"{name}: changed")
    known = {MANIFEST, ROLLOUT, *manifest.files}
    findings.extend(f"{name}: not part of the bundle" for name in _present(folder) if name not in known)
    return findings


def _present(folder: Path) -> list[str]:
    paths = (file.relative_to(folder) for file in folder.rglob("*") if not file.is_dir())
    return sorted(
        path.as_posix()
        for path in paths
        if "__pycache__" not in path.parts and not any(part.startswith(".") for part in path.parts[:-1])
    )


def _document(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable() from error
    if not isinstance(document, dict):
        raise _unreadable()
    return document


def _unreadable() -> StartError:
    return StartError(f"{MANIFEST} is missing or is not a bundle's manifest.", "Export the bundle again.")
