"""`lineage`: the cells, values and files behind a run or a variable, as a graph one can look into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.comparison.lineage import Lineage
from jupyter_mlops.comparison.lineage_subject import Subject, of_cell, of_run, of_version
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.session import Session, current_session
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import find_run
from jupyter_mlops.tracking.session_records import recorded_here
from jupyter_mlops.verbs.command import Known, verb
from jupyter_mlops.verbs.sliced import variable_meant
from jupyter_mlops.widgets.lineage import LineageReport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.run import Run

_CELL = re.compile(r"In\[(\d+)\]")
_REMEMBERED = 4


def lineage(what: str = "last") -> LineageReport:
    """Which cells, values and files something came from, and what changed on the way.

    Args:
        what: a run by its name, id, the beginning of its id, or ``last``; in a tracked notebook also a
            variable such as ``model``, a version of one such as ``df@3``, or a cell such as ``In[7]``. A run
            goes before a variable of the same name; ``NAME@VERSION`` is always the variable.

    Returns:
        The report: ``.graph`` has nodes and edges, ``.node(id)`` and ``.edge(id)`` tell more of one.

    Raises:
        BadInputError: a cell or a version, and nothing is tracked in this process.
        NotFoundError: no such run, variable, version or cell; the nearest is offered.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    return LineageReport(Lineage(settings, _subject(settings, what)))


def lineage_answers(
    settings: Settings, known_run: Callable[[str], Run]
) -> Mapping[str, Callable[[dict[str, Any]], Any]]:
    """What a comparison's view asks: the lineage of a run, and more of one of its nodes and edges.

    Each takes the arguments of an ask, with the run's id as the first of `run_ids`.

    Args:
        settings: the project, with the store that the runs are in.
        known_run: what is known of a run by its id without MLflow; enough if it is recorded in this project.
    """
    known: dict[str, Lineage] = {}

    def of(asked: dict[str, Any]) -> Lineage:
        run_id = str(asked["run_ids"][0])
        if run_id not in known:
            while len(known) >= _REMEMBERED:
                del known[next(iter(known))]
            is_here = recorded_here(settings, run_id) is not None
            run = known_run(run_id) if is_here else find_run(settings, run_id)
            known[run_id] = Lineage(settings, of_run(settings, run))
        return known[run_id]

    return {
        "lineage": lambda asked: of(asked).graph.to_dict(),
        "lineage_node": lambda asked: of(asked).node(str(asked["node"])),
        "lineage_edge": lambda asked: of(asked).edge(str(asked["edge"])),
    }


def _subject(settings: Settings, what: str) -> Subject:
    session = current_session()
    if session is not None:
        session.keeper.drain()  # its last values may be on their way to the store
    cell, version = _CELL.fullmatch(what), variable_meant(what)
    if cell:
        tracked = _tracked(session, what)
        return of_cell(tracked, int(cell[1]))
    if version:
        tracked = _tracked(session, what)
        number = int(version[1]) if version[1] else None
        return of_version(tracked, version[0], number)
    sync(settings)
    return of_run(settings, find_run(settings, what))


def _tracked(session: Session | None, what: str) -> Session:
    if session is None or not session.records:
        raise BadInputError(
            f"{what!r} means a cell or a variable of a tracked notebook, and nothing is tracked here",
            "In its notebook: `%mlops track on`. Anywhere: name a run; `runs` lists them.",
        )
    return session


@verb("lineage")
@click.argument("what", default="last", type=Known("runs"))
def command(what: str) -> LineageReport:
    """Show which cells, values and files something came from.

    WHAT is a run's name, its id or the beginning of it; the last run when none is named. In a tracked
    notebook it can be a variable such as model or df@3, or a cell such as In[7], too.
    """
    return lineage(what)
