"""From statements to the plan of a project: what stands in the module, the steps, the data and the result."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.pipeline.edits import Edit, edited
from jupyter_mlops.pipeline.layout import Result
from jupyter_mlops.pipeline.logged import as_variables, with_nested_runs
from jupyter_mlops.pipeline.module_level import free_names, generator_set, is_seed, sort_out
from jupyter_mlops.pipeline.partition import in_one, partition
from jupyter_mlops.pipeline.sources import is_path, with_arguments
from jupyter_mlops.pipeline.statements import statement_of
from jupyter_mlops.pipeline.steps import plan_steps

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from jupyter_mlops.pipeline.checking import Expected
    from jupyter_mlops.pipeline.module_level import Sorted
    from jupyter_mlops.pipeline.partition import Told
    from jupyter_mlops.pipeline.sources import Source
    from jupyter_mlops.pipeline.statements import Statement
    from jupyter_mlops.pipeline.steps import StepPlan


@dataclass(frozen=True)
class Shape:
    """How a project is made: divided into steps or in one; with `lift` parameters, functions and imports
    stand outside of steps.
    """

    is_divided: bool = True
    lift: bool = True


@dataclass(frozen=True)
class Plan:
    """What a project's code will be."""

    code: Sorted
    steps: list[StepPlan]
    sources: tuple[Source, ...]
    result: Result

    @property
    def params(self) -> dict[str, Any]:
        """Parameters that a step takes, with their values."""
        used = {name for step in self.steps for name in step.options}
        return {name: value for name, value in self.code.params.items() if name in used}


def make_plan(
    statements: Sequence[Statement],
    shape: Shape,
    expected: Expected,
    paths: Sequence[str],
    folder: Path,
    told: Mapping[int, Told],
) -> Plan:
    """Plan a project.

    Args:
        statements: of the checked slice.
        shape: how it is divided.
        expected: which values are the result.
        paths: files that the code starts from.
        folder: where the notebook ran.
        told: by the serial of an execution, what Markdown stands above its cell.

    Raises:
        BadInputError: its data cannot become an argument.
    """
    found = [with_nested_runs(each) for each in as_variables(_without_useless_starts(statements))]
    found, result = _with_result(found, expected)
    found, sources = with_arguments(found, paths, folder)
    wanted = {name for name in (result.model, result.features, *result.metrics.values()) if name}
    code = sort_out(found, lift=shape.lift)
    code.body = _without_unused(code, wanted)
    names = [source.name for source in sources]
    module = [*code.imports, *code.constants, *code.definitions]
    taken = {"set_up", *(name for each in module for name in each.binds)}
    segments = (
        partition(code.body, result.model, names, told, taken)
        if shape.is_divided
        else in_one(code.body, told, taken)
    )
    return Plan(code, plan_steps(segments, code, names, wanted), sources, result)


def _with_result(statements: Sequence[Statement], expected: Expected) -> tuple[list[Statement], Result]:
    """The result's names; a last line that only shows a metric gets one."""
    found = list(statements)
    bound = {name for each in found for name in each.binds}
    owners = {name: name if name in bound else name.partition(".")[0] for name in expected.metrics}
    metrics = {owner: owner for owner in dict.fromkeys(owners.values()) if owner in bound}
    shown = [owner for owner in dict.fromkeys(owners.values()) if owner not in bound]
    last = found[-1]
    if shown and isinstance(last.node, ast.Expr):
        name = next(word for word in ("shown", "result", "measured", "shown_value") if word not in bound)
        text = edited(last.text, [Edit(last.node.value, f"{name} = {ast.unparse(last.node.value)}")])
        found[-1] = replace(statement_of(text, last), kinds={**last.kinds, name: "builtins:float"})
        metrics[shown[0]] = name
    features = expected.features if expected.features in bound else None
    model = expected.model if expected.model in bound else None
    return found, Result(model, features, metrics)


def _without_useless_starts(statements: Sequence[Statement]) -> list[Statement]:
    """Without recorded states of random numbers from which nothing is drawn, or not before a seed."""
    found = []
    for number, each in enumerate(statements):
        generator = generator_set(each.node)
        later = (other for other in statements[number + 1 :] if generator in other.random)
        after = next(later, None)
        if generator is None or (after is not None and not is_seed(after.node)):
            found.append(each)
    return found


def _without_unused(code: Sorted, wanted: Collection[str]) -> list[Statement]:
    """The steps' statements without paths that nothing uses since the data became an argument."""
    others = [*code.definitions, *code.local.values()]
    body = list(code.body)
    while True:
        used = set(wanted).union(*(each.reads | each.changes for each in body))
        used = used.union(*(free_names(each.node) for each in others))
        kept = [each for each in body if not (is_path(each) and each.binds.isdisjoint(used))]
        if len(kept) == len(body):
            return kept
        body = kept
