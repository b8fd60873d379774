"""ES modules joined into one: anywidget loads a module from a blob address, where relative imports fail.

The files are plain ES modules, so linters and tests read them as they are. Joined, each keeps a scope of its
own, and what it exports is handed to those that import it.
"""

from __future__ import annotations

import base64
import re
import zlib
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./([\w/]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
_INDENT = re.compile(r"^ +", re.MULTILINE)
_DEFAULT = re.compile(r"^export default .*;$", re.MULTILINE)


@cache
def joined(main: str) -> str:
    """The module `main` (its name without ``.js``) and all that it imports, as the text of one ES module.

    It exports ``render`` of `main` as anywidget wants it.

    Raises:
        ValueError: a file imports or exports in a form that this does not join, or two import each other.
    """
    order: list[str] = []
    _visit(main, order, ())
    scopes = [_scope(name) for name in order]
    return "\n".join([*scopes, f"const {{ render }} = {_variable(main)};", "export default { render };", ""])


def packed(main: str, *styles: str) -> str:
    """A small module that unpacks `joined(main)` and adds the named style sheets to each view.

    A notebook keeps a widget's module with each widget that it saves; packed it takes a third. Comments and
    indentation are left out, also that of a text over several lines.
    """
    code = _INDENT.sub("", _COMMENT.sub("", joined(main)))
    data = base64.b64encode(zlib.compress(f"{style(*styles)}\0{code}".encode(), 9)).decode("ascii")
    return f'{_read("unpacked")}\nexport default unpacked("{data}");\n'


def style(*names: str) -> str:
    """Style sheets of this folder, one after the other, named without ``.css``."""
    return "\n".join((_HERE / f"{name}.css").read_text(encoding="utf-8") for name in names)


def _visit(name: str, order: list[str], above: tuple[str, ...]) -> None:
    if name in order:
        return
    if name in above:
        raise ValueError(f"modules import each other: {' → '.join((*above, name))}")
    for _, imported in _IMPORT.findall(_read(name)):
        _visit(imported, order, (*above, name))
    order.append(name)


def _scope(name: str) -> str:
    source = _DEFAULT.sub("", _read(name))
    exported = _EXPORT.findall(source)
    body = _IMPORT.sub(lambda found: f"const {{ {found[1]} }} = {_variable(found[2])};", source)
    body = re.sub(r"^export (?=(?:async )?(?:function|class|const|let) )", "", body, flags=re.MULTILINE)
    if wrong := re.search(r"^(?:import|export)\b.*$", body, re.MULTILINE):
        raise ValueError(f"{name}.js: this line is not joined: {wrong[0][:100]}")
    return f"const {_variable(name)} = (() => {{\n{body.strip()}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _variable(name: str) -> str:
    return f"${name.replace('/', '$')}"


@cache
def _read(name: str) -> str:
    return (_HERE / f"{name}.js").read_text(encoding="utf-8")
