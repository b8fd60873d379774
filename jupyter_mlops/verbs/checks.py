"""One thing that `doctor` looked at, and the words the checks share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_mlops.errors import MlopsError


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    `outcome` is ``passed``; ``warned`` if it was mended or only needs to be known; ``failed`` if something
    is wrong that could not be mended. `figure` says in a few words how it stands, `advice` what to do about
    it; `data` is for programs.
    """

    outcome: str
    what: str
    figure: str
    data: Any = None
    advice: str = ""


def advice_on(problem: MlopsError | None) -> str:
    """What to do about a problem; without one, only time was missing."""
    return f"{problem.what.rstrip('.')}. {problem.fix}" if problem else "A cell ended just now: ask again."


def count(number: int, noun: str) -> str:
    """The noun in singular or plural."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def megabytes(size: int) -> str:
    """Rounded up to whole megabytes: small changes are no news."""
    return f"{-(-size // 1_000_000)} MB"
