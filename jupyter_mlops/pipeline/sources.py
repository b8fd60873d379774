"""Where a slice's data comes from: texts in the code that name it become arguments."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.pipeline.edits import Edit, edited
from jupyter_mlops.pipeline.module_level import runtime_names
from jupyter_mlops.pipeline.statements import statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jupyter_mlops.pipeline.statements import Statement

_ADDRESS = re.compile(r"[a-z][a-z0-9+]*://.+", re.IGNORECASE)
_SNAPSHOT = "SnapshotStore"
_OPENS = ("open", "load", "loadtxt", "genfromtxt", "connect", "create_engine")
_PATHS = ("Path", "PurePath", "join", "expanduser", "resolve", "abspath", "str")
"""Functions that make a path of paths."""
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Source:
    """A data source: the name of the argument, and where it is; paths are absolute here."""

    name: str
    place: str

    def seen_from(self, folder: Path) -> str:
        """The place as a file in `folder` names it: relative if it is a path."""
        scheme, mark, path = self.place.partition(":///")
        if mark and scheme.startswith("sqlite"):
            return f"{scheme}:///{_seen(path, folder)}"
        if "://" in self.place or self.place.startswith("snapshot:"):
            return self.place
        return _seen(self.place, folder)


def _seen(path: str, folder: Path) -> str:
    """Relative to the folder, unless the two have nothing in common: one may be there for a while only."""
    try:
        common = PurePath(os.path.commonpath([path, folder]))
    except ValueError:  # on two drives, or not absolute
        return PurePath(path).as_posix()
    is_far = common == PurePath(common.anchor)
    return PurePath(path if is_far else os.path.relpath(path, folder)).as_posix()


def with_arguments(
    statements: Sequence[Statement], paths: Sequence[str], folder: Path
) -> tuple[list[Statement], tuple[Source, ...]]:
    """The statements with arguments in the place of what names their data, and the data.

    Args:
        statements: in order.
        paths: files that the code starts from, relative to `folder` or absolute.
        folder: where the notebook ran.

    Raises:
        BadInputError: it reads a file that no text in it names.
    """
    files = {_absolute(folder, path): path for path in paths if not path.endswith(".py")}
    found: dict[str, str] = {}  # place -> name of the argument
    taken = {name for each in statements for name in each.reads | each.binds}
    places = list(dict.fromkeys(place for each in statements for _, place in _named(each, files, folder)))
    for place in places:
        found[place] = _argument(place, taken | set(found.values()), is_only=len(places) == 1)
    words = runtime_names(statements)
    changed = [_rewritten(each, found, files, folder, words) for each in statements]
    missing = [path for place, path in files.items() if not _is_read_from(place, found)]
    if missing and len(missing) == 1:
        place = _absolute(folder, missing[0])
        name = _argument(place, taken | set(found.values()), is_only=not found)
        changed, is_found = _first_argument(changed, missing[0], name)
        if is_found:
            found[place] = name
            missing = []
    if missing:
        where = next((each.cell for each in statements if missing[0] in each.files), "the code")
        raise BadInputError(
            f"{where} reads {PurePath(missing[0]).name} without naming it, so it cannot become --data",
            'Name it in the code, such as pd.read_csv("data.csv"), run the cells again, then repeat this.',
        )
    sources = tuple(Source(name, place) for place, name in found.items())
    names = {source.name for source in sources}
    return _with_read(changed, names, words), sources


def _named(each: Statement, files: dict[str, str], folder: Path) -> Iterator[tuple[ast.expr, str]]:
    """Texts in a statement that name data, with the places they mean."""
    for node in ast.walk(each.node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            owner = node.func.value
            if isinstance(owner, ast.Call) and _called(owner) == _SNAPSHOT and node.args:
                yield node, f"snapshot:{ast.literal_eval(node.args[0])}"
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or not node.value:
            continue
        text = node.value
        scheme, mark, path = text.partition(":///")
        if _absolute(folder, text) in files:
            yield node, _absolute(folder, text)
        elif mark and scheme.startswith("sqlite") and _absolute(folder, path) in files:
            yield node, f"{scheme}:///{_absolute(folder, path)}"
        elif _ADDRESS.fullmatch(text) and _is_read(each.node, node):
            yield node, text


def _is_read(statement: ast.stmt, text: ast.Constant) -> bool:
    """True for an address that a function is called with which reads data, or that gets a name of its own."""
    if isinstance(statement, ast.Assign) and statement.value is text:
        return True
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call) and _reads_data(node))
    return any(text in call.args for call in calls)


def _reads_data(call: ast.Call) -> bool:
    name = _called(call)
    return name.startswith("read_") or name in {*_OPENS, "urlopen", "urlretrieve"}


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _rewritten(
    each: Statement, found: dict[str, str], files: dict[str, str], folder: Path, words: Mapping[str, str]
) -> Statement:
    """Arguments where the step's own code names data; calls of ``source_of`` in functions and classes."""
    edits = []
    for text, place in _named(each, files, folder):
        name = found[place]
        if place.startswith("snapshot:"):
            edits.append(Edit(text, f"{words['read_data']}(None, {name})"))
        else:
            node = _whole_path(each.node, text)
            edits.append(
                Edit(node, f'{words["source_of"]}("{name}")' if isinstance(each.node, _DEFINITIONS) else name)
            )
    return statement_of(edited(each.text, edits), each) if edits else each


