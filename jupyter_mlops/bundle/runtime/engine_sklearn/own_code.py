"""Modules that the model was made with: imported from the bytes whose SHA-256 was found in the manifest.

They are code of whoever made the model, and run when they are imported, as a pickle's would. A bundle has
them only if the model was registered with classes or functions of its notebook.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..manifest import CODE, Manifest, read_checked
from ..problems import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType


def make_importable(folder: Path, manifest: Manifest) -> frozenset[str]:
    """Let the bundle's modules be imported; returns the types of them that the model file may hold.

    Raises:
        StartError: a file is not the one that was exported, or a type is of none of these modules.
    """
    if not manifest.code:
        return frozenset()
    sources = {_module(name): (name, read_checked(folder, name, manifest)) for name in manifest.code}
    tops = {module.partition(".")[0] for module in sources}
    strange = [name for name in manifest.code_types if name.partition(".")[0] not in tops]
    if strange:
        raise StartError(
            f"bundle.json names types that are not of the code in it: {', '.join(strange)}.",
            "Export the bundle again.",
        )
    sys.meta_path.insert(0, _Finder(sources))
    return frozenset(manifest.code_types)


def _module(name: str) -> str:
    path = PurePosixPath(name).relative_to(CODE).with_suffix("")
    return ".".join(path.parts[:-1] if path.name == "__init__" else path.parts)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives modules from bytes; `sources` has by module its file's name and content."""

    def __init__(self, sources: Mapping[str, tuple[str, bytes]]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module, if it is one of these."""
        if fullname not in self._sources:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=self._sources[fullname][0])

    def is_package(self, fullname: str) -> bool:
        """True for a folder's `__init__`."""
        return self._sources[fullname][0].endswith("/__init__.py")

    def get_source(self, fullname: str) -> str:
        """The text of a module."""
        return self._sources[fullname][1].decode("utf-8")
