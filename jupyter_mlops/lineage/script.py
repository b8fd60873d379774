"""The cells of a slice as code that runs on its own: random states set, errors that are part of it caught."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.lineage.slice import SliceCell

_WIDTH = 96
_PYTHONS = "random.Random"


def on_its_own(cell: SliceCell) -> SliceCell:
    """The cell with the random states it starts from in its text, and with the error it ends with caught."""
    source = cell.source.strip("\n")
    may_raise = cell.may_raise
    if may_raise and may_raise.isidentifier():
        guarded = _guarded(source, may_raise)
        source, may_raise = guarded or source, None if guarded else may_raise
    starts = [_start(name, cell.random[name]["state"]) for name in cell.starts if name in cell.random]
    if starts:
        comment = "# random numbers go on from where they were in the notebook: no seed was set"
        source = "\n".join([comment, *starts, source])
    return replace(cell, source=source, may_raise=may_raise)


def _guarded(source: str, error: str) -> str | None:
    """The code with its last statement in a ``try``; None if it cannot be parsed."""
    try:
        statement = ast.parse(source).body[-1]
    except (SyntaxError, IndexError):
        return None
    lines = source.splitlines()
    before, own = lines[: statement.lineno - 1], "\n".join(lines[statement.lineno - 1 :])
    if statement.col_offset or _has_long_text(own):  # it would change with the indentation
        before = [ast.unparse(ast.Module(ast.parse(source).body[:-1], []))]
        own = ast.unparse(statement)
    comment = f"except {error}:  # so it ended in the notebook; what it did before counts"
    return "\n".join([*before, "try:", textwrap.indent(own, "    "), comment, "    pass"]).lstrip("\n")


def _has_long_text(source: str) -> bool:
    """True if a string in it goes over several lines."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, IndentationError):
        return True
    kinds = ("STRING", "FSTRING_MIDDLE")
    return any(tokenize.tok_name[token.type] in kinds and token.start[0] != token.end[0] for token in tokens)


def _start(name: str, state: Mapping[str, Any]) -> str:
    """Code that gives a generator a recorded state."""
    if "entropy" in state:
        target = "numpy.random" if name == NUMPY_RANDOM else name
        born = f"numpy.random.RandomState(numpy.random.MT19937({state['entropy']}))"
        return f"import numpy.random\n{target}.set_state({born}.get_state())"
    if state["bit_generator"] == _PYTHONS:
        target = "random" if name == PYTHON_RANDOM else name
        words = f"tuple({_code(state['state'])}.tolist())"
        imports = ["import random"] if name == PYTHON_RANDOM else []
        set_it = f"{target}.setstate(({state['version']!r}, {words}, {state['gauss']!r}))"
    else:
        is_legacy = name == NUMPY_RANDOM or "has_gauss" in state
        target = "numpy.random" if name == NUMPY_RANDOM else name
        imports = []
        set_it = (
            f"{target}.set_state({_code(state)})"
            if is_legacy
            else f"{target}.bit_generator.state = {_code(state)}"
        )
    if "base64" in set_it or "numpy" in set_it:
        imports = ["import base64", *imports, "import numpy", "import numpy.random"]
    return "\n".join([*imports, set_it])


def _code(value: Any) -> str:
    """A packed value as an expression."""
    if not isinstance(value, dict):
        return repr(value)
    if value.keys() == {"dtype", "base64"}:
        text = value["base64"]
        lines = [f'    "{text[at : at + _WIDTH]}"' for at in range(0, len(text), _WIDTH)]
        return "\n".join(["numpy.frombuffer(base64.b64decode(", *lines, f"), {value['dtype']!r})"])
    items = ", ".join(f"{key!r}: {_code(item)}" for key, item in value.items())
    return f"{{{items}}}"
