"""What a frame is expected to be like: a line a column and kind, kept as a file that people can edit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Kind = Literal[
    "rows", "columns", "type", "missing", "range", "categories", "unique", "whole numbers", "finite"
]
Severity = Literal["fail", "warn"]
FORMAT = 1
"""Raised when an older reader would misread the file."""

NEEDED: dict[Kind, dict[str, type | tuple[type, ...]]] = {
    "rows": {},
    "columns": {},
    "type": {"family": str, "dtype": str},
    "missing": {"share": (int, float)},
    "range": {
        "low": (int, float),
        "high": (int, float),
        "at_low": int,
        "at_high": int,
        "rows": int,
        "family": str,
    },
    "categories": {"values": list, "share": (int, float)},
    "unique": {},
    "whole numbers": {"finite": bool},
    "finite": {},
}
"""The limits that each kind must have."""
_WITH_VALUES = frozenset({"range", "categories"})


@dataclass(frozen=True)
class Expectation:
    """One thing that is expected of one column.

    Attributes:
        column: its name, as text; empty for the frame as a whole.
        kind: what is looked at.
        expected: it in words.
        severity: the worst that breaking it can be.
        why: what in the reference says so, or why it is no more than a warning; may be empty.
        limits: the figures, by name; see `NEEDED`.
    """

    column: str
    kind: Kind
    expected: str
    severity: Severity = "fail"
    why: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Expectations:
    """Of one frame.

    Attributes:
        rows: how many rows of a reference they come from.
        columns: the names of all columns that are expected, in order.
        each: the expectations.
    """

    rows: int
    columns: tuple[str, ...]
    each: tuple[Expectation, ...]

    def without_values(self, columns: Collection[str]) -> Expectations:
        """The same without values of some columns: neither ranges nor categories are expected of these."""
        kept = (one for one in self.each if one.column not in columns or one.kind not in _WITH_VALUES)
        return replace(self, each=tuple(kept))

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "expectations": FORMAT,
            "rows": self.rows,
            "columns": list(self.columns),
            "checks": [asdict(one) for one in self.each],
        }

    def to_json(self) -> str:
        """`to_dict` as text, a value a line, for people to read and edit."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Expectations:
        """What `to_dict` gave, perhaps edited.

        Raises:
            BadInputError: it is something else, of a later version, or was edited into what cannot be read.
        """
        try:
            if int(data["expectations"]) > FORMAT:
                raise BadInputError(
                    "The expectations were written by a later version of jupyter-mlops.",
                    "Update jupyter-mlops, or make the expectations again.",
                )
            columns = tuple(str(name) for name in data["columns"])
            return cls(int(data["rows"]), columns, tuple(_read(one) for one in data["checks"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInputError(
                "The data is no file of expectations.", "Give what `validate --save` wrote."
            ) from error


def _read(data: Mapping[str, Any]) -> Expectation:
    found = Expectation(**data)
    if found.kind not in NEEDED or found.severity not in get_args(Severity):
        raise _wrong(found, "has an unknown kind or severity")
    for name, kinds in NEEDED[found.kind].items():
        value = found.limits.get(name)
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise _wrong(found, f"has no usable limit {name!r}")
    return found


def _wrong(found: Expectation, what: str) -> BadInputError:
    place = f" of column {found.column!r}" if found.column else ""
    return BadInputError(
        f"An expectation{place} {what}.", "Correct it in the file, or make the file again with --save."
    )
