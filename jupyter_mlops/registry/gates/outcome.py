"""Words and data that gates are made of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.registry.evidence import Gate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

SHOWN = 3


def gate(
    name: str, outcome: Literal["passed", "warned", "failed", "skipped"], figure: str, **details: Any
) -> Gate:
    """A gate whose details are plain data for JSON."""
    return Gate(name, outcome, figure, {key: plain(value) for key, value in details.items()})


def plain(value: Any) -> Any:
    """Numbers of NumPy as Python's, tuples as lists; what is not a finite number is None."""
    if hasattr(value, "items"):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def listed(words: Sequence[str]) -> str:
    """The first three, and how many more."""
    more = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def percent(share: float) -> str:
    """``3.1 %``."""
    return f"{100 * share:.3g} %"


def milliseconds(seconds: float) -> str:
    """``1.3 ms``."""
    return f"{1000 * seconds:.3g} ms"
