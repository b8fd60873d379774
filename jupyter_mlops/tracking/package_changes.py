"""Packages then and now: which versions differ, and which of them the code imports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.installed import makers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_IMPORT = re.compile(r"(?:^|;)[ \t]*import[ \t]+(?P<names>[\w., \t]+)", re.MULTILINE)
_FROM = re.compile(r"(?:^|;)[ \t]*from[ \t]+(?P<module>\w+)[\w.]*[ \t]+import\b", re.MULTILINE)
# Where a package is not installed here, what it is called by who imports it.
_CALLED = {
    "PIL": "pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "yaml": "pyyaml",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A package and its versions; None where it was not, or is not, installed."""

    name: str
    before: str | None
    now: str | None


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    """Packages whose version differs, or that are missing or new, by name."""
    names = sorted(before.keys() | now.keys())
    found = (Change(name, before.get(name), now.get(name)) for name in names)
    return [each for each in found if each.before != each.now]


def imported(sources: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """Those of the `known` packages that pieces of code import by name, sorted.

    What is imported by other means, or by packages themselves, is not among them.
    """
    modules = {module for source in sources for module in _modules(source)}
    providers = makers(modules)
    found: set[str] = set()
    for module in modules:
        names = {module, _CALLED.get(module, module), *providers.get(module, ())}
        found |= {name for each in names if (name := each.lower().replace("_", "-")) in known}
    return sorted(found)


def _modules(source: str) -> set[str]:
    """Names of the top-level modules that a cell imports; it may hold magics and errors."""
    found = {each["module"] for each in _FROM.finditer(source)}
    for each in _IMPORT.finditer(source):
        found |= {name.split()[0].partition(".")[0] for name in each["names"].split(",") if name.strip()}
    return found
