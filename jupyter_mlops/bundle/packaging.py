"""The files that bring a bundle somewhere: its lock, its image, Kubernetes, KServe, a README, a card.

They are templates in ``template/`` with the model's names put in. Names of people may be anything: where
Kubernetes and image registries read them they become DNS names, in YAML quoted texts, in Markdown words.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_mlops.bundle.runtime.manifest import CHALLENGER, CODE, MANIFEST
from jupyter_mlops.bundle.runtime.watch.reference import FILE as REFERENCE

if TYPE_CHECKING:
    from jupyter_mlops.bundle.lock import Lock

_TEMPLATES = Path(__file__).parent / "template"
_LONGEST_NAME = 40
"""Of a DNS name's 63 characters; the rest is for what Kubernetes and KServe put behind it."""
_BASE_MB = {"compiled": 128, "sklearn": 384}
"""What a server takes before it has a model, with room to spare."""
_SPARE_MB = 512
"""For large requests: one of 15 MB took 290 MB while it was answered, and there may be two at a time."""

_ABOUT_CODE = f"- `{CODE}/`: classes and functions of the model's notebook; they run when it is loaded\n"
_ABOUT_CARD = "- `MODEL_CARD.md`: what the model is for, its data, figures and limits\n"
_ABOUT_REFERENCE = f"- `{REFERENCE}`: how often training's values stood in which bins, for `/drift`\n"
_ABOUT_CHALLENGER = f"""
A second version is in `{CHALLENGER}/`. It answers nobody until `rollout.json` beside `serve.py` says so, or
`POST /admin/rollout`: `{{"mode": "canary", "share": 0.1}}`. Other modes are `split`, `shadow` and `champion`;
no restart is needed.
"""
_HASHED = "exact versions of all packages, with the SHA-256 of their files for every platform"
_PINNED = "exact versions of all packages, **without hashes**: its first line says why"


@dataclass(frozen=True)
class PackagingSource:
    """What these files are made of.

    Attributes:
        name: the registered model's name, as people gave it.
        version: its version.
        run_id: the run that trained it.
        engine: ``compiled`` or ``sklearn``.
        python: the Python the bundle is for, such as ``3.11``.
        lock: its packages.
        card: the version's model card as Markdown; None if it has none.
        has_code: the bundle has a folder with code of the model's notebook.
    """

    name: str
    version: str
    run_id: str
    engine: str
    python: str
    lock: Lock
    card: str | None = None
    has_code: bool = False


def write_packaging(folder: Path, source: PackagingSource) -> None:
    """Write them into `folder`, which holds all else of the bundle but ``bundle.json``."""
    _write(folder / "requirements.lock", source.lock.text)
    if source.card is not None:
        _write(folder / "MODEL_CARD.md", source.card)
    words = _words(folder, source)
    for template in sorted(_TEMPLATES.rglob("*")):
        name = template.relative_to(_TEMPLATES).as_posix()
        if name == "serve.py" or not template.is_file() or "__pycache__" in template.parts:
            continue
        text = template.read_text("utf-8")
        # Grafana and Prometheus have dollars of their own.
        _write(folder / name, text if name.startswith("monitoring/") else Template(text).substitute(words))
    _write(folder / ".dockerignore", _ignored(folder))


def dns_name(name: str) -> str:
    """A name that DNS takes (RFC 1035: letters, digits and dashes, a letter first), the same each time.

    A name that loses letters or its end gets a few digits of its SHA-256, so that others do not become it.
    """
    letters = unicodedata.normalize("NFKD", name).lower()
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    lost = len(found) > _LONGEST_NAME or any(each.isalnum() and not each.isascii() for each in plain)
    if lost or not found:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        found = f"{found[: _LONGEST_NAME - 7].strip('-')}-{digest}".strip("-")
    return found if found[0].isalpha() else f"model-{found}"


def _words(folder: Path, source: PackagingSource) -> dict[str, str]:
    """What the templates ask for."""
    models = [*folder.rglob("model.*"), *(folder / CHALLENGER).glob("model.*")]
    model_mb = sum(file.stat().st_size for file in models) / 1e6
    memory = _round(_BASE_MB[source.engine] + 4 * model_mb)
    hashed = source.lock.hashed
    return {
        "title": f"{_words_of(source.name)} {_words_of(source.version)}",
        "slug": dns_name(source.name),
        "tag": re.sub(r"[^A-Za-z0-9_.]+", "-", source.version).strip("-._")[:40] or "0",
        "python": source.python,
        "memory_request": str(memory),
        "memory_limit": str(memory + _SPARE_MB),
        "url_name": quote(source.name, safe=""),
        "yaml_name": _yaml(source.name),
        "yaml_version": _yaml(source.version),
        "yaml_run": _yaml(source.run_id),
        "about_challenger": _ABOUT_CHALLENGER if (folder / CHALLENGER).is_dir() else "",
        "about_reference": _ABOUT_REFERENCE if (folder / REFERENCE).is_file() else "",
        "about_code": _ABOUT_CODE if source.has_code else "",
        "about_card": _ABOUT_CARD if source.card is not None else "",
        "about_lock": _HASHED if hashed else _PINNED,
        "install_options": "--require-hashes --only-binary=:all: " if hashed else "",
    }


def _ignored(folder: Path) -> str:
    """A ``.dockerignore`` that lets nothing into the image but the bundle: no tokens, no logs."""
    names = sorted({file.name for file in folder.iterdir()} | {MANIFEST, ".dockerignore"})
    return "".join(f"{line}\n" for line in ["*", *(f"!{name}" for name in names), "**/__pycache__"])


def _round(megabytes: float) -> int:
    """Up to the next 64."""
    return int(-(-megabytes // 64)) * 64


def _yaml(text: str) -> str:
    """Any text as a quoted scalar on one line."""
    import yaml

    return str(yaml.safe_dump(text, default_style='"', width=2**31)).rstrip("\n")


def _words_of(text: str) -> str:
    """Text of people for a line of Markdown: one line, no markup, no HTML."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~!#$])", r"\\\1", line)


def _write(file: Path, text: str) -> None:
    # Bytes, so that line ends are the same on every system.
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
