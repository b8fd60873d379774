"""Where a model holds what no file can: an open file, a lock, a generator."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEEPEST = 12


def unwritable(model: Any, error: BaseException, write: Callable[[Any], object]) -> UnsafeModelError:
    """The error for a model that cannot be written: it says which part of it cannot, and where that is.

    Args:
        model: which `write` has refused.
        error: how.
        write: writes a value nowhere, or raises.
    """
    return UnsafeModelError(
        f"the model cannot be written: it holds {culprit(model, write)} ({type(error).__name__})",
        "Open files, locks, connections and generators live in one process only: make them in `predict`, or "
        "leave them out in `__getstate__`; then fit again.",
    )


def culprit(model: Any, write: Callable[[Any], object]) -> str:
    """The innermost part of a model that `write` refuses: its class, and the way to it."""
    place, value = _smallest(model, "", write, _DEEPEST)
    kind = type(value)
    where = f" in {place.lstrip('.')}" if place else ""
    return f"a {kind.__module__}.{kind.__qualname__}{where}"


def _smallest(value: Any, place: str, write: Callable[[Any], object], depth: int) -> tuple[str, Any]:
    """The innermost part that cannot be written, and the way to it."""
    if depth:
        for way, part in _parts(value):
            try:
                write(part)
            except Exception:  # noqa: BLE001 - the objects' own code runs
                return _smallest(part, place + way, write, depth - 1)
    return place, value


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", part) for key, part in value.items() if isinstance(key, str))
    elif isinstance(value, list | tuple):
        yield from ((f"[{at}]", part) for at, part in enumerate(value))
    elif not isinstance(value, type):
        yield from ((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())


class Nowhere(io.RawIOBase):
    """Takes all that is written to it, and keeps nothing."""

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, content: Any, /) -> int:
        """Say that it was written."""
        return len(content)
