"""Variables of the environment as hidden state: which keys a cell set and which it can read. Never values.

Setting one is heard (`opened.py`), reading one is not, so that the code has to say it. Libraries set some
when they are imported; those count only for code that names them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.lineage.record import WriteKind
    from jupyter_mlops.notebook.opened import Heard

MENTIONS = frozenset(("environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"))
BY_CODE = MENTIONS | {"get_ipython", "load_dotenv", "dotenv", "setenv"}
"""Mentioned by code that sets variables itself, not by the way as an import does."""
_KEY = re.compile(r"[A-Z_][A-Z0-9_]*")
_WORD = re.compile(r"[A-Za-z_]\w*")
_MAGICS = {"env", "set_env"}


@dataclass
class KeysRead:
    """Keys that code reads; `any_key` if it does not say which."""

    keys: set[str] = field(default_factory=set)
    any_key: bool = False


def keys_in(tree: ast.AST) -> KeysRead:
    """The keys that a cell's own code reads; setting one is no reading of it."""
    found = KeysRead()
    known: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _ends_with_environ(node.value):
            known.add(id(node.value))
            if not isinstance(node.ctx, ast.Store):
                _add(found, node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if owner is not None and _ends_with_environ(owner):
                known.add(id(owner))
                if name != "update":
                    _add(found, node.args[0] if node.args else None)
            elif name in {"getenv", "getenvb"}:
                known.add(id(node.func))
                _add(found, node.args[0] if node.args else None)
            elif name == "run_line_magic":
                _add_magic(found, node.args)
        elif isinstance(node, ast.Compare) and _ends_with_environ(node.comparators[-1]):  # `"K" in environ`
            known.add(id(node.comparators[-1]))
            _add(found, node.left)
        elif _ends_with_environ(node) and id(node) not in known:
            found.any_key |= not isinstance(getattr(node, "ctx", None), ast.Store)
    return found


def keys_named(texts: Iterable[str], mentions: AbstractSet[str]) -> KeysRead:
    """The keys that compiled functions seem to read: their constants that look like one, else any."""
    if MENTIONS.isdisjoint(mentions):
        return KeysRead()
    keys = {text for text in texts if _WORD.fullmatch(text)}
    return KeysRead(keys, any_key=not any(_KEY.fullmatch(key) for key in keys))


def keys_set(heard: Heard) -> dict[str, WriteKind]:
    """The keys that a cell set or removed."""
    found: dict[str, WriteKind] = {}
    for event in heard.events:
        if event.name == "os.putenv":
            found[event.path] = "bind"
        elif event.name == "os.unsetenv":
            found[event.path] = "delete"
    return found


def _ends_with_environ(node: ast.AST) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in {"environ", "environb"}


def _add(found: KeysRead, key: ast.expr | None) -> None:
    if isinstance(key, ast.Constant):
        value = key.value
        found.keys.add(value.decode(errors="replace") if isinstance(value, bytes) else str(value))
    else:
        found.any_key = True


def _add_magic(found: KeysRead, arguments: list[ast.expr]) -> None:
    """``%env KEY`` reads, ``%env KEY=value`` and ``%set_env KEY value`` set, ``%env`` reads all."""
    texts = [str(arg.value) for arg in arguments if isinstance(arg, ast.Constant)]
    if len(texts) == 2 and texts[0] in _MAGICS:
        words = texts[1].replace("=", " ").split()
        if len(words) == 1:
            found.keys.add(words[0])
        found.any_key |= not words
