"""A progress bar in the cell's output, for verbs that take seconds; it leaves one stable line behind."""

from __future__ import annotations

import html
from typing import Any


class Bar:
    """Shown at the first call, updated in place; text without figures, so that saved outputs are stable."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._handle: Any = None

    def __call__(self, text: str, share: float) -> None:
        """Show `text` and the share done, from 0 to 1."""
        from IPython.display import display

        filled = html.escape(text)
        bar = (
            f'<div role="status"><progress max="1" value="{share:.2f}" '
            f'aria-label="{html.escape(self._title)}"></progress> {filled}</div>'
        )
        if share >= 1:
            bar = '<div hidden=""></div>'  # done: the result below says the rest
        data = {"text/plain": f"{self._title} …", "text/html": bar}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)
