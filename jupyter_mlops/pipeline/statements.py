"""The statements of a checked slice as a replay saw them: what each read, made and changed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM, CellRecord, file_path, label
from jupyter_mlops.lineage.replay import trace
from jupyter_mlops.notebook.source import analyze

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.replay import Terms
    from jupyter_mlops.lineage.slice import Slice

_DISPLAY = ("matplotlib", "config", "load_ext", "reload_ext", "autoreload", "pylab", "precision")
"""Line magics that change nothing that is computed."""


@dataclass(frozen=True)
class Statement:
    """One statement of the notebook.

    `reads` are names it can read before it binds them, `binds` those that it bound, `may_bind` those of them
    that it binds in a branch or a loop, and `changes` those whose value it changed in place. `kinds` and
    `digests` are those of the values it bound or changed. `files` are the files that it read.
    """

    text: str
    node: ast.stmt
    serial: int
    cell: str
    reads: frozenset[str]
    binds: frozenset[str]
    may_bind: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str | None] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    random: frozenset[str] = frozenset()
    """Global generators of random numbers that it drew from or set."""


def traced_statements(
    code: Slice, snapshots: Path, terms: Terms, *, on_cell: Callable[[int, int], None]
) -> list[Statement]:
    """Run a checked slice statement by statement in a clean process.

    Raises:
        BadInputError: something in it has a meaning in IPython only.
        ReproduceError: it did not run to its end.
    """
    found = trace(code, snapshots, terms, on_cell=on_cell)
    return [
        statement
        for event in found.events
        if (statement := _statement(event["statement"], code, int(event["cell"]))) is not None
    ]


def statement_of(text: str, like: Statement) -> Statement:
    """The statement with another text; what it reads and binds is found anew."""
    code = analyze(text, _as_it_is)
    may_bind = code.may_bind & (like.may_bind | like.binds)
    return Statement(
        text,
        ast.parse(text).body[0],
        like.serial,
        like.cell,
        frozenset(code.reads),
        frozenset(code.binds | may_bind),
        frozenset(may_bind),
        like.changes,
        like.kinds,
        like.digests,
        like.files,
        like.random,
    )


def _statement(data: Mapping[str, Any], code: Slice, cell: int) -> Statement | None:
    record = CellRecord.from_dict(data)
    origin = code.cells[cell]
    where = label(origin.count)
    nodes = _parsed(record.source, where)
    if not nodes or _is_display(nodes[0]):
        return None
    own = {name: write for name, write in record.writes.items() if name[:1] != "<" and write.kind != "delete"}
    found = analyze(record.source, _as_it_is)
    bound = found.binds | (found.may_bind & own.keys())
    return Statement(
        record.source,
        nodes[0],
        origin.serial,
        where,
        frozenset(found.reads),
        frozenset(bound),
        frozenset(bound - found.binds),
        frozenset(own.keys() - bound),
        {name: kind for name, kind in data.get("kinds", {}).items() if name in own},
        {name: write.digest for name, write in own.items()},
        tuple(path for name in record.reads if (path := file_path(name)) is not None),
        frozenset({NUMPY_RANDOM, PYTHON_RANDOM} & record.writes.keys()),
    )


def _as_it_is(source: str) -> str:
    return source


def _parsed(source: str, where: str) -> Sequence[ast.stmt]:
    try:
        nodes = ast.parse(source).body
    except SyntaxError as error:
        raise _only_ipython(where) from error
    uses = any(isinstance(node, ast.Name) and node.id == "get_ipython" for node in _walk(nodes))
    if uses and not all(map(_is_display, nodes)):
        raise _only_ipython(where)
    return nodes


def _walk(nodes: Sequence[ast.stmt]) -> list[ast.AST]:
    return [inner for node in nodes for inner in ast.walk(node)]


def _only_ipython(where: str) -> BadInputError:
    return BadInputError(
        f"{where} uses a magic, a shell command or a top-level await, which only IPython knows",
        "Write that line in plain Python, run the cells again, then make the pipeline.",
    )


def _is_display(node: ast.stmt) -> bool:
    """True for ``%matplotlib inline``, ``display(frame)`` and their like."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "display":
        return True
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return False
    first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    return call.func.attr == "run_line_magic" and first in _DISPLAY
