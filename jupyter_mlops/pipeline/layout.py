"""The text of `pipeline.py`: imports, functions, one function for each step, and their order."""

from __future__ import annotations

import ast
import json
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.pipeline.edits import indented
from jupyter_mlops.pipeline.imports import from_lines, import_lines, imported_names
from jupyter_mlops.pipeline.kinds import Annotations
from jupyter_mlops.pipeline.module_level import runtime_names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from jupyter_mlops.pipeline.module_level import Sorted
    from jupyter_mlops.pipeline.statements import Statement
    from jupyter_mlops.pipeline.steps import StepPlan

_WIDTH = 110
_ANY = "from typing import Any"
_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Result:
    """Which values are the result: the model, rows as it takes them, and metrics by their names in MLflow."""

    model: str | None
    features: str | None
    metrics: Mapping[str, str] = field(default_factory=dict)


def module_text(
    name: str,
    about: str,
    code: Sorted,
    steps: Sequence[StepPlan],
    result: Result,
    own: Collection[str] = (),
) -> str:
    """The module's text.

    Args:
        name: the project's.
        about: the module's docstring.
        code: imports and what else stands outside of steps.
        steps: in their order.
        result: which values count.
        own: modules of the user's own.
    """
    nodes = [each.node for each in code.imports]
    statements = _statements(code, steps)
    words = runtime_names(statements)
    taken = {bound for each in statements for bound in each.binds}
    annotations = Annotations(imported_names(nodes), taken | set(words.values()))
    parts = [*(_text(each) for each in code.constants)]
    parts = ["\n".join(parts)] if parts else []
    parts += [_text(each) for each in code.definitions]
    if code.set_up:
        body = "\n".join(indented(_text(each)) for each in code.set_up)
        parts.append(
            f'def set_up() -> None:\n    """Set what libraries are told before all steps."""\n{body}'
        )
    parts += [_function(step, code.params, annotations) for step in steps]
    parts.append(_pipeline(name, code, steps, result, words))
    text = "\n\n\n".join(parts)
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    head = _head(about, nodes, annotations, used, own)
    runtime = from_lines(".runtime", [(name, word) for name, word in words.items() if word in used])
    checking = _checked_only(annotations)
    if checking:
        runtime += ["", "if TYPE_CHECKING:", *(f"    {line}" if line else "" for line in checking)]
    space = ["", ""] if _starts_with_definition(parts) else [""]
    return "\n".join([*head, "", *runtime, *space]) + f"\n{text}\n"


def _head(
    about: str,
    nodes: Sequence[ast.stmt],
    annotations: Annotations,
    used: Collection[str],
    own: Collection[str],
) -> list[str]:
    """The docstring and the imports of what is used."""
    needs_any = _ANY in annotations.imports
    words = ["TYPE_CHECKING"] if _checked_only(annotations) else []
    words += ["Any"] if needs_any else []
    typing = [ast.parse(f"from typing import {', '.join(words)}").body[0]] if words else []
    imports = import_lines([*nodes, *typing], {*used, *words}, own)
    return [_docstring(about, ""), "", "from __future__ import annotations", "", *imports]


def _checked_only(annotations: Annotations) -> list[str]:
    """Imports that only annotations need."""
    lines = sorted(line for line in annotations.imports if line != _ANY)
    return import_lines([ast.parse(line).body[0] for line in lines], _names(lines))


def _names(lines: Sequence[str]) -> set[str]:
    return {name.split(".")[0] for line in lines for name in [line.split()[-1]]}


def _starts_with_definition(parts: Sequence[str]) -> bool:
    return isinstance(ast.parse(parts[0]).body[0], _DEFINITIONS)


def _statements(code: Sorted, steps: Sequence[StepPlan]) -> list[Statement]:
    statements = [*code.imports, *code.constants, *code.definitions, *code.set_up, *code.local.values()]
    return statements + [each for step in steps for each in step.segment.statements]


def _text(each: Statement) -> str:
    return each.text.strip("\n")


def _function(step: StepPlan, params: Mapping[str, Any], annotations: Annotations) -> str:
    arguments = [f"{name}: {annotations.of(kind)}" for name, kind in step.takes.items()]
    if step.options:
        arguments.append("*")
    options = {name: annotations.literal(params[name]) if name in params else "str" for name in step.options}
    arguments += [f"{name}: {kind}" for name, kind in options.items()]
    returns = annotations.result(step.makes)
    head = f"def {step.segment.name}({', '.join(arguments)}) -> {returns}:"
    if len(head) > _WIDTH:
        apart = "".join(f"    {argument},\n" for argument in arguments)
        head = f"def {step.segment.name}(\n{apart}) -> {returns}:"
    summary = step.segment.summary
    lines = [head, _docstring(f"{summary}\n\n{step.segment.text}".strip(), "    ")]
    for each in step.local:
        lines += ["", indented(_text(each)), ""]
    lines += [indented(text) for text in _spaced(step.segment.statements)]
    if step.makes:
        lines.append(f"    return {', '.join(step.makes)}")
    return "\n".join(lines)


def _spaced(statements: Sequence[Statement]) -> list[str]:
    """Texts of statements; between those of different cells, and around functions, stands an empty line."""
    found = []
    before: Statement | None = None
    for each in statements:
        is_apart = before is not None and (
            before.serial != each.serial
            or isinstance(each.node, _DEFINITIONS)
            or isinstance(before.node, _DEFINITIONS)
        )
        found += ["", _text(each)] if is_apart else [_text(each)]
        before = each
    return found


def _pipeline(
    name: str, code: Sorted, steps: Sequence[StepPlan], result: Result, names: Mapping[str, str]
) -> str:
    lines = [f"PIPELINE = {names['Project']}(", f'    name="{name}",', "    steps=("]
    for step in steps:
        words = [step.segment.name]
        if step.makes:
            words.append(f"makes={_tuple(tuple(step.makes))}")
        sources = [*step.calls_for]
        if sources:
            words.append(f"sources={_tuple(tuple(sources))}")
        lines.append(f"        {names['Step']}({', '.join(words)}),")
    lines.append("    ),")
    if result.model:
        lines.append(f'    model="{result.model}",')
    if result.features:
        lines.append(f'    features="{result.features}",')
    if result.metrics:
        lines.append(f"    metrics={json.dumps(dict(result.metrics), ensure_ascii=False)},")
    if code.set_up:
        lines.append("    set_up=set_up,")
    return "\n".join([*lines, ")"])


def _tuple(names: tuple[str, ...]) -> str:
    inside = ", ".join(f'"{name}"' for name in names)
    return f"({inside},)" if len(names) == 1 else f"({inside})"


def _docstring(text: str, indent: str) -> str:
    """The text as a docstring; nothing in it ends the string or means something else."""
    plain = text.replace("\\", "\\\\").replace('"""', "'''")
    summary, _, rest = plain.partition("\n")
    if not rest.strip():
        return f'{indent}"""{summary.rstrip(chr(34))}"""'
    lines = []
    for line in rest.strip("\n").splitlines():
        wrapped = textwrap.wrap(line, _WIDTH - 4 - len(indent), break_long_words=False) or [""]
        lines += [f"{indent}{each}".rstrip() for each in wrapped]
    return "\n".join([f'{indent}"""{summary}', "", *lines, f'{indent}"""'])
