"""What of a notebook is no step: imports, functions and classes, parameters and settings of libraries."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM
from jupyter_mlops.notebook.bytecode import global_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from jupyter_mlops.pipeline.statements import Statement

_DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SIMPLE = (int, float, str, bool, type(None))
_MOST_ITEMS = 50
_SEEDS = ("seed", "set_state", "setstate", "manual_seed", "set_seed", "set_random_seed")
_OTHER_NAMES = {
    "Project": "PipelineProject",
    "Step": "PipelineStep",
    "read_data": "read_pipeline_data",
    "source_of": "pipeline_source_of",
}
"""What `pipeline.py` imports from its runtime, and what that is called where the notebook has the name."""
_OWN_NAMES = frozenset((*_OTHER_NAMES, *_OTHER_NAMES.values()))


@dataclass
class Sorted:
    """A notebook's statements by what becomes of them.

    `constants` and `definitions` stand in the module, `local` functions by name in each step that calls them,
    `set_up` runs before the steps, and `body` becomes the steps. `comments` are those above parameters.
    """

    imports: list[Statement] = field(default_factory=list)
    constants: list[Statement] = field(default_factory=list)
    definitions: list[Statement] = field(default_factory=list)
    local: dict[str, Statement] = field(default_factory=dict)
    set_up: list[Statement] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    body: list[Statement] = field(default_factory=list)


def sort_out(statements: Sequence[Statement], *, lift: bool = True) -> Sorted:
    """Say of each statement where it belongs.

    Args:
        statements: in order.
        lift: without, all of it stays in the steps, imports too: importing can draw random numbers.
    """
    found = Sorted()
    bound = Counter(name for each in statements for name in each.binds)
    changed = {name for each in statements for name in each.changes}
    imported = {name for each in statements if _is_import(each) for name in each.binds}
    others = {name for each in statements if not _is_import(each) for name in each.binds}
    once = {name for name, times in bound.items() if times == 1} - changed
    named = {name: each for each in statements if (name := _literal_name(each))} if lift else {}
    literals = {name: each for name, each in named.items() if name in once}
    functions = {
        name: each
        for each in statements
        if lift and isinstance(each.node, _DEFINITIONS) and (name := each.node.name) in once
    }
    modules = imported - others if lift else set()
    known = modules | (_OWN_NAMES - bound.keys())
    constants = _constants(literals, functions)
    lifted = _lifted(functions, known | constants)
    local = _local(functions.keys() - lifted, functions, known | lifted | constants)
    for each in statements:
        name = next(iter(each.binds), "") if len(each.binds) == 1 else ""
        if _is_import(each) and each.binds <= modules:
            found.imports.append(each)
        elif name in constants and literals[name] is each:
            found.constants.append(each)
        elif name in literals and literals[name] is each:
            found.params[name] = ast.literal_eval(_value(each.node))
            found.comments[name] = _comment(each.text)
        elif name in lifted and functions[name] is each:
            found.definitions.append(each)
        elif name in local:
            found.local[name] = each
        elif lift and _is_setting(each.node, modules):
            found.set_up.append(each)
        else:
            found.body.append(each)
    return found


def runtime_names(statements: Iterable[Statement]) -> dict[str, str]:
    """By what the runtime calls its parts, what the module calls them."""
    taken = {name for each in statements for name in each.binds}
    return {name: other if name in taken else name for name, other in _OTHER_NAMES.items()}


def free_names(node: ast.stmt) -> frozenset[str]:
    """All names that a function or class takes from outside, builtins left out."""
    module = ast.fix_missing_locations(ast.Module([node], []))
    names = global_names(compile(module, "<step>", "exec", dont_inherit=True))
    return frozenset(names.loads) - set(dir(builtins)) - {getattr(node, "name", "")}


def _is_import(each: Statement) -> bool:
    return isinstance(each.node, ast.Import | ast.ImportFrom)


def _value(node: ast.stmt) -> ast.expr:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return value if value is not None else ast.Constant(None)


def _literal_name(each: Statement) -> str:
    """The name that a statement gives to a literal that a line of YAML can hold; else nothing."""
    node = each.node
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target: ast.expr = node.targets[0]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target = node.target
    else:
        return ""
    try:
        value = ast.literal_eval(_value(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    return target.id if isinstance(target, ast.Name) and _is_plain(value) else ""


def _is_plain(value: Any) -> bool:
    if type(value) is list:
        return len(value) <= _MOST_ITEMS and all(type(item) in _SIMPLE for item in value)
    if type(value) is dict:
        return len(value) <= _MOST_ITEMS and all(
            type(key) is str and type(item) in _SIMPLE for key, item in value.items()
        )
    return type(value) in _SIMPLE and not (type(value) is str and "\n" in value)


def _constants(literals: Collection[str], functions: Mapping[str, Statement]) -> set[str]:
    """Literals of the module: what classes use, and in capitals what functions use."""
    found: set[str] = set()
    for each in functions.values():
        used = free_names(each.node) & set(literals)
        found |= used if isinstance(each.node, ast.ClassDef) else {name for name in used if name.isupper()}
    return found


def _lifted(functions: Mapping[str, Statement], known: set[str]) -> set[str]:
    """Functions and classes that use nothing but what stands in the module, too."""
    lifted = set(functions)
    while True:
        beyond = {name for name in lifted if not free_names(functions[name].node) <= known | lifted}
        if not beyond:
            return lifted
        lifted -= beyond


def _local(names: Collection[str], functions: Mapping[str, Statement], known: set[str]) -> set[str]:
    """Functions that can be defined anew where they are called: nothing is computed when they are made."""
    found = set()
    for name in names:
        node = functions[name].node
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            continue
        defaults = [
            default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None
        ]
        loads = {inner.id for each in defaults for inner in ast.walk(each) if isinstance(inner, ast.Name)}
        if loads <= known:
            found.add(name)
    return found


def generator_set(node: ast.stmt) -> str | None:
    """The global generator of random numbers that a statement gives a recorded state."""
    call = node.value if isinstance(node, ast.Expr) else None
    name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
    return {"numpy.random.set_state": NUMPY_RANDOM, "random.setstate": PYTHON_RANDOM}.get(name)


def is_seed(node: ast.stmt) -> bool:
    """True for ``np.random.seed(0)`` and its like."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return False
    return call.func.attr == "seed" and bool(call.args) and all(map(_is_literal, call.args))


def _is_setting(node: ast.stmt, modules: Collection[str]) -> bool:
    """``pd.set_option("…", 5)``, ``plt.rcParams["…"] = 2``: of a module, with literals, and no seed."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        is_seed = isinstance(call.func, ast.Attribute) and call.func.attr in _SEEDS
        is_one = isinstance(call.func, ast.Attribute) and not is_seed
        return is_one and _root(call.func) in modules and all(map(_is_literal, values))
    if isinstance(node, ast.Assign) and _is_literal(node.value):
        targets = node.targets
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets) and all(
            _root(target) in modules for target in targets
        )
    return False


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _comment(text: str) -> str:
    """The comment lines above a statement."""
    return "\n".join(line for line in text.splitlines() if line.startswith("#"))
