"""What a lineage is asked about, with the records to answer from: a run, a version of a variable, a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.comparison.lineage_trace import Wanted
from jupyter_mlops.errors import MlopsError, NotFoundError, did_you_mean
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.tracking.read_runs import run_record
from jupyter_mlops.tracking.session_records import recorded_here, session_records

if TYPE_CHECKING:
    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.notebook.session import Session
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run


@dataclass(frozen=True)
class Subject:
    """One thing and what is known of how it came about.

    Attributes:
        title: what was asked for, in the words of who asked.
        wanted: what of the records it is.
        records: executions of its session, in the order they ran; empty for a run without any.
        folder: where they ran.
        run: the run, if it is one.
        session: the id of the session; empty if it is not known.
        note: what is missing; may be empty.
    """

    title: str
    wanted: Wanted
    records: tuple[CellRecord, ...] = ()
    folder: Path = Path()
    run: Run | None = None
    session: str = ""
    note: str = ""


def of_run(settings: Settings, run: Run) -> Subject:
    """A run: all executions of its session if they can be had, else its own, else what MLflow knows.

    Raises:
        StoreError: the run is not recorded in this project, and the tracking store cannot be used.
    """
    subject = Subject(run.name, Wanted(has_run=True), run=run)
    here = recorded_here(settings, run.run_id)
    if here is not None:
        records = _records(settings, here.session)
        if here.serials <= {record.serial for record in records}:
            wanted = Wanted(here.serials, has_run=True)
            return replace(subject, wanted=wanted, records=records, folder=here.folder, session=here.session)
    if not (run.is_ours or run.tags.get("mlops.recorded_in")):
        return replace(subject, note="It was not made from a tracked cell: this is what MLflow knows of it.")
    return _elsewhere(settings, subject, run)


def _elsewhere(settings: Settings, subject: Subject, run: Run) -> Subject:
    """A run that another project, or another machine, recorded."""
    session = run.tags.get("mlops.session", "")
    subject = replace(subject, folder=Path(run.tags.get("mlops.folder", ".")), session=session)
    try:
        own = run_record(settings, run)
    except MlopsError as error:
        return replace(subject, note=f"Its record cannot be read: {error.what}.")
    told = run.tags.get("mlops.serials", "").split()
    serials = frozenset(map(int, told)) if run.is_ours and told else frozenset({own.serial})
    records = _records(settings, session)
    if serials <= {record.serial for record in records}:
        return replace(subject, wanted=Wanted(serials, has_run=True), records=records)
    wanted = Wanted(frozenset({own.serial}), has_run=True)
    note = "Only the record of its own cell is left, so what was before that is not known."
    return replace(subject, wanted=wanted, records=(own,), note=note)


def of_version(session: Session, name: str, number: int | None) -> Subject:
    """A version of a variable of this session, the newest one unless a number is given.

    Raises:
        NotFoundError: there is no such variable or version; the nearest is offered.
    """
    records = session.records
    versions = [r.writes[name].version for r in records if name in r.writes and _is_value(r, name)]
    if not versions:
        names = {each for record in records for each in record.writes if each[:1] != "<"}
        raise NotFoundError(
            f"no tracked cell made a variable {name!r}.{did_you_mean(name, names)}",
            "If it is from before tracking or from another kernel, run the cell that makes it again.",
        )
    version = versions[-1] if number is None else number
    if version not in versions:
        nearest = min(versions, key=lambda known: abs(known - version))
        raise NotFoundError(
            f"there is no version {version} of {name}",
            f"The nearest one is {name}@{nearest}; it has {len(versions)} in this session.",
        )
    wanted = Wanted(versions=frozenset({(name, version)}))
    return Subject(f"{name}@{version}", wanted, tuple(records), session.folder, session=session.id)


def of_cell(session: Session, count: int) -> Subject:
    """The last execution of this session with that number.

    Raises:
        NotFoundError: there is none.
    """
    records = session.records
    found = [record for record in records if record.count == count and record.kind == "cell"]
    if not found:
        raise NotFoundError(
            f"no execution In[{count}] is known in this session",
            "`%mlops track on` takes cells from the history, as far as the kernel has it.",
        )
    wanted = Wanted(frozenset({found[-1].serial}))
    return Subject(f"In[{count}]", wanted, tuple(records), session.folder, session=session.id)


def _records(settings: Settings, session: str) -> tuple[CellRecord, ...]:
    here = current_session()
    if here is not None and here.id == session:
        return tuple(here.records)
    return session_records(settings, session)


def _is_value(record: CellRecord, name: str) -> bool:
    return record.writes[name].kind != "delete"
