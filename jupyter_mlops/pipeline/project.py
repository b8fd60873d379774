"""From a checked slice to a small Python project, run in clean processes before it is put in place."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import ReproduceError, StoreError
from jupyter_mlops.pipeline.checking import Expected, Figure, Verdict, check_project
from jupyter_mlops.pipeline.files import Facts, StepLine, write_code, write_rest
from jupyter_mlops.pipeline.formatted import format_folder
from jupyter_mlops.pipeline.layout import module_text
from jupyter_mlops.pipeline.partition import Told
from jupyter_mlops.pipeline.place import put_in_place
from jupyter_mlops.pipeline.plan import Plan, Shape, make_plan
from jupyter_mlops.pipeline.refusals import check_code, check_model, check_request
from jupyter_mlops.pipeline.requirements import locked, pins, text_of
from jupyter_mlops.pipeline.statements import traced_statements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jupyter_mlops.lineage.replay import Terms
    from jupyter_mlops.lineage.slice import Slice
    from jupyter_mlops.pipeline.statements import Statement

__all__ = ["Expected", "Figure", "Project", "Told", "check_request", "write_project"]


@dataclass(frozen=True)
class Project:
    """A project that was checked and put in place.

    `params` are its parameters with their values, `sources` where its data is, as seen from its folder, and
    `checked` what was compared.
    """

    path: Path
    name: str
    steps: tuple[str, ...]
    params: Mapping[str, Any]
    sources: Mapping[str, str]
    checked: tuple[Figure, ...]
    has_hashes: bool


@dataclass(frozen=True)
class _Asked:
    """What a project is made of."""

    code: Slice
    name: str
    about: str
    expected: Expected
    terms: Terms
    snapshots: Path
    told: Mapping[int, Told] = field(default_factory=dict)
    ask_index: bool = True
    goes_elsewhere: bool = False


def write_project(
    code: Slice,
    target: Path,
    *,
    name: str,
    about: str,
    expected: Expected,
    terms: Terms,
    snapshots: Path,
    told: Mapping[int, Told] | None = None,
    ask_index: bool = True,
    goes_elsewhere: bool = False,
    progress: Callable[[str, float], None] = lambda text, share: None,
) -> Project:
    """Write the project, run it in clean processes, and put it in place if it gives the notebook's result.

    Args:
        code: a slice that was checked.
        target: the folder; a new or empty one, or a project of ours that nobody has changed.
        name: of the package.
        about: a sentence that says what it is.
        expected: the notebook's results.
        terms: where the code ran, and what processes may take.
        snapshots: the project's store.
        told: by the serial of an execution, what Markdown stands above its cell.
        ask_index: ask the index that pip or uv use for hashes.
        goes_elsewhere: it will be moved, such as to a registered version: places of data are then as seen
            from the notebook's folder, not from the project's.
        progress: told what happens and the share that is done.

    Raises:
        BadInputError: the folder or the name cannot be, there is nothing to make, or the code has secrets,
            asks for input, or means something in IPython only.
        ReproduceError: the code was not checked, or no project of it gave the recorded result.
        StoreError: the folder cannot be written.
    """
    place = check_request(target, name)
    check_code(code, expected)
    asked = _Asked(code, name, about, expected, terms, snapshots, told or {}, ask_index, goes_elsewhere)
    progress("running the code statement by statement", 0.0)
    statements = traced_statements(
        code,
        snapshots,
        replace(terms, scratch=terms.scratch / "statements"),
        on_cell=lambda done, total: progress(f"running cell {done} of {total} again", 0.3 * done / total),
    )
    check_model(expected.model, statements)
    try:
        return _write(asked, statements, place, progress)
    except OSError as error:
        raise StoreError(
            f"the project could not be written to {place} ({error.strerror}); nothing was left there",
            "Check the folder's permissions and the free space, then repeat this.",
        ) from error


def _write(
    asked: _Asked,
    statements: list[Statement],
    place: Path,
    progress: Callable[[str, float], None],
) -> Project:
    """Try it in steps, then as one step, then that without parameters; the first that is equal stays."""
    first: Verdict | None = None
    for number, shape in enumerate((Shape(), Shape(is_divided=False), Shape(is_divided=False, lift=False))):
        paths = [path for path in asked.code.sources if not path.endswith(".py")]
        plan = make_plan(statements, shape, asked.expected, paths, asked.terms.folder, asked.told)
        terms = replace(asked.terms, scratch=asked.terms.scratch / f"check{number}")
        try:
            with put_in_place(place) as fresh:
                return _fill(replace(asked, terms=terms), plan, fresh, place, progress)
        except _DiffersError as error:
            first = first or error.verdict
    raise _refused(first)


class _DiffersError(Exception):
    """This shape of the project does not give the recorded result."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


