"""``auc >= 0.9``: a metric, a sign, a number."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FORM = re.compile(r"\s*(?P<metric>.*[^\s<>=!])\s*(?P<sign>>=|<=|>|<)\s*(?P<limit>[^\s<>=!]+)\s*")


@dataclass(frozen=True)
class Requirement:
    """What a metric must be."""

    metric: str
    sign: str
    limit: float

    @property
    def text(self) -> str:
        """As people write it: ``auc >= 0.9``."""
        return f"{self.metric} {self.sign} {self.limit:g}"

    def is_met(self, value: float) -> bool:
        """False for a value that is not a number, too."""
        return _SIGNS[self.sign](value, self.limit)


def parse_requirement(text: str) -> Requirement | None:
    """Read ``auc >= 0.9``; None if it is something else."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    try:
        limit = float(found["limit"])
    except ValueError:
        return None
    return Requirement(found["metric"], found["sign"], limit) if limit - limit == 0 else None
