"""Versions: of the packages that a project imports, and a lock of all that they need, with hashes."""

from __future__ import annotations

import ast
import json
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.installed import makers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_RUNTIME = ("cloudpickle", "mlflow", "numpy", "pandas", "pyarrow", "pyyaml", "sqlalchemy")
"""What the project's runtime imports."""
_OWN = ("jupyter-mlops", "jupyter_mlops", "ipython")
_SECONDS = 240.0


@dataclass(frozen=True)
class Lock:
    """The text of a lock file, and in a sentence what is in it."""

    text: str
    said: str


def pins(code: Iterable[str], model: str) -> dict[str, str]:
    """Versions of the packages that some modules import, of the model's, and of the runtime's.

    Args:
        code: texts of modules.
        model: the module of the model's class, or nothing.
    """
    roots = {module for text in code for module in _modules(text)}
    roots |= {model.partition(".")[0]} if model else set()
    providers = makers(roots)
    names = {name for root in roots for name in providers.get(root, ())} - set(_OWN)
    names |= set(_RUNTIME) | ({"scikit-learn"} if "sklearn" in roots else set())
    found = {_plain(name): _version(name) for name in names}
    return {name: version for name, version in sorted(found.items()) if version}


def text_of(versions: Mapping[str, str]) -> str:
    """``name==version`` lines, as pip reads them."""
    return "".join(f"{name}=={version}\n" for name, version in versions.items())


def locked(versions: Mapping[str, str], scratch: Path, *, ask: bool = True) -> Lock:
    """All that some packages need, in the versions that are installed here.

    Hashes come from the index that the user's own tool asks: `uv` knows those of all platforms, pip those of
    this one. Without an answer there are versions only.

    Args:
        versions: the packages.
        scratch: an empty folder.
        ask: without, no index is asked.
    """
    needed = _closure(versions)
    wanted, known = scratch / "wanted.txt", scratch / "versions.txt"
    wanted.write_text(text_of(versions), "utf-8")
    known.write_text(text_of(needed), "utf-8")
    if ask:
        found = _by_uv(wanted, known) or _by_pip(wanted, known)
        if found is not None:
            return found
    why = "no index was asked" if not ask else "no index answered"
    said = f"`requirements.lock` has all that these need, without hashes, as {why} when it was made."
    return Lock(f"# without hashes: {why}\n{text_of(needed)}", said)


def _by_uv(wanted: Path, known: Path) -> Lock | None:
    program = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if program is None:
        return None
    major, minor, _ = platform.python_version_tuple()
    text = _output(
        [
            program, "pip", "compile", "--quiet", "--universal", "--python-version", f"{major}.{minor}",
            "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header",
            "--no-annotate", "--constraints", str(known), str(wanted),
        ]
    )  # fmt: skip
    if not text or "--hash=" not in text:
        return None
    return Lock(text, _with_hashes("of all platforms"))


def _by_pip(wanted: Path, known: Path) -> Lock | None:
    text = _output(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
            "--no-input", "--disable-pip-version-check", "--report", "-", "-r", str(wanted), "-c", str(known),
        ]
    )  # fmt: skip
    try:
        packages = json.loads(text or "")["install"]
        lines = [
            f"{_plain(each['metadata']['name'])}=={each['metadata']['version']} \\\n"
            f"    --hash=sha256:{each['download_info']['archive_info']['hashes']['sha256']}\n"
            for each in packages
        ]
    except (ValueError, KeyError, TypeError):
        return None
    return Lock("".join(sorted(lines)), _with_hashes(f"of {sys.platform} and {platform.machine()}"))


def _with_hashes(where: str) -> str:
    return (
        f"`requirements.lock` has all that these need, with hashes {where}: "
        "`pip install --no-deps --require-hashes -r requirements.lock`."
    )


def _output(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _closure(roots: Iterable[str]) -> dict[str, str]:
    """Versions of packages and of all that they need on this platform, as they are installed."""
    from packaging.requirements import Requirement

    found: dict[str, str] = {}
    waiting = [(name, frozenset[str]()) for name in roots]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        version = _version(name)
        if (name, extras) in seen or not version:
            continue
        seen.add((name, extras))
        found[_plain(name)] = version
        for line in metadata.requires(name) or ():
            need = Requirement(line)
            if not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
                waiting.append((_plain(need.name), frozenset(need.extras)))
    return dict(sorted(found.items()))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _plain(name: str) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(name))


def _modules(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
