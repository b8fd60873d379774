"""Virtual environments from recorded packages, for replays: built once for each set, then kept."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from packaging.version import InvalidVersion, Version
from xxhash import xxh3_128_hexdigest

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.installed import packages
from jupyter_mlops.lineage.clean_process import Limits, run_apart
from jupyter_mlops.lineage.memory_used import most_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

OWN = "jupyter-mlops"
_WORKER = ("cloudpickle", "ipython", "numpy", "pandas", "psutil", "pyarrow", "xxhash", "zstandard")
"""What the clean process itself imports."""
_TOOLS = ("pip", "setuptools", "wheel")
_SECONDS = 1800.0
_NAMED = re.compile(
    r"No matching distribution found for ([\w.-]+)|satisfies the requirement ([\w.-]+)|([\w.-]+)\s?=="
)
_GETTING = re.compile(r"(?:Collecting|Installing collected packages:)\s+([\w.-]+)")


@dataclass(frozen=True)
class Environment:
    """An environment that is ready: its interpreter, that one's version, and what is installed."""

    python: Path
    version: str
    packages: Mapping[str, str]


def build(
    folder: Path,
    version: str,
    recorded: Mapping[str, str],
    imported: Iterable[str],
    told: Callable[[str], None] = lambda text: None,
) -> Environment:
    """The environment for code that imports these packages, from the recorded versions.

    Installed are these packages and what the clean process needs, with all that they need in turn; no package
    has another version than the recorded one. This package itself is the one that asks.

    Args:
        folder: where environments are kept; they are known by what is in them.
        version: of Python; its second number counts.
        recorded: all packages and versions.
        imported: names of those that the code imports.
        told: what is being done.

    Raises:
        ReproduceError: that Python is not here, or a package cannot be installed; the error says which.
    """
    minor = ".".join(version.split(".")[:2])
    roots = sorted({*imported, *_WORKER} - {OWN})
    aside = {OWN, *_TOOLS} - set(roots)
    pins = {name: each for name, each in recorded.items() if name not in aside and _is_version(each)}
    place = folder / xxh3_128_hexdigest(json.dumps([minor, roots, sorted(pins.items())]))[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "ready").exists():
            shutil.rmtree(place, ignore_errors=True)
            try:
                _make(place, minor, roots, pins, told)
            except BaseException:  # an interrupt too
                shutil.rmtree(place, ignore_errors=True)
                raise
        site = _site(place)
        _link_own(site)
    found = packages([str(site)])
    return Environment(
        _python(place), _version(place), {name: found[name] for name in found if name not in _TOOLS}
    )


def _make(
    place: Path, minor: str, roots: Sequence[str], pins: Mapping[str, str], told: Callable[[str], None]
) -> None:
    told(f"making an environment with Python {minor}")
    uv, base = shutil.which("uv"), _interpreter(minor)
    has_pip = importlib.util.find_spec("pip") is not None  # this one installs there, too
    place.mkdir()
    wanted, allowed, errors = (
        place.parent / f"{place.name}.{end}" for end in ("wanted.txt", "versions.txt", "errors.txt")
    )
    empty = [uv, "venv", "--clear", "--python", base] if uv else [base, "-m", "venv"]
    if _run([*empty, *(["--without-pip"] if has_pip and not uv else []), str(place)], errors) is not None:
        raise ReproduceError(
            f"no virtual environment can be made with {base}",
            "Install `uv`, or the parts of Python it needs (on Debian: python3-venv).",
        )
    wanted.write_text("".join(f"{_pinned(name, pins)}\n" for name in roots), "utf-8")
    allowed.write_text("".join(f"{_pinned(name, pins)}\n" for name in pins), "utf-8")
    python = str(_python(place))
    pip = [sys.executable, "-m", "pip", "--python", python] if has_pip else [python, "-m", "pip"]
    install = (
        [uv, "pip", "install", "--compile-bytecode", "--python", python]
        if uv
        else [*pip, "install", "--no-input", "--disable-pip-version-check"]
    )

    def say(line: str) -> None:
        if found := _GETTING.search(line):
            told(f"getting {found[1]}")

    told("getting packages")
    said = _run([*install, "-r", str(wanted), "-c", str(allowed)], errors, say)
    if said is not None:
        raise ReproduceError(
            _refused(said, pins), "Let pip find it (PIP_FIND_LINKS, PIP_INDEX_URL), or leave --env out."
        )
    (place / "ready").touch()


def _run(
    command: Sequence[str], errors: Path, on_line: Callable[[str], None] = lambda line: None
) -> str | None:
    """Run a command to its end; returns what it said to the file `errors` if it failed, else None."""
    ended = run_apart(
        command,
        folder=errors.parent,
        environment=os.environ,
        errors=errors,
        limits=Limits(_SECONDS, most_memory()),
        on_line=on_line,
    )
    return errors.read_text("utf-8", errors="replace") if ended.code else None


def _refused(said: str, pins: Mapping[str, str]) -> str:
    """Which package it was, from the words of pip or uv."""
    for found in _NAMED.findall(said):
        name = next(filter(None, found)).lower().replace("_", "-")
        if name in pins:
            return f"the recorded environment cannot be built here: {name} {pins[name]} is not to be had"
    return "the recorded environment cannot be built here: its packages could not be installed"


def _is_version(text: str) -> bool:
    """False for what old tools have written down as a version, and no installer takes."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _pinned(name: str, pins: Mapping[str, str]) -> str:
    return f"{name}=={pins[name]}" if name in pins else name


def _interpreter(minor: str) -> str:
    if minor == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{minor}")
    if found is None:
        raise ReproduceError(
            f"the run was made with Python {minor}, and there is no python{minor} here",
            f"Install Python {minor} so that `python{minor}` is found, or leave --env out.",
        )
    return found


def _python(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _site(place: Path) -> Path:
    found = [*place.glob("lib/python*/site-packages"), *place.glob("Lib/site-packages")]
    return found[0]


def _version(place: Path) -> str:
    found = re.search(
        r"^version(?:_info)?\s*=\s*([\d.]+)", (place / "pyvenv.cfg").read_text("utf-8"), re.MULTILINE
    )
    return found[1].strip(".") if found else ""


def _link_own(site: Path) -> None:
    """Let the environment have this very package, and its entry points; neither is ever copied over."""
    own = Path(__file__).parents[1]
    link = site / own.name
    if link.is_symlink() and link.resolve() != own.resolve():
        link.unlink()
    if not link.exists():
        link.symlink_to(own, target_is_directory=True)
    about = site / f"{own.name}.dist-info"
    about.mkdir(exist_ok=True)
    for name in ("METADATA", "entry_points.txt"):
        text = metadata.distribution(OWN).read_text(name)
        if text is not None:
            (about / name).write_text(text, "utf-8")
