"""Running a slice again in a clean process, and saying whether it gave the same result."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.asked import NETWORK, refuse_asked
from jupyter_mlops.lineage.clean_process import Limits, run_apart
from jupyter_mlops.lineage.memory_used import MORE_MEMORY, most_memory, needs_more
from jupyter_mlops.lineage.mirror import mirror
from jupyter_mlops.lineage.record import run_from_dict
from jupyter_mlops.lineage.replay_store import replay_environment
from jupyter_mlops.notebook.files_used import is_unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.lineage.record import RunFacts
    from jupyter_mlops.lineage.slice import Slice

WORKER = "jupyter_mlops.notebook.replay_worker"
_BAD_ALLOC = b"std::bad_alloc"  # the last words of C++ without memory


@dataclass(frozen=True)
class Wanted:
    """What to bring back: digests of names, numbers, a model by name, and its predictions on a stored frame.

    `metrics` are the recorded names: of top-level numbers, of ``name.key`` in flat dicts, or of the call
    whose result the last cell showed.
    """

    model: str | None
    metrics: tuple[str, ...]
    snapshots: Path
    rows: str | None = None
    """Digest of the frame to predict on."""
    names: tuple[str, ...] = ()
    """Variables whose content is compared."""
    facts: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    """Names that the last cell read, and those it wrote, if all facts of it are wanted."""
    earlier: tuple[int, ...] = ()
    """Serials of earlier cells whose facts are wanted with them."""
    fitted: tuple[tuple[str, str | None], ...] = ()
    """What the code gave the model to learn from, as `model_data` finds it; the rows are brought back."""
    measured: tuple[tuple[str, str | None], ...] = ()
    """The same of what it was measured by."""
    models: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """With facts: by variable the digests of a kept model, and of rows to compare predictions on."""


@dataclass(frozen=True)
class Restored:
    """A random generator that a cell found in another state than in the notebook, and that was set back.

    `is_start` is True where that was to be expected: no code of the slice makes the state.
    """

    cell: str
    name: str
    is_start: bool


@dataclass(frozen=True)
class Replayed:
    """What the clean process gave. The two files are pickles that this process's child just wrote."""

    model_digest: str | None
    metrics: dict[str, float]
    predictions: list[Any]
    probabilities: list[list[float]] | None
    seconds: float
    model_file: Path = field(repr=False)
    rows_file: Path | None = field(default=None, repr=False)
    """By ``training`` and ``holdout`` the features, the answers, and how the code calls them."""
    digests: dict[str, str | None] = field(default_factory=dict)
    """Of the names that were asked for; those that did not come out of it are not there."""
    restored: tuple[Restored, ...] = ()
    changed_files: tuple[str, ...] = ()
    """Files that the cells read and that are no longer what they were then."""
    facts: RunFacts | None = None
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By variable what `compare_rows` found, or ``why`` that cannot be said."""
    ended: str | None = None
    """Type of the error that the last cell ended with."""
    bound: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By serial, the names that were bound to kept values."""


@dataclass(frozen=True)
class Traced:
    """What a replay gave for each statement: its record as plain data, and the number of its cell."""

    events: list[dict[str, Any]]
    restored: set[tuple[str, str]]
    """Cells, and the random generators that were set back before them."""


@dataclass(frozen=True)
class Terms:
    """Where code runs again and what it may take.

    `folder` is where the notebook ran, so that relative paths mean the same; `scratch` is an empty folder of
    ours, for what comes back. The process and its children may take `timeout` seconds and together `memory`
    bytes (most of what is free when None), and use again what is in `allow`: ``network``, ``credentials``.
    `python` is the interpreter.
    """

    folder: Path
    scratch: Path
    timeout: float = 600.0
    memory: int | None = None
    allow: frozenset[str] = frozenset()
    python: str = sys.executable


