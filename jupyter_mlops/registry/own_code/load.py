"""Loading a model with the code that goes with it: unasked only if this user's own key marked that code."""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.util
import json
import sys
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.own_code.kept import CODE, FOLDER, MARK
from jupyter_mlops.snapshot.own_key import is_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType


def code_of(inside: Path, model: bytes, *, is_trusted: bool) -> tuple[frozenset[str], dict[str, bytes]]:
    """The types that a version's own code adds to those that may be loaded, and its files by path.

    Both are empty for a version without code.

    Args:
        inside: our folder in the model's.
        model: content of the model's file.
        is_trusted: the user has said that the code may run, and `model` is what was registered.

    Raises:
        UnsafeModelError: the code is not this user's own and nobody said that it is trusted, or it is not
            the code that was registered.
    """
    file = inside / CODE
    if not file.is_file():
        return frozenset(), {}
    text = file.read_bytes()
    mark = inside / MARK
    said = mark.read_text("utf-8").strip() if mark.is_file() else None
    if not is_trusted and not is_own(said, hashlib.sha256(model).hexdigest(), text):
        raise UnsafeModelError(
            "the model comes with code of a notebook that was not promoted with your own key",
            "Promote it from your own notebook; or say that you trust its code where there is `--trust`.",
        )
    document = json.loads(text)
    sources = {name: (inside.parent / FOLDER / name).read_bytes() for name in document["files"]}
    if any(hashlib.sha256(sources[name]).hexdigest() != digest for name, digest in document["files"].items()):
        raise UnsafeModelError(
            "the code of the model is not the one that was registered", "Promote the model again."
        )
    tops = {name.partition("/")[0].removesuffix(".py") for name in sources}
    return frozenset(name for name in document["types"] if name.partition(".")[0] in tops), sources


@contextmanager
def importable(sources: Mapping[str, bytes]) -> Iterator[None]:
    """Let these files be imported inside the block, and the user's modules of the same names after it.

    Args:
        sources: content of files by their paths in the folder of code.
    """
    finder = _Finder(sources)
    tops = {name.partition(".")[0] for name in finder.modules}
    users = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in tops}
    for name in users:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.modules:
            sys.modules.pop(name, None)
        sys.modules.update(users)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Gives modules from bytes."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self.modules = {_module(name): (name, content) for name, content in sources.items()}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module, if it is one of these."""
        if fullname not in self.modules:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=self.modules[fullname][0])

    def is_package(self, fullname: str) -> bool:
        """True for a folder's `__init__`."""
        return self.modules[fullname][0].endswith("/__init__.py")

    def get_source(self, fullname: str) -> str:
        """The text of a module."""
        return self.modules[fullname][1].decode("utf-8")


def _module(name: str) -> str:
    path = PurePosixPath(name).with_suffix("")
    return ".".join(path.parts[:-1] if path.name == "__init__" else path.parts)
