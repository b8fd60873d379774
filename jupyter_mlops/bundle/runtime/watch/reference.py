"""``reference.json``: how often values stood in each bin when the model was trained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problems import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "reference.json"


@dataclass(frozen=True)
class Ordered:
    """Numbers, or points in time as microseconds since 1970 (UTC).

    Attributes:
        cuts: inner edges of the bins, ascending; a bin holds its upper edge, the last one has none.
        counts: of training's values, one more than there are cuts.
        low: training's smallest finite value; None if there was none.
        high: its largest.
        missing: training's rows without a value.
    """

    cuts: np.ndarray[Any, Any]
    counts: np.ndarray[Any, Any]
    low: float | None
    high: float | None
    missing: int


@dataclass(frozen=True)
class Categories:
    """Text, or true and false.

    Attributes:
        names: the most common values in training.
        counts: their counts.
        others: the count of all other values; with 0, a value without a name here is one training never saw.
        missing: training's rows without a value.
    """

    names: tuple[Any, ...]
    counts: np.ndarray[Any, Any]
    others: int
    missing: int


Profile = Ordered | Categories


@dataclass(frozen=True)
class Reference:
    """The profile of each column by name, and that of the model's predictions on training's rows."""

    rows: int
    columns: Mapping[str, Profile]
    predictions: Profile | None


NOTHING = Reference(0, {}, None)


def read_reference(folder: Path) -> Reference:
    """Read the file, if the bundle has one. Raises StartError when it is something else."""
    file = folder / FILE
    if not file.exists():
        return NOTHING
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        columns = {str(each["name"]): _profile(each) for each in document["columns"]}
        predictions = document.get("predictions")
        return Reference(int(document["rows"]), columns, _profile(predictions) if predictions else None)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StartError(f"{FILE} cannot be read, or is no profile.", "Export the bundle again.") from error


def _profile(each: Mapping[str, Any]) -> Profile:
    counts, missing = np.array(each["counts"], dtype=np.int64), int(each["missing"])
    if each["kind"] == "category":
        names = tuple(each["categories"])
        if len(counts) != len(names):
            raise ValueError("one count a category")
        return Categories(names, counts, int(each["others"]), missing)
    cuts = np.array(each["cuts"], dtype=np.float64)
    if len(counts) != len(cuts) + 1:
        raise ValueError("one count a bin")
    return Ordered(cuts, counts, each["minimum"], each["maximum"], missing)
