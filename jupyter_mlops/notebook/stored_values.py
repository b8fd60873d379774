"""A cell in a replay that begins from kept values: which of its statements still run, and which do not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.record import place_of
from jupyter_mlops.notebook.parts import joined, parts_of
from jupyter_mlops.notebook.source import CellCode, analyze
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping

    from jupyter_mlops.notebook.parts import Part
    from jupyter_mlops.snapshot import SnapshotStore


@dataclass(frozen=True)
class Begun:
    """The code of a cell that is left to run; names bound to kept values, and what must come out of it."""

    code: str
    bound: Mapping[str, str]
    checked: Mapping[str, str | None]


def begin(cell: Mapping[str, Any], shell: Any, store: SnapshotStore, *, is_last: bool) -> Begun:
    """Bind what a cell of a slice takes from the store.

    Raises:
        MlopsError: a value is not there, or is damaged.
    """
    begun = plan(cell, shell, is_last=is_last)
    _bind(begun, shell.user_ns, store)
    return begun


def plan(cell: Mapping[str, Any], shell: Any, *, is_last: bool) -> Begun:
    """What a cell of a slice takes from the store, and what is left of it to run.

    The last cell leaves out only what reads the files, because its results count; others run only what makes
    the names that are not kept.
    """
    stored, source = cell.get("stored", {}), str(cell["source"])
    if not stored:
        return Begun(source, {}, {})
    if is_last:
        code, names = without_readers(source, shell.transform_cell, stored, cell["reads"], shell.user_ns)
        bound = {name: stored[name] for name in sorted(names)}
        return Begun(code, bound, bound)
    code = leading_to(source, shell.transform_cell, cell["made"].keys() - stored.keys())
    return Begun(code, stored, cell["made"])


def in_words(begun: Begun, snapshots: str) -> str:
    """The same as code: values are taken from the store in the folder `snapshots`, and then the rest runs."""
    if not begun.bound:
        return begun.code
    taken = [
        f"{name} = SnapshotStore({snapshots!r}).get({content!r})" for name, content in begun.bound.items()
    ]
    head = "# the file has changed since: what was made of it is taken from its snapshot"
    return "\n".join(
        ["from jupyter_mlops.snapshot import SnapshotStore", head, *taken, begun.code, *taken]
        if begun.checked is not begun.bound and begun.code.strip()
        else ["from jupyter_mlops.snapshot import SnapshotStore", head, *taken, begun.code]
    )


def end(
    begun: Begun, cell: Mapping[str, Any], namespace: MutableMapping[str, Any], store: SnapshotStore
) -> None:
    """After the cell: bind again what its code has bound otherwise, and look whether the rest is as it was.

    Raises:
        ReproduceError: it is not.
    """
    if begun.checked is not begun.bound:
        _bind(begun, namespace, store)
    for name, content in begun.checked.items():
        if name not in namespace or _is_another(namespace[name], content):
            where = place_of(cell["count"])
            raise ReproduceError(
                f"{where} read files that have changed, and {name} cannot be had from a snapshot",
                f"Put the old content of {', '.join(cell['reads'])} back, or take the new: --fresh-data.",
            )


def _bind(begun: Begun, namespace: MutableMapping[str, Any], store: SnapshotStore) -> None:
    namespace.update({name: store.get(content) for name, content in begun.bound.items()})


def leading_to(source: str, transform: Callable[[str], str], names: Collection[str]) -> str:
    """The statements of a cell that make these names: what binds them, and what that reads in turn."""
    needed, kept = set(names), []
    for part, code in reversed(_analyzed(source, transform)):
        if needed & _bound(code):
            needed |= code.reads
            kept.append(part)
    return joined(kept[::-1])


def without_readers(
    source: str,
    transform: Callable[[str], str],
    stored: Collection[str],
    paths: Iterable[str],
    namespace: Mapping[str, Any],
) -> tuple[str, set[str]]:
    """A cell's code without the statements that read files to bind nothing but `stored` names.

    A statement reads a file if it mentions its name, or a variable that holds it or was made with it.

    Args:
        source: the cell's text.
        transform: IPython's, from cell text to Python.
        stored: names whose values are kept.
        paths: the files.
        namespace: the notebook's names before the cell.

    Returns:
        The code, and the names that the statements left out would have bound.
    """
    files = {os.path.basename(path) for path in paths}  # noqa: PTH119 - as text
    touched = {name for name, value in namespace.items() if _names_one(value, files)}
    kept, missing = [], set()
    for part, code in _analyzed(source, transform):
        bound = _bound(code)
        reads = bool(code.reads & touched) or any(_names_one(text, files) for text in code.texts)
        if reads and bound and bound <= set(stored):
            missing |= bound
            touched -= bound
        else:
            kept.append(part)
            touched = touched | bound if reads else touched - bound
    return joined(kept), missing


def _is_another(value: Any, recorded: str | None) -> bool:
    """True if a value is known to be another than the recorded one; code is not compared."""
    if recorded is None or isinstance(value, ModuleType | FunctionType | type):
        return False
    return digest(value) != recorded


def _analyzed(source: str, transform: Callable[[str], str]) -> list[tuple[Part, CellCode]]:
    return [(part, analyze(part.text, transform)) for part in parts_of(source, transform)]


def _bound(code: CellCode) -> set[str]:
    return code.binds | code.may_bind


def _names_one(value: Any, files: Collection[str]) -> bool:
    """True for a text or path that ends with the name of one of the files."""
    is_path = issubclass(type(value), str | PurePath)
    return is_path and PurePath(str(value)).name in files
