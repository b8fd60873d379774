"""The shell of this process, for what a view asks: no magic hands it over then."""

from __future__ import annotations

import sys
from typing import Any


def shell_here() -> Any:
    """IPython's shell; None where there is none, and IPython is not imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
