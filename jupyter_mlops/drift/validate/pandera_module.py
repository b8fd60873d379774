"""Expectations as a module of Python for pandera, which is not needed to write it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.kinds import FAMILIES
from jupyter_mlops.drift.validate import chance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.drift.validate.expectation import Expectation, Expectations, Kind

_TEMPLATE = Path(__file__).with_name("pandera_module.txt")
_TIMES = frozenset({"time", "time with zone"})
LONG = 88


def pandera_module(expectations: Expectations) -> str:
    """A module with a `schema` that fails where `validate_frame` does, and warns of what only warns there.

    What is put down to chance passes without a word: pandera knows no such verdict.
    """
    by_column: dict[str, list[Expectation]] = {name: [] for name in expectations.columns}
    for one in expectations.each:
        if one.column:
            by_column.setdefault(one.column, []).append(one)
    frame = {one.kind: one for one in expectations.each if not one.column}
    parts = {
        "rows": f"{expectations.rows:,}",
        "kinds": _literal(FAMILIES, ""),
        "chance": _source_of_chance(),
        "columns": "\n".join(_column(name, mine, frame) for name, mine in by_column.items()),
        "frame": "\n".join(_of_frame(frame)),
    }
    text = _TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], text)


def _source_of_chance() -> str:
    """Our own rules, word for word: from their first constant on."""
    source = inspect.getsource(chance)
    return source[source.index("CHANCE =") :].strip()


def _column(name: str, mine: list[Expectation], frame: Mapping[Kind, Expectation]) -> str:
    never_missing = any(one.kind == "missing" and _is_strict(one) for one in mine)
    checks = [line for one in mine for line in _CALLS[one.kind](one)]
    lines = [
        f"    {name!r}: pa.Column(",
        f"        nullable={not never_missing},",
        *([] if "columns" in frame and frame["columns"].severity == "fail" else ["        required=False,"]),
        *(["        checks=[", *(f"            {line}," for line in checks), "        ],"] if checks else []),
        "    ),",
    ]
    return "\n".join(lines)


def _of_frame(frame: Mapping[Kind, Expectation]) -> list[str]:
    lines = []
    if "rows" in frame:
        warns = frame["rows"].severity == "warn"
        lines.append(f"        of_frame(lambda frame: len(frame) > 0, 'at least one row', warns={warns}),")
    if "columns" in frame:
        no_more = "set(frame.columns) <= set(columns)"
        lines.append(f"        of_frame(lambda frame: {no_more}, 'no other columns', warns=True),")
    return lines


def _is_strict(one: Expectation) -> bool:
    return one.limits["share"] == 0 and one.severity == "fail"


def _call(function: str, one: Expectation, *given: str) -> str:
    warns = ["warns=True"] if one.severity == "warn" else []
    return f"{function}({', '.join([*given, *warns])})"


def _type(one: Expectation) -> list[str]:
    family = one.limits["family"]
    if family == "unsupported":
        return []
    return [_call("of_kind", one, repr("other" if family == "nested" else family))]


def _missing(one: Expectation) -> list[str]:
    return [] if _is_strict(one) else [_call("missing", one, _number(one.limits["share"]))]


def _range(one: Expectation) -> list[str]:
    limits = one.limits
    if limits["family"] in _TIMES:
        ends = [repr(str(np.datetime64(int(limits[end]), "us"))) for end in ("low", "high")]
        return [_call("between_times", one, *ends)]
    rest = (f"at_low={limits['at_low']}", f"at_high={limits['at_high']}", f"reference={limits['rows']}")
    return [_call("within", one, _number(limits["low"]), _number(limits["high"]), *rest)]


def _categories(one: Expectation) -> list[str]:
    values: list[Any] = list(one.limits["values"])
    new = [f"new={_number(one.limits['share'])}"] if one.limits["share"] else []
    return [_call("among", one, _literal(values, " " * 12), *new)]


_CALLS: dict[Kind, Callable[[Expectation], list[str]]] = {
    "type": _type,
    "missing": _missing,
    "range": _range,
    "categories": _categories,
    "unique": lambda one: [_call("unique", one)],
    "whole numbers": lambda one: [_call("whole", one, *([] if one.limits["finite"] else ["finite=False"]))],
    "finite": lambda one: [_call("is_finite", one)],
}


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _literal(value: Any, indent: str) -> str:
    """On one line if it fits, else a line an item."""
    if len(repr(value)) + len(indent) <= LONG:
        return repr(value)
    ends = "{}" if isinstance(value, dict) else "[]"
    items = [f"{key!r}: {each!r}" for key, each in value.items()] if isinstance(value, dict) else value
    texts = items if isinstance(value, dict) else [repr(each) for each in items]
    return "\n".join([ends[0], *(f"{indent}    {text}," for text in texts), f"{indent}{ends[1]}"])