def _fill(
    asked: _Asked,
    plan: Plan,
    fresh: Path,
    place: Path,
    progress: Callable[[str, float], None],
) -> Project:
    """Write all files of a project into a folder and check it."""
    facts = _facts(asked, plan, fresh)
    texts = _write_code(asked, plan, facts, fresh)
    verdict = check_project(
        fresh,
        asked.name,
        plan.steps,
        asked.expected,
        asked.terms,
        asked.snapshots,
        lambda text, share: progress(text, 0.35 + 0.4 * share),
    )
    if not verdict.is_equal:
        raise _DiffersError(verdict)
    progress("locking versions", 0.8)
    if asked.goes_elsewhere:
        facts = replace(facts, sources=_places(plan, asked.terms.folder))
    has_hashes = _write_rest(asked, facts, verdict, texts, fresh)
    progress("done", 1.0)
    names = tuple(step.segment.name for step in plan.steps)
    return Project(place, asked.name, names, facts.params, facts.sources, verdict.figures, has_hashes)


def _refused(verdict: Verdict | None) -> ReproduceError:
    if verdict is None:
        return ReproduceError("no project was made", "Repeat this.")
    where = f"the step {verdict.step}" if verdict.step else "the project"
    if verdict.error is not None:
        return ReproduceError(
            f"as a project the code does not run: {where} fails with {verdict.error}",
            "Look at the code with `show NAME --code`: what does it need that only the notebook has?",
        )
    other = next(figure for figure in verdict.figures if not figure.is_equal)
    return ReproduceError(
        f"as a project the code gives another result, first in {where}: {other.what} {other.figure}",
        "Look at the code with `show NAME --code`: what does it need that only the notebook has?",
    )


def _facts(asked: _Asked, plan: Plan, fresh: Path) -> Facts:
    steps = [
        StepLine(step.segment.name, step.segment.summary, tuple(step.takes), tuple(step.makes))
        for step in plan.steps
    ]
    own = [
        path
        for path in asked.code.sources
        if path.endswith(".py") and not path.startswith(("..", "/")) and (asked.terms.folder / path).is_file()
    ]
    return Facts(
        asked.name, asked.about, steps, plan.params, plan.code.comments, _places(plan, fresh), own=own
    )


def _places(plan: Plan, folder: Path) -> dict[str, str]:
    return {source.name: source.seen_from(folder) for source in plan.sources}


def _write_code(asked: _Asked, plan: Plan, facts: Facts, fresh: Path) -> list[str]:
    """Write the package and the notebook's own modules; returns the texts of both."""
    modules = {path.partition("/")[0].removesuffix(".py") for path in facts.own}
    module = module_text(asked.name, asked.about, plan.code, plan.steps, plan.result, modules)
    texts = [module]
    write_code(fresh, facts, module)
    for path in facts.own:
        (fresh / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(asked.terms.folder / path, fresh / path)
        texts.append((fresh / path).read_text("utf-8"))
    format_folder(fresh / asked.name)
    return texts


def _write_rest(asked: _Asked, facts: Facts, verdict: Verdict, texts: Sequence[str], fresh: Path) -> bool:
    scratch = asked.terms.scratch / "versions"
    scratch.mkdir()
    versions = pins(texts, "sklearn" if asked.expected.model else "")
    lock = locked(versions, scratch, ask=asked.ask_index)
    (fresh / "requirements.txt").write_text(text_of(versions), "utf-8")
    (fresh / "requirements.lock").write_text(lock.text, "utf-8")
    said = "; ".join(f"{figure.what}: {figure.figure}" for figure in verdict.figures)
    checked = f"It ran in clean processes on the data of the notebook, and its results were compared: {said}."
    write_rest(fresh, replace(facts, checked=checked, rows=verdict.rows, lock=lock.said))
    format_folder(fresh / "tests")
    return "--hash=" in lock.text
