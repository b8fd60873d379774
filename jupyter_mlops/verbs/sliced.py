"""What a slice is asked for: a variable's version, an executed cell, or a run; and how it is known again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, NotFoundError, did_you_mean
from jupyter_mlops.lineage.checked import Target
from jupyter_mlops.lineage.from_snapshots import without_changed_files
from jupyter_mlops.lineage.prune import Goal
from jupyter_mlops.lineage.replay import Wanted, changed_files
from jupyter_mlops.lineage.slice import Slice, slice_cell, slice_cells, slice_name
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.registry.verify import Recorded, verify
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import find_run, run_record, run_slice
from jupyter_mlops.verbs.kept import kept_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.lineage.checked import Judge
    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.lineage.replay import Replayed
    from jupyter_mlops.notebook.session import Session
    from jupyter_mlops.settings import Settings

_CELL = re.compile(r"In\[(\d+)\]")
_VERSION = re.compile(r"([^\W\d]\w*)(?:@(\d+))?")


def find_target(settings: Settings, what: str) -> tuple[Target, Path]:
    """What the code of something must give again, and the folder where it ran.

    Args:
        settings: the project.
        what: ``In[7]``, a variable such as ``model``, a version of one such as ``df@3``, or a run by its
            name, id, the beginning of its id, or ``last``. A run goes before a variable of the same name.

    Raises:
        BadInputError: a cell or a version, and nothing is tracked in this process.
        NotFoundError: no such cell, variable, version or run; the nearest is offered.
        StoreError: the tracking store cannot be used.
    """
    target, folder = _found(settings, what)
    return from_kept(settings, target, folder), folder


def _found(settings: Settings, what: str) -> tuple[Target, Path]:
    session = current_session()
    cell, version = _CELL.fullmatch(what), variable_meant(what)
    if cell:
        tracked = _tracked(session, what)
        return _of_cell(tracked, int(cell[1])), tracked.folder
    if version:
        tracked = _tracked(session, what)
        return _of_name(tracked, *version), tracked.folder
    sync(settings)
    run = find_run(settings, what)
    record = run_record(settings, run)
    target = of_run(record, run_slice(settings, run), settings.snapshots, log=_log(session, run.tags, record))
    return target, Path(run.tags.get("mlops.folder", "."))


def variable_meant(what: str) -> tuple[str, str | None] | None:
    """The name, and the number of a version if one is given, where a variable is meant and no run."""
    session, version = current_session(), _VERSION.fullmatch(what)
    if version and (version[2] or (session and _is_variable(session.records, version[1]))):
        return version[1], version[2]
    return None


def from_kept(settings: Settings, target: Target, folder: Path) -> Target:
    """The target with cells that begin from snapshots, where a file they read is no longer what it was."""
    session = current_session()
    changed = changed_files(target.code, folder)
    if not changed:
        return target
    if session is not None:
        session.keeper.drain()
    targets = {target.code.cells[-1].serial} if target.goal.whole or target.judge else set()
    code, starts = without_changed_files(target.code, changed, kept_in(project_store(settings)), targets)
    names = tuple(sorted({name for start in starts for name in start.names}))
    return replace(target, code=code, begins_with=names, log=None if names else target.log)


def of_run(
    record: CellRecord, code: Slice, snapshots: Path, *, model: str | None = None, log: Slice | None = None
) -> Target:
    """What the code of a run must give again: its metrics and its models.

    Args:
        record: the run's execution.
        code: the executions it needs.
        snapshots: the project's store.
        model: the only model that counts, by its variable; all that the cell fitted when None.
        log: all executions of the session, where they are known.
    """
    facts = record.run
    metrics = dict(facts.metrics) if facts else {}
    models = {
        found.name: found.digest
        for found in (facts.estimators if facts else ())
        if found.name == model or (model is None and (found.fitted_here or not metrics))
    }
    known = record.writes.keys() | record.reads.keys()
    owners = {name: name.partition(".")[0] for name in metrics}
    shown = any(owner not in known for owner in owners.values())
    names = models.keys() | (set(owners.values()) & known)
    goal = Goal(frozenset(names), whole=frozenset() if names else frozenset({record.serial}), shown=shown)

    wanted = Wanted(None, tuple(metrics), snapshots, names=tuple(models))
    return Target(code, goal, wanted, models, judge_of(Recorded(None, metrics)) if metrics else None, log)


def judge_of(recorded: Recorded) -> Judge:
    """Tells which checks of `verify` fail, and their figures."""

    def judge(found: Replayed) -> list[str]:
        checks = verify(recorded, found)
        return [f"{check.what}: {check.figure}" for check in checks if check.outcome == "failed"]

    return judge


def _of_cell(session: Session, count: int) -> Target:
    """The cell as a whole: what it read and made must be what it was, so that it shows the same."""
    records = session.records
    found = [record for record in records if record.count == count and record.kind == "cell"]
    if not found:
        raise NotFoundError(
            f"no execution In[{count}] is known in this session",
            "`%mlops track on` takes cells from the history, as far as the kernel has it.",
        )
    record = found[-1]
    recorded = _digests(records, record)
    wanted = Wanted(None, (), session.settings.snapshots, names=tuple(recorded))
    code = slice_cell(records, record.serial)
    return Target(
        code, Goal(whole=frozenset({record.serial})), wanted, recorded, log=_all(records, record.serial)
    )


def _digests(records: Sequence[CellRecord], record: CellRecord) -> dict[str, str | None]:
    """Digests of the variables that an execution read or made, as they were after it."""
    made: Mapping[tuple[str, int], str | None] = {
        (name, write.version): write.digest for each in records for name, write in each.writes.items()
    }
    found = {name: made[name, version] for name, version in record.reads.items() if made.get((name, version))}
    found |= {name: write.digest for name, write in record.writes.items() if write.digest}
    gone = {name for name, write in record.writes.items() if write.kind == "delete"}
    return {name: digest for name, digest in found.items() if name[:1] != "<" and name not in gone}


def _of_name(session: Session, name: str, number: str | None) -> Target:
    records = session.records
    versions = {
        record.writes[name].version: (record, record.writes[name])
        for record in records
        if name in record.writes and record.writes[name].kind != "delete"
    }
    if not versions:
        names = {name for record in records for name in record.writes if name[:1] != "<"}
        raise NotFoundError(
            f"no tracked cell made a variable {name!r}.{did_you_mean(name, names)}",
            "If it is from before tracking or from another kernel, run the cell that makes it again.",
        )
    version = int(number) if number else max(versions)
    if version not in versions:
        nearest = min(versions, key=lambda known: abs(known - version))
        raise NotFoundError(
            f"there is no version {version} of {name}",
            f"The nearest one is {name}@{nearest}; it has {len(versions)} in this session.",
        )
    record, write = versions[version]
    wanted = Wanted(None, (), session.settings.snapshots, names=(name,))
    return Target(
        slice_name(records, name, version),
        Goal(frozenset({name})),
        wanted,
        {name: write.digest},
        log=_all(records, record.serial),
    )


def _log(session: Session | None, tags: Mapping[str, str], record: CellRecord) -> Slice | None:
    """All executions up to a run's, where it is one of this session."""
    is_ours = session is not None and tags.get("mlops.session") == session.id
    return _all(session.records, record.serial) if session is not None and is_ours else None


def _all(records: Sequence[CellRecord], serial: int) -> Slice:
    return slice_cells(records, {record.serial for record in records if record.serial <= serial})


def _is_variable(records: Sequence[CellRecord], name: str) -> bool:
    """True for a name that cells made, unless a run is called so, as its card says how to see its code."""
    is_run = name == "last" or any(record.run.name == name for record in records if record.run is not None)
    return not is_run and any(name in record.writes for record in records)


def _tracked(session: Session | None, what: str) -> Session:
    if session is None or not session.records:
        raise BadInputError(
            f"{what!r} means a cell or a variable of a tracked notebook, and nothing is tracked here",
            "In its notebook: `%mlops track on`. Anywhere: name a run; `runs` lists them.",
        )
    return session
