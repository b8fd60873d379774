"""`slice`: the code behind a result, run again in a clean process before it is shown."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.lineage.checked import check_slice
from jupyter_mlops.lineage.replay import Terms
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.limits import parse_limits
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.sliced import find_target

if TYPE_CHECKING:
    from collections.abc import Collection

    from jupyter_mlops.lineage.slice import Slice


def slice(  # noqa: A001 - the field's word for it
    what: str,
    *,
    check: bool = True,
    timeout: float = 600.0,
    memory: int | str | None = None,
    allow: Collection[str] = (),
    progress: Progress = silent,
) -> Slice:
    """The statements that made a result, as a script that gives it again.

    The executions that are known to be needed are run again in a clean process, statement by statement; what
    nothing needs is left out, and what remains is run again and compared. If that gives another result, whole
    executions are tried, then all of them; `Slice.rung` and `Slice.said` tell which it was.

    Args:
        what: a variable such as ``model``, a version of one such as ``df@3``, an executed cell such as
            ``In[7]``, or a run by its name, id, the beginning of its id, or ``last``. A run goes before a
            variable of the same name; ``NAME@VERSION`` is always the variable.
        check: run it; without, the slice has whole executions, and says that it was not run.
        timeout: seconds that each of these processes may take.
        memory: what each may use, in bytes or such as ``8GB``; most of what is free unless given.
        allow: what the code may use again, if its cells did: ``network``, ``credentials``.
        progress: told what happens and the share that is done.

    Returns:
        The slice: ``.code``, ``.cells``, ``.sources`` (files it starts from), ``.removed`` (what was left
        out, and why), ``.rung`` (None if the code did not give the recorded result).

    Raises:
        BadInputError: a cell or a variable is meant, and nothing is tracked in this process; or `memory` or
            `allow` cannot be.
        NotFoundError: no such cell, variable, version or run; the nearest is offered.
        StoreError: the tracking store cannot be used.
    """
    target, folder = find_target(load_settings(), what)
    if not check:
        return target.code
    most, allowed = parse_limits(memory, allow)
    with tempfile.TemporaryDirectory(prefix="mlops-slice-") as scratch:
        checked = check_slice(target, Terms(folder, Path(scratch), timeout, most, allowed), progress=progress)
    progress("done", 1.0)
    if checked.error is not None and checked.replayed is None:
        return replace(checked.code, said=f"NOT run to its end in a clean process: {checked.error.what}")
    return checked.code