def replay(
    code: Slice,
    wanted: Wanted,
    terms: Terms,
    *,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> Replayed:
    """Run `code` in a new Python process; it may write only below `terms.scratch`.

    If its cells write files, it runs in a view of the folder below the scratch one (`mirror.py`), else in the
    folder itself.

    Args:
        code: the slice to run.
        wanted: what to bring back.
        terms: where it runs, and what it may take.
        on_cell: told after each cell how many of how many are done.

    Raises:
        ReproduceError: a cell failed, wrote files of the user's, asked for what is not allowed, or took
            too long or too much memory; the error says which.
    """
    last = _run(code, {"trace": False, **vars(wanted)}, terms, on_cell)
    return Replayed(
        model_digest=last["model_digest"],
        metrics=last["metrics"],
        predictions=last["predictions"],
        probabilities=last["probabilities"],
        seconds=last["seconds"],
        model_file=Path(last["model_file"]),
        rows_file=Path(last["rows_file"]) if last["rows_file"] else None,
        digests=last["digests"],
        restored=tuple(Restored(**item) for item in last["restored"]),
        changed_files=_changed_and_read(code, terms.folder),
        facts=run_from_dict(last["facts"]) if "facts" in last else None,
        models=last.get("models", {}),
        ended=last["ended"],
        bound={int(serial): tuple(names) for serial, names in last["bound"].items() if names},
    )


def trace(
    code: Slice,
    snapshots: Path,
    terms: Terms,
    *,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
    hash_seed: int | None = None,
) -> Traced:
    """Run `code` statement by statement in a new Python process, as `replay` does.

    Args:
        code: the slice to run.
        snapshots: the store that has the values which cells begin from.
        terms: where it runs, and what it may take.
        on_cell: told after each cell how many of how many are done.
        hash_seed: Python's ``PYTHONHASHSEED``.

    Raises:
        ReproduceError: as `replay`.
    """
    events: list[dict[str, Any]] = []
    task = {"trace": True, "snapshots": snapshots}
    last = _run(code, task, terms, on_cell, on_statement=events.append, hash_seed=hash_seed)
    return Traced(events, {(cell, name) for cell, name in last["traced"]})


def _ignore(event: dict[str, Any]) -> None:
    """A replay of whole cells has no events of statements."""


def _run(
    code: Slice,
    asked: Mapping[str, Any],
    terms: Terms,
    on_cell: Callable[[int, int], None],
    on_statement: Callable[[dict[str, Any]], None] = _ignore,
    hash_seed: int | None = None,
) -> dict[str, Any]:
    """Give the task to a worker; returns its last event, which is no error."""
    refuse_asked(code.cells, terms.allow)
    if not terms.folder.is_dir():
        raise ReproduceError(
            f"the folder {terms.folder}, where the notebook ran, is gone",
            "Put it back, or run the notebook again where it is now.",
        )
    terms.scratch.mkdir(parents=True, exist_ok=True)
    limits = Limits(terms.timeout, terms.memory or most_memory())
    task = terms.scratch / "task.json"
    task.write_text(
        json.dumps(
            {
                "cells": [vars(cell) for cell in code.cells],
                "scratch": str(terms.scratch),
                "folder": str(terms.folder),
                "parent": os.getpid(),
                "memory": limits.memory,
                "network": NETWORK in terms.allow,
                **asked,
            },
            default=str,
        ),
        "utf-8",
    )
    seeds = {} if hash_seed is None else {"PYTHONHASHSEED": str(hash_seed)}
    view = mirror(terms.folder, code.files, terms.scratch)
    last = _run_worker(task, terms.python, view, limits, on_cell, on_statement, seeds)
    if last.get("error"):
        changed = _changed_and_read(code, terms.folder)
        raise ReproduceError(last["error"], put_back(changed) if changed else last["fix"])
    return last


def put_back(changed: tuple[str, ...]) -> str:
    """What to do about files that are no longer what the cells read."""
    names = ", ".join(changed[:3]) + (" and others" if len(changed) > 3 else "")
    verb = "is" if len(changed) == 1 else "are"
    return f"{names} {verb} not what the notebook read: put the old content back, or run its cells again."


def changed_files(code: Slice, folder: Path) -> tuple[str, ...]:
    """Files from elsewhere that hold something else by now; one that the cells wrote to is such a file."""
    return tuple(
        file.path
        for file in code.files
        if not file.is_made
        and (not is_unchanged(str(folder / file.path), file.digest) if file.digest else file.is_written)
    )


def _changed_and_read(code: Slice, folder: Path) -> tuple[str, ...]:
    """Those that cells read all the same: for the others, kept values stand in."""

    def is_read(path: str) -> bool:
        readers = [cell for cell in code.cells if path in cell.reads]
        return not readers or any(not cell.stored for cell in readers)

    return tuple(path for path in changed_files(code, folder) if is_read(path))


def _run_worker(
    task: Path,
    python: str,
    folder: Path,
    limits: Limits,
    on_cell: Callable[[int, int], None],
    on_statement: Callable[[dict[str, Any]], None],
    environment: dict[str, str],
) -> dict[str, Any]:
    """Start the worker and read its events; the last one is the result or the error."""
    scratch = task.parent
    temporary = scratch / "tmp"
    temporary.mkdir()
    last: list[dict[str, Any]] = [{}]

    def hear(line: str) -> None:
        event = last[0] = json.loads(line)
        if "done" in event:
            on_cell(event["done"], event["total"])
        elif "statement" in event:
            on_statement(event)

    kept = replay_environment(scratch)
    if python != sys.executable:
        kept.pop("VIRTUAL_ENV", None)  # IPython would take its packages for the other interpreter's
    errors = scratch / "stderr.txt"
    ended = run_apart(
        [python, "-m", WORKER, str(task)],
        folder=folder,
        environment={
            **kept,
            **environment,
            "MPLBACKEND": "agg",
            "PLOTLY_RENDERER": "json",
            "TMPDIR": str(temporary),
            "IPYTHONDIR": str(scratch / "ipython"),  # where `%cd` and `%bookmark` keep notes
        },
        errors=errors,
        limits=limits,
        on_line=hear,
    )
    if last[0].keys() & {"model_digest", "traced", "error"}:
        return last[0]
    if ended.beyond == "time":
        raise ReproduceError(
            f"the code was still running after {limits.seconds:.0f} seconds in a clean process",
            "Give it longer with --timeout, or track a smaller training cell.",
        )
    if ended.beyond == "memory" or _BAD_ALLOC in errors.read_bytes():
        raise ReproduceError(f"the code {needs_more(limits.memory)}", MORE_MEMORY)
    raise ReproduceError(
        f"the clean process ended with exit code {ended.code} before it was done",
        "Check free memory, and that the code runs after `Restart kernel`.",
    )
