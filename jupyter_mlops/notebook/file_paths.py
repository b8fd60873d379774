"""Paths that a cell's texts and values name, and folders whose files are no work of the notebook's."""

from __future__ import annotations

import os
import re
import site
import sys
from functools import cache
from importlib.util import source_from_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PATH = re.compile(r"[^\n\0<>|\"*?]{1,300}")
_TOKEN = re.compile(r"[^\s'\"<>|;&(),=]+")
_CACHES = (".cache", ".config", ".matplotlib", ".local/share/jupyter")


def named_paths(texts: set[str], mentions: set[str], values: Iterable[Any]) -> set[str]:
    """Texts and values that can be the path of a file."""
    found = set()
    for text in texts:
        if "get_ipython" in mentions and len(text) < 2_000:  # the words of a command
            found.update(_TOKEN.findall(text))
        found.add(text)
    for value in values:
        found.update(_path_values(value))
    return {path for path in found if ("." in path or "/" in path) and _PATH.fullmatch(path)}


def _path_values(value: Any, depth: int = 0) -> Iterator[str]:
    cls = type(value)
    if cls is str:
        if len(value) <= 300:
            yield value
    elif cls.__module__ == "pathlib" and issubclass(cls, PurePath):
        yield str(value)
    elif depth < 2 and cls in {list, tuple, dict}:
        for item in list(value.values() if cls is dict else value)[:200]:
            yield from _path_values(item, depth + 1)


def entry(path: str) -> str:
    """The path itself, in a folder without links: a link is not followed."""
    folder, name = os.path.split(path)
    return os.path.join(real(folder), name)


def source(path: str) -> str:
    """The module's source for what Python compiled from it."""
    if path.endswith(".pyc"):
        try:
            return source_from_cache(path.rpartition(".pyc")[0] + ".pyc")
        except ValueError:
            return path
    return path


def real(path: str) -> str:
    """The path without links; as it is if it cannot be one."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def current_folder() -> str:
    """The current folder, or nothing if it was removed."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


@cache
def foreign_folders() -> tuple[str, ...]:
    """Folders of Python, of the system and of caches: what lies there is no work of the notebook's."""
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)}
    places |= {*site.getsitepackages(), site.getusersitepackages()}
    places |= {"/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64", "/bin", "/run/user"}
    home = os.path.expanduser("~")
    places |= {os.path.join(home, cache) for cache in _CACHES}
    places.add(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # our own modules
    places |= {os.path.realpath(place) for place in places}
    return tuple(place + os.sep for place in places)
