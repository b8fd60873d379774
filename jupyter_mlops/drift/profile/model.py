"""What is known of a column and of a frame without its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift.profile.categories import Categories
from jupyter_mlops.drift.profile.correlations import Correlations
from jupyter_mlops.drift.profile.ordered import Ordered
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.drift.kinds import Family

FORMAT = 1
"""Raised when an older reader would misread the file; the hash of values is part of it: xxh3-64, seed 0."""


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    Attributes:
        name: its label, as text.
        dtype: its type, as text.
        family: what its values are; "nested" for lists and the like, "unsupported" for values that cannot be
            read as what they seem to be, such as numbers beyond float64.
        rows: of the frame.
        missing: how many rows have no value.
        infinite: how many are infinite.
        categorical: whether the type was pandas' categorical: somebody said so, even of numbers.
        mixed: whether values of several types are in it.
        values: None where there are none, or they are nested or unsupported.
    """

    name: str
    dtype: str
    family: Family
    rows: int
    missing: int
    infinite: int = 0
    categorical: bool = False
    mixed: bool = False
    values: Ordered | Categories | None = None

    def merged(self, other: ColumnProfile) -> ColumnProfile:
        """Both together.

        Raises:
            BadInputError: they hold different things.
        """
        kinds = {self.family, other.family} - {"empty"}
        kept = other if self.family == "empty" else self
        values = kept.values
        if self.values is not None and other.values is not None:
            values = _together(self.values, other.values)
        if len(kinds) > 1 or (kept.values is not None and values is None):
            raise BadInputError(
                "Profiles with different types in one column cannot be merged.",
                "Merge profiles of windows of one table.",
            )
        return replace(
            kept,
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            infinite=self.infinite + other.infinite,
            categorical=self.categorical and other.categorical,
            mixed=self.mixed or other.mixed,
            values=values,
        )

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        data: dict[str, Any] = {
            "name": self.name,
            "dtype": self.dtype,
            "family": self.family,
            "rows": self.rows,
            "missing": self.missing,
        }
        data |= {key: True for key in ("categorical", "mixed") if getattr(self, key)}
        if self.infinite:
            data["infinite"] = self.infinite
        if self.values is not None:
            data["ordered" if isinstance(self.values, Ordered) else "categories"] = self.values.to_dict()
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ColumnProfile:
        """What `to_dict` gave."""
        values: Ordered | Categories | None = None
        if "ordered" in data:
            values = Ordered.from_dict(data["ordered"])
        elif "categories" in data:
            values = Categories.from_dict(data["categories"])
        return cls(
            name=str(data["name"]),
            dtype=str(data["dtype"]),
            family=data["family"],
            rows=int(data["rows"]),
            missing=int(data["missing"]),
            infinite=int(data.get("infinite", 0)),
            categorical=bool(data.get("categorical", False)),
            mixed=bool(data.get("mixed", False)),
            values=values,
        )


@dataclass(frozen=True)
class FrameProfile:
    """One frame: what a comparison needs of it, a few kilobytes a column.

    Attributes:
        rows: how many there are.
        columns: by name, in the frame's order.
        correlations: of its numbers; None where they were not asked for.
    """

    rows: int
    columns: Mapping[str, ColumnProfile]
    correlations: Correlations | None = None

    def merged(self, other: FrameProfile) -> FrameProfile:
        """Of two windows of one table, that of both together; correlations are left out.

        Raises:
            BadInputError: they do not have the same columns with the same kinds of values.
        """
        if set(self.columns) != set(other.columns):
            raise BadInputError(
                "Profiles of frames with different columns cannot be merged.",
                "Merge profiles of windows of one table.",
            )
        columns = {name: mine.merged(other.columns[name]) for name, mine in self.columns.items()}
        return FrameProfile(self.rows + other.rows, columns)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        data: dict[str, Any] = {
            "format": FORMAT,
            "rows": self.rows,
            "columns": [column.to_dict() for column in self.columns.values()],
        }
        if self.correlations is not None:
            data["correlations"] = self.correlations.to_dict()
        return data

    def to_json(self) -> str:
        """`to_dict` as text; the same profile gives the same bytes."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FrameProfile:
        """What `to_dict` gave.

        Raises:
            BadInputError: it is no profile, or one of a later version.
        """

        try:
            if data["format"] != FORMAT:
                raise BadInputError(
                    "The profile was written by a later version of jupyter-mlops.",
                    "Update jupyter-mlops, or make the profile again.",
                )
            columns = [ColumnProfile.from_dict(column) for column in data["columns"]]
            known = data.get("correlations")
            correlations = Correlations.from_dict(known) if known else None
            return cls(int(data["rows"]), {column.name: column for column in columns}, correlations)
        except (KeyError, TypeError, ValueError) as error:
            raise BadInputError(
                "The data is no profile of a frame.", "Give what FrameProfile.to_json wrote."
            ) from error

    @classmethod
    def from_json(cls, text: str | bytes) -> FrameProfile:
        """What `to_json` gave.

        Raises:
            BadInputError: it is no profile, or one of a later version.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise BadInputError(
                "The data is no profile of a frame: it is no JSON.", "Give what FrameProfile.to_json wrote."
            ) from error
        return cls.from_dict(data)


def _together(one: Ordered | Categories, other: Ordered | Categories) -> Ordered | Categories | None:
    if isinstance(one, Ordered) and isinstance(other, Ordered):
        return one.merged(other)
    if isinstance(one, Categories) and isinstance(other, Categories):
        return one.merged(other)
    return None
