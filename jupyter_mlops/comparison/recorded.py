"""A run with all that is recorded of it, as far as it can still be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.tracking.read_runs import run_slice
from jupyter_mlops.tracking.whole_run import RunInput, read_whole_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run

    T = TypeVar("T")

NO_CODE = "its code was not recorded"
FILE = "file"
"""The kind of a file among data; it is known by the digest of its content only."""
GONE = "its files cannot be read any more"


@dataclass(frozen=True)
class Recorded:
    """A run, its experiment, its data with the files that its code starts from, and its code.

    `home` leads to its store. `code` is None where it is not known; then `no_code` says why in a few words,
    and else it is empty.
    """

    home: Settings
    run: Run
    experiment: str
    data: tuple[RunInput, ...]
    code: Slice | None
    no_code: str = ""


def read_recorded(settings: Settings, run: Run) -> Recorded:
    """Read what belongs to a run; files that are gone are said in it, not raised.

    Raises:
        NotFoundError: the store has no such run.
        StoreError: the store cannot be used.
    """
    whole = read_whole_run(settings, run)
    run = whole.run
    if not (run.is_ours or run.tags.get("mlops.recorded_in")):
        return Recorded(settings, run, whole.experiment, whole.data, None, NO_CODE)
    code = if_there(lambda: run_slice(settings, run))
    if code is None:
        return Recorded(settings, run, whole.experiment, whole.data, None, GONE)
    files = tuple(
        RunInput(file.path, file.digest, FILE) for file in code.files if file.digest and not file.is_made
    )
    return Recorded(settings, run, whole.experiment, (*whole.data, *files), code)


def if_there(read: Callable[[], T]) -> T | None:
    """What `read` gives; None where the file it reads is gone or damaged, or its store is away."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - each artifact store fails in its own way, and each damaged file
        return None
