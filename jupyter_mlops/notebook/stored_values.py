"""A cell in a replay that begins from kept values: which of its statements still run, and which do not."""

from __future__ import annotations

import os
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.parts import joined, parts_of
from jupyter_mlops.notebook.source import CellCode, analyze
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping

    from jupyter_mlops.notebook.parts import Part
    from jupyter_mlops.snapshot import SnapshotStore


def bind(stored: Mapping[str, str], namespace: MutableMapping[str, Any], store: SnapshotStore) -> None:
    """Bind names to kept values.

    Args:
        stored: content digests by name.
        namespace: where to bind them.
        store: holds the values.

    Raises:
        MlopsError: a value is not there, or is damaged.
    """
    namespace.update({name: store.get(content) for name, content in stored.items()})


def leading_to(source: str, transform: Callable[[str], str], names: Collection[str]) -> str:
    """The statements of a cell that make these names: what binds them, and what that reads in turn."""
    needed, kept = set(names), []
    for part, code in reversed(_analyzed(source, transform)):
        if needed & _bound(code):
            needed |= code.reads
            kept.append(part)
    return joined(kept[::-1])


def without_readers(
    source: str, transform: Callable[[str], str], stored: Collection[str], paths: Iterable[str]
) -> str:
    """A cell's code without the statements that bind only `stored` names and mention one of the files."""
    words = {word for path in paths for word in (path, os.path.basename(path))}  # noqa: PTH119 - of any system
    kept = [
        part
        for part, code in _analyzed(source, transform)
        if not (_bound(code) and _bound(code) <= set(stored) and _mentions(code, words))
    ]
    return joined(kept)


def is_another(value: Any, recorded: str | None) -> bool:
    """True if a value is known to be another than the recorded one; code is not compared."""
    if recorded is None or isinstance(value, ModuleType | FunctionType | type):
        return False
    return digest(value) != recorded


def _analyzed(source: str, transform: Callable[[str], str]) -> list[tuple[Part, CellCode]]:
    return [(part, analyze(part.text, transform)) for part in parts_of(source, transform)]


def _bound(code: CellCode) -> set[str]:
    return code.binds | code.may_bind


def _mentions(code: CellCode, words: Collection[str]) -> bool:
    return any(text == word or text.endswith(f"/{word}") for text in code.texts for word in words)
