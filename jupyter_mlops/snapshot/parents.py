"""The values a recipe may start from: the one that was named, else those that were put last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.forms import form_of
from jupyter_mlops.snapshot.held_memory import HeldMemory, buffers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.snapshot.held_columns import HeldColumns
    from jupyter_mlops.snapshot.taken import Taken

_HELD = 5
_KINDS = {"dataframe", "series", "polars dataframe", "arrow table"}


@dataclass(frozen=True, eq=False)
class _Held:
    digest: str
    value: Any  # while it is held, pandas writes elsewhere, so what `taken` points into stays as it is
    taken: Taken
    texts: HeldColumns


class Parents:
    """A few frames in memory, the newest first, so that their versions need not be read back."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held: list[_Held] = []

    @property
    def texts(self) -> HeldColumns:
        """The text columns of all of them."""
        found: HeldColumns = {}
        for held in reversed(self._held):
            found |= held.texts
        return found

    def hold(self, digest: str, value: Any, taken: Taken, texts: HeldColumns) -> None:
        """Keep a frozen frame, series or table, and let older ones go; memory they share counts once."""
        if taken.kind not in _KINDS:
            return
        others = [held for held in self._held if held.digest != digest]
        memory, kept = HeldMemory(), []
        for held in [_Held(digest, value, taken, texts), *others][:_HELD]:
            memory.add(buffers_of(held.value))
            if memory.bytes > self._most:
                break
            kept.append(held)
        self._held = kept

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
