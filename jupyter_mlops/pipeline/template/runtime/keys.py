"""What a step's result depends on: its code and what that uses, parameters, inputs and versions."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from .steps import Step

_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def key_of(step: Step, options: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """The digest under which a step's result is kept.

    Args:
        step: the step.
        options: its parameters, and content digests in the place of data sources.
        inputs: content digests of what steps before it made.
    """
    code, modules = _code_of(inspect.getfile(step.function), step.name)
    versions = {name: _version(name) for name in modules}
    parts = [code, versions, list(sys.version_info[:2]), dict(options), dict(inputs), step.makes]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


@lru_cache
def _code_of(path: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The code of a function with all of its module that it uses, and the modules that it imports.

    Comments, docstrings and layout are not part of it.
    """
    definitions: dict[str, list[ast.stmt]] = {}
    for statement in ast.parse(Path(path).read_text("utf-8")).body:
        for bound in _bound(statement):
            definitions.setdefault(bound, []).append(statement)
    waiting, seen, code, modules = [name, "set_up"], set(), [], set()
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        for statement in definitions.get(wanted, ()):
            modules |= _modules(statement)
            plain = _plain(statement)
            code.append(ast.unparse(plain))
            waiting += sorted({node.id for node in ast.walk(plain) if isinstance(node, ast.Name)})
    return "\n".join(sorted(set(code))), tuple(sorted(modules))


def _bound(statement: ast.stmt) -> list[str]:
    if isinstance(statement, _DEFINITIONS):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in statement.names]
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return [node.id for node in nodes if isinstance(node.ctx, ast.Store)]


def _modules(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import):
        return {alias.name.partition(".")[0] for alias in statement.names}
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        return {statement.module.partition(".")[0]}
    return set()


def _plain(statement: ast.stmt) -> ast.stmt:
    """Without docstrings."""
    for node in ast.walk(statement):
        if isinstance(node, _DEFINITIONS) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return statement


def _version(module: str) -> str:
    """A package's version; of a module that lies beside the pipeline, its content."""
    found = sys.modules.get(module)
    version = getattr(found, "__version__", None)
    path = getattr(found, "__file__", None)
    if isinstance(version, str):
        return version
    if path and Path(path).parent == Path(__file__).resolve().parents[2]:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return ""
