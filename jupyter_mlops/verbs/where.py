"""Which rows are meant, as people type it: ``email=a@b.c``, ``age == 42``, ``name in ['A', 'B']``."""

from __future__ import annotations

import ast
import contextlib
import re
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONDITION = re.compile(r"\s*(?:`([^`]+)`|([^=`]+?))\s*(?:==?|(?<=\s)in(?=\s|\[))\s*(\S.*?)\s*", re.DOTALL)


def parse_where(conditions: Sequence[str]) -> dict[str, list[Any]]:
    """Column to values: one of them must be a row's, in every column.

    Raises:
        BadInputError: a condition is none of these, or there is none.
    """
    found: dict[str, list[Any]] = {}
    for text in conditions:
        whole = _CONDITION.fullmatch(text)
        if whole is None or re.search(r"[<>!]\s*$", whole[2] or "") or whole[3].startswith("="):
            raise BadInputError(
                f"the condition {_without_value(text)} cannot be read",
                "Write COLUMN=VALUE, such as --where email=a@b.c; repeat --where for more columns or values.",
            )
        value = _literal(whole[3])
        found.setdefault((whole[1] or whole[2]).strip(), []).extend(
            value if isinstance(value, list | tuple | set) else [value]
        )
    if not found:
        raise BadInputError("it is not said whose rows", "Write --where COLUMN=VALUE.")
    return found


def as_stored(where: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every form in which the values can stand in a column: text as number or date, numbers as text."""
    return {
        name: list(dict.fromkeys(form for value in listed(values) for form in _forms(value)))
        for name, values in where.items()
    }


def texts_of(where: Mapping[str, Any]) -> list[str]:
    """The values as they may stand in code."""
    return list(dict.fromkeys(str(value) for values in where.values() for value in listed(values)))


def listed(values: Any) -> list[Any]:
    """One value or several, as a list."""
    return list(values) if isinstance(values, list | tuple | set | frozenset) else [values]


def _literal(text: str) -> Any:
    with contextlib.suppress(ValueError, SyntaxError, MemoryError):
        found = ast.literal_eval(text)
        if isinstance(found, str | int | float | list | tuple | set):
            # 0042 and 1e5 are read as people wrote them: as text and as number
            return found if not isinstance(found, int | float) or str(found) == text else text
    if text[0] in "\"'[(":
        raise BadInputError(
            "a value of a condition begins like Python text or a list, but is not one",
            "Close its quotes and brackets; repeat --where instead of writing `and`.",
        )
    return text


def _forms(value: Any) -> list[Any]:
    import pandas as pd

    if type(value) not in {str, int, float}:
        return [value]
    text = str(value)
    forms: list[Any] = [value, text, text.encode()]
    with contextlib.suppress(ValueError):
        number = float(text)
        forms += [number, *([int(number)] if number.is_integer() else [])]
    if text in {"True", "False"}:
        forms.append(text == "True")
    if re.match(r"\d{4}-\d\d", text):
        with contextlib.suppress(ValueError):
            moment = pd.Timestamp(text)
            forms += [
                moment,
                moment.to_pydatetime(),
                *([moment.date()] if moment == moment.normalize() else []),
            ]
    return forms


def _without_value(text: str) -> str:
    """Only the column: errors do not repeat what is to be forgotten."""
    name = re.split(r"[=<>!]", text)[0].strip()
    return f"on {name!r}" if name and name != text.strip() else "without a column"
