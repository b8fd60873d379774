"""A run as it was recorded, and what of it a replay is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.lineage.from_snapshots import Start, without_changed_files
from jupyter_mlops.lineage.replay import Wanted, changed_files
from jupyter_mlops.tracking.read_runs import Run, find_run, run_record, run_slice
from jupyter_mlops.verbs.kept import is_masked, kept_in

if TYPE_CHECKING:
    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot import SnapshotStore


@dataclass(frozen=True)
class RecordedRun:
    """A run as it was recorded."""

    run: Run
    record: CellRecord
    code: Slice
    folder: Path
    """Where it runs again: where it ran, or here if that is gone."""
    targets: frozenset[int]
    """Serials of the executions whose facts the run holds."""


def find_recorded(settings: Settings, reference: str) -> RecordedRun:
    """A run by name, id, the beginning of its id, or ``last``.

    Raises:
        BadInputError: it was interrupted.
        NotFoundError: there is none, or its code was not recorded.
    """
    found = find_run(settings, reference)
    record, code = run_record(settings, found), run_slice(settings, found)
    if record.status == "interrupted":
        raise BadInputError(
            f"the run {found.name!r} was interrupted, so there is nothing to compare with",
            "Run its cell again to the end, and reproduce that run.",
        )
    told = Path(found.tags.get("mlops.folder", "."))
    serials = found.tags.get("mlops.serials", "").split() or [str(record.serial)]
    folder = told if told.is_dir() else Path.cwd()
    return RecordedRun(found, record, code, folder, frozenset(map(int, serials)))


def prepare(
    then: RecordedRun, store: SnapshotStore, *, fresh_data: bool
) -> tuple[Slice, tuple[Start, ...], list[str]]:
    """The code to run, cells whose files have changed, and those of the files that are gone."""
    changed = changed_files(then.code, then.folder)
    gone = [path for path in changed if not (then.folder / path).exists()]

    kept = (lambda digest: False) if fresh_data else kept_in(store)
    code, starts = without_changed_files(then.code, changed, kept, then.targets)
    return code, starts, gone


def wanted(settings: Settings, then: RecordedRun, store: SnapshotStore) -> Wanted:
    """All facts of the run, and predictions of its models that were kept, on rows that were kept."""
    record, facts = then.record, then.record.run
    data = facts.datasets if facts else ()
    stored = {each.name: each.digest for each in data if each.digest in store}
    models: dict[str, tuple[str, str]] = {}
    for each in facts.estimators if facts else ():
        rows = next((stored[name] for name in (each.scored_on, each.fit_on) if name in stored), None)
        if each.digest in store and rows and not is_masked(store, rows):
            models[each.name] = (str(each.digest), rows)
            store.bring(str(each.digest))  # the clean process reads the project's own folder only
            store.bring(rows)
    return Wanted(
        None,
        tuple(facts.metrics) if facts else (),
        settings.snapshots,
        names=tuple(each.name for each in data),
        facts=(tuple(record.reads), tuple(record.writes)),
        earlier=tuple(then.targets - {then.code.cells[-1].serial}),
        models=models,
    )