def _whole_path(statement: ast.stmt, text: ast.expr) -> ast.expr:
    """Of a path that a reader is given, such as ``HERE / "data.csv"``, all of it; else the text."""
    for call in ast.walk(statement):
        if isinstance(call, ast.Call) and _reads_data(call) and call.args:
            first = call.args[0]
            if any(node is text for node in ast.walk(first)) and _joins_paths(first):
                return first
    return text


def is_path(each: Statement) -> bool:
    """True for an assignment that computes nothing but a path, or binds a literal."""
    node = each.node
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return value is not None and bool(each.binds) and not each.changes and _joins_paths(value)


def _joins_paths(node: ast.expr) -> bool:
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return all(_called(call) in _PATHS for call in calls)


def _first_argument(statements: Sequence[Statement], path: str, name: str) -> tuple[list[Statement], bool]:
    """The one call that can have read a file gets it as its first argument."""
    calls = [
        (number, node)
        for number, each in enumerate(statements)
        if path in each.files and not isinstance(each.node, _DEFINITIONS)
        for node in ast.walk(each.node)
        if isinstance(node, ast.Call) and _reads_data(node) and node.args
    ]
    changed = list(statements)
    if len(calls) == 1:
        number, call = calls[0]
        each = changed[number]
        changed[number] = statement_of(edited(each.text, [Edit(call.args[0], name)]), each)
    return changed, len(calls) == 1


def _with_read(statements: Sequence[Statement], names: set[str], words: Mapping[str, str]) -> list[Statement]:
    """``pd.read_csv(data, …)`` becomes ``read_data(pd.read_csv, data, …)``, which knows other kinds, too."""
    aliases = set(names)
    changed = []
    for each in statements:
        node = each.node
        if is_path(each) and each.reads & aliases:
            aliases |= each.binds
        edits = [
            Edit(call.func, f"{words['read_data']}({ast.unparse(call.func)}", after_parenthesis=", ")
            for call in ast.walk(node)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr.startswith("read_")
            and not call.func.attr.startswith("read_sql")
            and call.args
            and _is_source(call.args[0], aliases)
        ]
        changed.append(statement_of(edited(each.text, edits), each) if edits else each)
    return changed


def _is_source(node: ast.expr, aliases: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in aliases
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("source_of")
    )


def _argument(place: str, taken: set[str], *, is_only: bool) -> str:
    stem = re.sub(r"\W+", "_", PurePath(place.partition("?")[0]).stem).strip("_").lower()
    if place.startswith("snapshot:") or not stem or stem[0].isdigit():
        stem = "snapshot" if place.startswith("snapshot:") else f"data_{stem}".strip("_")
    wishes = ["data", "source_data"] if is_only else [f"{stem}_data", f"{stem}_source"]
    wishes += [f"{wishes[0]}_{number}" for number in range(2, 1000)]
    return next(name for name in wishes if name not in taken)


def _absolute(folder: Path, path: str) -> str:
    try:
        return os.path.normpath(folder / Path(path).expanduser())
    except (ValueError, RuntimeError):  # a text that is no path
        return ""


def _is_read_from(place: str, found: dict[str, str]) -> bool:
    return any(known == place or known.endswith(f":///{place}") for known in found)
