"""Steps as functions: what each takes, which parameters it reads, and what it gives to those after it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.pipeline.module_level import free_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from jupyter_mlops.pipeline.module_level import Sorted
    from jupyter_mlops.pipeline.partition import Segment
    from jupyter_mlops.pipeline.statements import Statement


@dataclass(frozen=True)
class StepPlan:
    """One step: the values it takes and makes, each with its kind; its options (parameters and sources).

    `calls_for` are sources that functions read by themselves. `local` are functions that it defines first.
    """

    segment: Segment
    takes: Mapping[str, str]
    options: tuple[str, ...]
    makes: Mapping[str, str]
    calls_for: tuple[str, ...] = ()
    local: tuple[Statement, ...] = ()

    @property
    def digests(self) -> dict[str, str | None]:
        """Content digests of what it makes, where they are known."""
        found = {name: digest for each in self.segment.statements for name, digest in each.digests.items()}
        return {name: found.get(name) for name in self.makes}


def plan_steps(
    segments: Sequence[Segment], code: Sorted, sources: Collection[str], wanted: Collection[str]
) -> list[StepPlan]:
    """Find what flows between segments.

    Args:
        segments: in their order.
        code: what stands outside of steps.
        sources: arguments that say where data is.
        wanted: names whose values are the result.
    """
    options = [*code.params, *sources]
    needs = [_Needs(segment.statements, code.local) for segment in segments]
    takes: list[list[str]] = []
    order: dict[str, None] = {}
    for need in needs:
        takes.append([name for name in order if name in need.exposed])
        order |= need.made
    makes: list[list[str]] = [[] for _ in segments]
    live = set(wanted)
    for number in reversed(range(len(segments))):
        made = [name for name in needs[number].made if name in live]
        makes[number] = made
        # what is bound in a branch only, or changed in place, is needed from before
        again = [name for name in made if name in needs[number].partly and name not in takes[number]]
        takes[number] += [name for name in again if any(name in need.bound for need in needs[:number])]
        live = (live - set(made)) | set(takes[number])
    called = _called_sources(code)
    kinds: dict[str, str] = {}
    found = []
    for segment, need, taken, made in zip(segments, needs, takes, makes, strict=True):
        own = {name: kinds.get(name, "") for name in taken}
        for each in segment.statements:
            kinds |= each.kinds
        used = {name for each in segment.statements for name in each.reads}
        found.append(
            StepPlan(
                segment,
                own,
                tuple(name for name in options if name in need.exposed),
                {name: kinds.get(name, "") for name in made},
                tuple(sorted({source for name in used for source in called.get(name, ())})),
                tuple(code.local[name] for name in code.local if name in need.local),
            )
        )
    return found


class _Needs:
    """What a segment's statements need from outside, bind and change."""

    def __init__(self, statements: Iterable[Statement], local: Mapping[str, Statement]) -> None:
        self.exposed: dict[str, None] = {}
        """Names it reads before it binds them, in their order."""
        self.bound: set[str] = set()
        self.made: dict[str, None] = {}
        """Names it binds or changes."""
        self.partly: set[str] = set()
        """Those that it binds in a branch only, or changes in place: what they were before counts, too."""
        self.local: set[str] = set()
        for each in statements:
            reads = sorted(each.reads & local.keys())
            self.local |= _closure(reads, local)
            free = {name for used in _closure(reads, local) for name in free_names(local[used].node)}
            for name in sorted(each.reads | each.changes | free):
                if name not in self.bound:
                    self.exposed[name] = None
            certain = each.binds - each.may_bind
            self.partly |= (each.may_bind | each.changes) - self.bound
            self.bound |= each.binds
            self.partly -= certain
            self.made |= dict.fromkeys(_in_order(each.node, each.binds | each.changes))


def _in_order(node: ast.stmt, names: Collection[str]) -> list[str]:
    """Names as they come in a statement; those that do not at the end."""
    found = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id in names]
    return list(dict.fromkeys([*found, *sorted(names)]))


def _closure(names: Iterable[str], local: Mapping[str, Statement]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += free_names(local[name].node) & local.keys()
    return found


def _called_sources(code: Sorted) -> dict[str, tuple[str, ...]]:
    """By function: the sources that it, or what it calls, reads by itself."""
    own = {
        name: set(re.findall(r'source_of\("(\w+)"\)', each.text))
        for each in [*code.definitions, *code.local.values()]
        for name in each.binds
    }
    uses = {
        name: free_names(each.node)
        for each in [*code.definitions, *code.local.values()]
        for name in each.binds
    }
    for _ in own:
        for name in own:
            own[name] |= {source for other in uses[name] & own.keys() for source in own[other]}
    return {name: tuple(sorted(found)) for name, found in own.items() if found}
