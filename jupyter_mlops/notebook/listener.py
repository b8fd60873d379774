"""Who wants to hear of each cell: one listener, beside the session so that nothing heavy is loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_listener: Callable[[], None] | None = None


def on_cell(listener: Callable[[], None] | None) -> None:
    """Have `listener` called after each cell while a session is open; None takes it away."""
    global _listener  # noqa: PLW0603
    _listener = listener


def heard() -> None:
    """Called after each cell."""
    if _listener is not None:
        _listener()
