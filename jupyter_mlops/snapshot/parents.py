"""The values a recipe may start from: the one that was named, else those that were put last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.snapshot.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        """Keep a frozen frame, series or table, and let older ones go."""
        size = _bytes_of(taken.kind, value)
        if size is None:
            return
        others = [held for held in self._held if held.digest != digest]
        held = [_Held(digest, value, taken, size), *others][:_HELD]
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
    """The value as it is now: a shallow copy where writers make copies; other values themselves."""
    form = form_of(type(value))
    if form is not None and form.kind in {"dataframe", "series"}:
        return value.copy(deep=False)
    if form is not None and form.kind in {"polars dataframe", "polars series"}:
        return value.clone()
    return value


_SIZES: dict[str, Callable[[Any], float]] = {
    "dataframe": lambda value: np.sum(value.memory_usage(index=True)),
    "series": lambda value: value.memory_usage(index=True),
    "polars dataframe": lambda value: value.estimated_size(),
    "arrow table": lambda value: value.nbytes,
}


def _bytes_of(kind: str, value: Any) -> int | None:
    """What a value keeps in memory; None for kinds that are not held."""
    return int(_SIZES[kind](value)) if kind in _SIZES else None
