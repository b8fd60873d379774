"""Input in a kernel: it comes as messages, of which Python announces nothing.

`input` and `getpass` are replaced by methods of the kernel there, and both end in one that sends the request:
that one is watched.
"""

from __future__ import annotations

import sys
from typing import Any

from jupyter_mlops.lineage.asked import CREDENTIALS, INPUT
from jupyter_mlops.notebook.asked import is_the_cells
from jupyter_mlops.notebook.opened import note_asked

_REQUEST = "_input_request"


class InputSeen:
    """Watches one kernel's requests for input, until it is closed; without a kernel it does nothing."""

    def __init__(self, shell: object) -> None:
        self._kernel: Any = getattr(shell, "kernel", None)
        self._request: Any = getattr(self._kernel, _REQUEST, None)
        if self._request is not None:
            setattr(self._kernel, _REQUEST, self._ask)

    def close(self) -> None:
        """Watch no longer."""
        if self._request is not None and vars(self._kernel).get(_REQUEST) == self._ask:
            delattr(self._kernel, _REQUEST)

    def _ask(self, *arguments: Any, **options: Any) -> Any:
        if is_the_cells(sys._getframe(1)):
            note_asked((INPUT, CREDENTIALS) if options.get("password") else (INPUT,))
        return self._request(*arguments, **options)
