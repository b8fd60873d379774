"""Where the rules of the gates are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings

GATES = "gates.yaml"


def gate_file(settings: Settings, named: Path | str | None) -> Path | None:
    """The file that was named, else that of the project, else None: the defaults hold."""
    if named is not None:
        return Path(named)
    found = settings.project / GATES
    return found if found.is_file() else None
