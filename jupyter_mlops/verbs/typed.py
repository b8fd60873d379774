"""Commands as people type them, and runs as these name them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.tracking.read_runs import find_run

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run

_LAST = "last"


def typed(*words: str) -> str:
    """The line that asks for this in a notebook, quoted where it must be."""
    return f"%mlops {shlex.join(words)}"


def reference_to(settings: Settings, run: Run) -> str:
    """A text that verbs find exactly this run by: its name, or its id where a newer run has the name.

    Raises:
        StoreError: the tracking store cannot be used.
    """
    if run.name == _LAST or run.name != " ".join(run.name.split()):
        return run.run_id
    try:
        is_found = find_run(settings, run.name).run_id == run.run_id
    except NotFoundError:  # an archived or deleted one is found by its id
        is_found = False
    return run.name if is_found else run.run_id
