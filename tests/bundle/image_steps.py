"""Do what a Dockerfile says without a container engine: its steps in a folder and a virtual environment.

What that leaves out is the base image (its Python is this one's) and everything that keeps a container apart
from the machine. Absolute paths of the image are folders below the one that is given.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN_PATHS = ("/var/log", "/app")
# pip's and urllib3's words, whatever the system's are: refused, reset, no such name, no answer
_OFFLINE = re.compile(r"Max retries exceeded|after connection broken by|Read timed out")


@dataclass
class Image:
    """What was made: below `root` its files, and how it is started."""

    root: Path
    base: str = ""
    folder: Path = Path()
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def path(self) -> str:
        """The PATH of its processes."""
        return f"{self.root / 'venv' / 'bin'}:/usr/bin:/bin"

    @property
    def packages(self) -> Path:
        """The folder of its packages."""
        (found,) = (self.root / "venv").glob("lib/python*/site-packages")
        return found


def build(context: Path, root: Path, arguments: Mapping[str, str]) -> Image:
    """Follow the Dockerfile in `context`; skips the test where no package index answers."""
    subprocess.run([sys.executable, "-m", "venv", root / "venv"], check=True, timeout=120)
    image, known = Image(root), dict[str, str]()
    for word, rest in instructions((context / "Dockerfile").read_text()):
        if word == "FROM":
            image.base = rest
        elif word == "WORKDIR":
            image.folder = root / rest.lstrip("/")
            image.folder.mkdir(parents=True)
        elif word == "ENV":
            image.environment |= dict(pair.split("=", 1) for pair in rest.split())
        elif word == "ARG":
            name, _, default = rest.partition("=")
            known[name] = arguments.get(name, default)
        elif word == "USER":
            image.user = re.sub(r"\$(\w+)", lambda found: known[found[1]], rest)
        elif word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy(context, source, image.folder / target)
        elif word == "RUN":
            image.said += run(image, rest, known)
        elif word == "ENTRYPOINT":
            image.entrypoint = json.loads(rest)
        elif word == "HEALTHCHECK":
            image.healthcheck = json.loads(rest.partition("CMD ")[2])
        else:
            assert word in {"EXPOSE", "LABEL"}, word
    return image


def instructions(text: str) -> list[tuple[str, str]]:
    """The Dockerfile's lines as word and rest; comments are left out and continued lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def run(image: Image, command: str, arguments: Mapping[str, str]) -> str:
    for path in _OWN_PATHS:
        command = re.sub(rf"(?<=\s){path}\b", str(image.root) + path, command)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment = kept | image.environment | {"PATH": image.path, **arguments}
    done = subprocess.run(
        ["sh", "-c", command], cwd=image.folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode and _OFFLINE.search(done.stderr):
        pytest.skip("no package index answers, so the image's packages cannot be installed")
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def copy(context: Path, source: str, target: Path) -> None:
    """COPY: a file into a folder, or what is in a folder; without what ``.dockerignore`` names."""
    rules = (context / ".dockerignore").read_text().splitlines()
    origin = context / source
    files = [origin] if origin.is_file() else [file for file in origin.rglob("*") if file.is_file()]
    for file in files:
        if is_ignored(file.relative_to(context), rules):
            continue
        place = target / (file.name if origin.is_file() else file.relative_to(origin))
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place)


def is_ignored(file: Path, rules: list[str]) -> bool:
    """By the last rule that fits the file or a folder above it."""
    above = [file.as_posix(), *(folder.as_posix() for folder in file.parents)][:-1]
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        if pattern.startswith("**/"):
            fits = any(fnmatch(part, pattern[3:]) for part in file.parts)
        else:
            fits = any("/" not in path and fnmatch(path, pattern) for path in above)
        if fits:
            ignored = not rule.startswith("!")
    return ignored
