"""The values a recipe may start from: the one that was named, else those that were put last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.snapshot.taken import Taken

_HELD = 5


@dataclass(frozen=True, eq=False)
class _Held:
    digest: str
    value: Any  # while it is held, pandas writes elsewhere, so what `taken` points into stays as it is
    taken: Taken
    size: int


class Parents:
    """A few frames in memory, the newest first, so that their versions need not be read back."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held: list[_Held] = []

    def hold(self, digest: str, value: Any, taken: Taken) -> None:
        """Keep a frozen frame or series, and let older ones go."""
        if taken.kind not in {"dataframe", "series"}:
            return
        others = [held for held in self._held if held.digest != digest]
        held = [_Held(digest, value, taken, _bytes_of(value)), *others][:_HELD]
        while held and sum(one.size for one in held) > self._most:
            held.pop()
        self._held = held

    def __iter__(self) -> Iterator[Taken]:
        return (held.taken for held in self._held)

    def find(self, digest: str) -> Taken | None:
        """The value with that digest, if it is held."""
        return next((held.taken for held in self._held if held.digest == digest), None)

    def clear(self) -> None:
        """Let all go."""
        self._held = []


def frozen(value: Any) -> Any:
    """The value as it is now: a shallow copy for pandas, which copies on write; other values themselves."""
    import pandas as pd

    return value.copy(deep=False) if type(value) in {pd.DataFrame, pd.Series} else value


def _bytes_of(value: Any) -> int:
    return int(np.sum(value.memory_usage(index=True)))
