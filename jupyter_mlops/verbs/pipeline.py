"""`pipeline`: the code behind a model as a small Python project that gives it again."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError, ReproduceError
from jupyter_mlops.lineage.checked import check_slice
from jupyter_mlops.lineage.replay import Terms
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.pipeline.headings import told_above
from jupyter_mlops.pipeline.project import Expected, Project, check_request, write_project
from jupyter_mlops.settings import load_settings
from jupyter_mlops.tracking.read_runs import find_run, run_record
from jupyter_mlops.tracking.session_notebook import session_notebook
from jupyter_mlops.verbs.answers import DataCard
from jupyter_mlops.verbs.command import Known, current_place, verb
from jupyter_mlops.verbs.limits import parse_limits, replay_options
from jupyter_mlops.verbs.package_name import package_name
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.sliced import find_target, variable_meant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from jupyter_mlops.lineage.record import Estimator, RunFacts
    from jupyter_mlops.pipeline.partition import Told
    from jupyter_mlops.settings import Settings


def pipeline(
    what: str,
    target: str | Path,
    *,
    name: str | None = None,
    ask_index: bool = True,
    timeout: float = 600.0,
    memory: int | str | None = None,
    allow: Collection[str] = (),
    progress: Progress = silent,
) -> DataCard:
    """Write the code behind a run, or behind a model in a variable, as a Python project.

    The statements that are needed become functions such as ``load``, ``prepare``, ``split``, ``train`` and
    ``evaluate``; what they give is compared with the recorded result before the project is put in place.

    Args:
        what: a run by its name, id, the beginning of its id, or ``last``; or a variable such as ``model`` or
            ``model@2``.
        target: the folder; a new or empty one, or a project that nobody has changed since it was written.
        name: of the Python package; the folder's unless given.
        ask_index: ask the index that uv or pip use for hashes of all packages.
        timeout: seconds that each clean process may take.
        memory: what it may use, in bytes or such as ``8GB``; most of what is free unless given.
        allow: what the code may use again, if its cells did: ``network``, ``credentials``.
        progress: told what happens and the share that is done.

    Raises:
        BadInputError: the folder or the name cannot be, or the code cannot become a project.
        NotFoundError: no such run or variable.
        ReproduceError: the code, or the project, did not give the recorded result.
        StoreError: a store or the folder cannot be used.
    """
    most, allowed = parse_limits(memory, allow)
    package = name or package_name(Path(target).expanduser().resolve().name)
    check_request(Path(target), package)
    settings = load_settings()
    progress("finding the code", 0.0)
    goal, folder = find_target(settings, what)
    asked = _asked(settings, what, goal.recorded)
    with tempfile.TemporaryDirectory(prefix="mlops-pipeline-") as scratch:
        terms = Terms(folder, Path(scratch) / "slice", timeout, most, allowed)
        checked = check_slice(goal, terms, progress=lambda text, share: progress(text, 0.4 * share))
        if checked.error is not None and checked.replayed is None:
            raise checked.error
        if checked.code.rung is None:
            raise ReproduceError(
                f"the code behind {what} gives another result: {'; '.join(checked.differs)}",
                f'Look at it: `show "{what}" --code`. Mend what differs, and run the cells again.',
            )
        made = write_project(
            checked.code,
            Path(target),
            name=package,
            about=asked.about,
            expected=asked.expected,
            terms=replace(terms, scratch=Path(scratch) / "project"),
            snapshots=settings.snapshots,
            told=asked.told,
            ask_index=ask_index,
            progress=lambda text, share: progress(text, 0.4 + 0.6 * share),
        )
    progress("done", 1.0)
    return _card(made, str(target), checked.code.said)


@dataclass(frozen=True)
class _Asked:
    """What a project must give again, what it is, and what the notebook says of its cells."""

    expected: Expected
    about: str
    told: Mapping[int, Told]


def _asked(settings: Settings, what: str, recorded: Mapping[str, str | None]) -> _Asked:
    session, variable = current_session(), variable_meant(what)
    if variable is not None and session is not None:
        model = variable[0]
        expected = Expected(model=model, digest=recorded.get(model))
        about = f"The pipeline behind the model {model} of a notebook."
        return _Asked(expected, about, _told(settings, session.id))
    if what.startswith("In["):
        raise BadInputError(
            "a pipeline makes a model or measures one, and a cell is neither",
            "Name the run of that cell, or the variable that holds its model.",
        )
    run = find_run(settings, what)
    record = run_record(settings, run)
    facts = record.run
    found = _model(facts.estimators if facts else ())
    expected = Expected(
        dict(facts.metrics) if facts else {},
        None if found is None else found.name,
        None if found is None else found.digest,
        _features(facts, found),
    )
    because = f": {run.hypothesis}" if run.hypothesis else ""
    about = f"The pipeline behind the run {run.name} of a notebook{because}."
    return _Asked(expected, about, _told(settings, run.tags.get("mlops.session", "")))


def _model(estimators: Sequence[Estimator]) -> Estimator | None:
    """The estimator that a run is about: fitted or at least measured there, and called by its name.

    Raises:
        BadInputError: there are several.
    """
    kept = [found for found in estimators if found.fitted_here] or list(estimators)
    named = [found for found in kept if found.fit_on or found.scored_on] or kept
    scored = [found for found in named if found.scored_on] or named
    if len(scored) > 1:
        raise BadInputError(
            f"the run made several models: {', '.join(found.name for found in scored)}",
            "Name the variable of one of them, or track one model per cell.",
        )
    return scored[0] if scored else None


def _features(facts: RunFacts | None, found: Estimator | None) -> str | None:
    """The variable with rows as the model takes them."""
    if facts is None or found is None:
        return None
    kinds = {data.name: data.kind for data in facts.datasets}
    names = (name for name in (found.fit_on, found.scored_on) if name is not None)
    return next((name for name in names if kinds.get(name, "frame") in {"frame", "array"}), None)


def _told(settings: Settings, session: str) -> dict[int, Told]:
    notebook, records = session_notebook(settings, session)
    return told_above(notebook, records)


def _card(made: Project, target: str, said: str) -> DataCard:
    return DataCard(
        f"{made.name} is a project of {len(made.steps)} step{'' if len(made.steps) == 1 else 's'}",
        (
            ("folder", target),
            ("steps", ", ".join(made.steps)),
            ("parameters", ", ".join(made.params) or "none"),
            ("data", ", ".join(f"{name}: {place}" for name, place in made.sources.items()) or "none"),
            ("versions", "locked with hashes" if made.has_hashes else "locked without hashes"),
        ),
        tuple(("passed", figure.what, figure.figure) for figure in made.checked),
        code=f"cd {shlex.quote(target)} && python -m {made.name} run",
        volatile=frozenset({"versions"}),
        data={
            "folder": str(made.path),
            "name": made.name,
            "steps": list(made.steps),
            "params": dict(made.params),
            "sources": dict(made.sources),
            "checked": [vars(figure) for figure in made.checked],
            "has_hashes": made.has_hashes,
            "slice": said,
        },
    )


@verb("pipeline")
@click.argument("what", metavar="RUN", type=Known("runs"))
@click.argument("target", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", metavar="NAME", help="The Python package's name; the folder's if left out.")
@click.option("--no-index", is_flag=True, help="Do not ask the package index for hashes.")
@replay_options
def command(what: str, target: Path, name: str | None, no_index: bool, **limits: Any) -> DataCard:
    """Write the code behind a model as a Python project that gives it again.

    RUN is a run's name, its id or the beginning of it, or a variable such as model; DIR is a new folder. The
    project has steps, parameters, its data as an argument, a test and an MLproject. It is run in a clean
    process and compared before it is put in place.
    """
    return pipeline(
        what, target, name=name, ask_index=not no_index, progress=current_place().progress, **limits
    )
