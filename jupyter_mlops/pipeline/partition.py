"""Which statements make which step: load, prepare, split, train and evaluate, in the order they ran."""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal

from jupyter_mlops.pipeline.module_level import generator_set, is_seed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from jupyter_mlops.pipeline.statements import Statement

Stage = Literal["load", "prepare", "split", "train", "evaluate"]

_LOADS = re.compile(r"(?:read|load|fetch)(?:_\w+)?|make_(?:classification|regression|blobs|moons|circles)")
_SPLITS = ("train_test_split", "random_split", "ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit")
_SUMMARIES: Mapping[Stage, str] = {
    "load": "Read the data.",
    "prepare": "Prepare the data.",
    "split": "Keep rows aside that the model does not see in training.",
    "train": "Fit the model.",
    "evaluate": "Measure the model.",
}
_TABLES = ("DataFrame", "Series", "ndarray", "Index", "csr_matrix", "csr_array", "Table")
_MOST_LETTERS = 40


@dataclass(frozen=True)
class Told:
    """What the notebook's Markdown says above a cell: its heading, and the text below it."""

    heading: str = ""
    text: str = ""


@dataclass(frozen=True)
class Segment:
    """Statements that make one step, with its name, and its docstring's summary and text."""

    name: str
    stage: Stage
    summary: str
    text: str
    statements: tuple[Statement, ...]


def partition(
    body: Sequence[Statement],
    model: str | None,
    sources: Collection[str],
    told: Mapping[int, Told],
    names: Collection[str],
) -> list[Segment]:
    """The statements in segments, in their order.

    Args:
        body: statements that belong into steps.
        model: the variable that holds the model.
        sources: names of the arguments that say where data is.
        told: by the serial of an execution, what stands above its cell.
        names: what the module has already; no step is called so.
    """
    stages = _stages(body, model, sources)
    pairs = [(stage, _heading(stage, each, told), each) for stage, each in zip(stages, body, strict=True)]
    segments: list[Segment] = []
    seen: set[Told] = set()
    for (stage, heading), group in groupby(pairs, key=lambda pair: pair[:2]):
        own = tuple(each for _, _, each in group)
        taken = {*names, *(segment.name for segment in segments)}
        texts = dict.fromkeys(told[each.serial] for each in own if each.serial in told)
        texts = dict.fromkeys(text for text in texts if text not in seen)
        seen |= texts.keys()
        name = _name(stage, heading, taken)
        is_from_heading = heading and not name.startswith(stage)
        summary = _sentence(heading) if is_from_heading else _SUMMARIES[stage]
        segments.append(Segment(name, stage, summary, _told(texts, summary, stage), own))
    return segments


def in_one(body: Sequence[Statement], told: Mapping[int, Told], names: Collection[str]) -> list[Segment]:
    """All of it as one step."""
    texts = dict.fromkeys(told[each.serial] for each in body if each.serial in told)
    summary = "Read the data, fit the model and measure it."
    return [
        Segment(_name("train", "", set(names)), "train", summary, _told(texts, summary, "train"), tuple(body))
    ]


def _stages(body: Sequence[Statement], model: str | None, sources: Collection[str]) -> list[Stage]:
    fits = [number for number, each in enumerate(body) if _fits(each, model)]
    last_fit = fits[-1] if fits else len(body)
    first_fit = _first_of_training(body, fits[0]) if fits else len(body)
    stages: list[Stage] = []
    for number, each in enumerate(body):
        if number > last_fit:
            stages.append("evaluate")
        elif number >= first_fit:
            stages.append("train")
        elif _is_load(each, sources):
            stages.append("load")
        elif any(name in _SPLITS for name in _calls(each.node)):
            stages.append("split")
        else:
            stages.append("prepare")
    for number in reversed(range(len(body) - 1)):
        if _sets_random(body[number]):
            stages[number] = stages[number + 1]
    loads = [number for number, stage in enumerate(stages) if stage == "load"]
    if loads:
        stages[: loads[0]] = ["load"] * loads[0]
        for before, after in pairwise(loads):
            between = body[before + 1 : after]
            if all(stage == "prepare" for stage in stages[before + 1 : after]) and not _work(between):
                stages[before:after] = ["load"] * (after - before)
    return stages


def _sets_random(each: Statement) -> bool:
    """True for seeds and recorded states: they belong to what is drawn after them."""
    return is_seed(each.node) or generator_set(each.node) is not None


def _fits(each: Statement, model: str | None) -> bool:
    """True for what makes or changes the model; where no model is known, for what fits one."""
    if model is not None:
        return model in each.binds or model in each.changes
    fits = [node for node in ast.walk(each.node) if isinstance(node, ast.Call) and _name_of(node) == "fit"]
    return any(len(call.args) + len(call.keywords) > 1 for call in fits)


def _first_of_training(body: Sequence[Statement], fit: int) -> int:
    """Back over the statements that only build what the model is made of: no data is among what they bind."""
    used = set(body[fit].reads)
    first = fit
    while first > 0:
        each = body[first - 1]
        if not each.binds or not each.binds <= used or each.files or _makes_data(each):
            break
        used |= each.reads
        first -= 1
    return first


def _makes_data(each: Statement) -> bool:
    names = each.binds | each.changes
    kinds = [each.kinds.get(name, "").rpartition(":")[2] for name in names]
    return any(kind in _TABLES for kind in kinds) or not all(kinds)


def _is_load(each: Statement, sources: Collection[str]) -> bool:
    if isinstance(each.node, ast.FunctionDef | ast.ClassDef):
        return False
    files = any(not path.endswith(".py") for path in each.files)
    return (
        files or bool(each.reads & set(sources)) or any(_LOADS.fullmatch(name) for name in _calls(each.node))
    )


def _work(between: Sequence[Statement]) -> bool:
    """True if tables are changed or made: more than names and options for the next file."""
    return any(map(_makes_data, between))


def _calls(node: ast.stmt) -> list[str]:
    return [_name_of(inner) for inner in ast.walk(node) if isinstance(inner, ast.Call)]


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _heading(stage: Stage, each: Statement, told: Mapping[int, Told]) -> str:
    """Preparing is divided by the notebook's headings."""
    return told[each.serial].heading if stage == "prepare" and each.serial in told else ""


def _name(stage: Stage, heading: str, taken: set[str]) -> str:
    """The stage's name; for more of one stage the heading's words, else a number."""
    if stage not in taken:
        return stage
    words = re.sub(r"\W+", "_", heading.lower(), flags=re.ASCII).strip("_")[:_MOST_LETTERS].strip("_")
    if words and words not in taken and words.isidentifier() and not keyword.iskeyword(words):
        return words
    return next(name for number in range(2, 1000) if (name := f"{stage}_{number}") not in taken)


def _sentence(heading: str) -> str:
    plain = " ".join(heading.split()).rstrip(".:")
    return f"{plain[:1].upper()}{plain[1:]}{'' if plain.endswith(('?', '!')) else '.'}"


def _told(texts: Collection[Told], summary: str, stage: Stage) -> str:
    """Texts of the notebook as paragraphs, with headings where these say what is done."""
    paragraphs: list[str] = []
    for each in texts:
        if stage == "prepare" and each.heading and _sentence(each.heading) != summary:
            paragraphs.append(_sentence(each.heading))
        if each.text:
            paragraphs.append(each.text)
    return "\n\n".join(dict.fromkeys(paragraphs))
