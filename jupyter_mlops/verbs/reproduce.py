"""`reproduce`: make a run again in a clean process, and say what is equal to what was recorded."""

from __future__ import annotations

import platform
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.installed import packages
from jupyter_mlops.lineage.replay import Replayed, Terms, replay
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.settings import Settings, load_settings
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.environments import Environment, build
from jupyter_mlops.tracking.package_changes import imported
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import run_packages
from jupyter_mlops.verbs.answers import DataCard
from jupyter_mlops.verbs.command import Known, current_place, verb
from jupyter_mlops.verbs.kept import is_masked
from jupyter_mlops.verbs.limits import parse_limits, replay_options
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.recorded_run import RecordedRun, find_recorded, prepare, wanted
from jupyter_mlops.verbs.reproduced import Finding, compare, counted, logged_otherwise, plain, rows_of
from jupyter_mlops.verbs.then_and_now import environment, files, randomness

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from jupyter_mlops.lineage.from_snapshots import Start

_HERE = Environment(Path(sys.executable), platform.python_version(), {})


@dataclass(frozen=True)
class Reproduction(DataCard):
    """What a run gave again, beside what was recorded."""

    findings: tuple[Finding, ...] = ()

    @property
    def is_equal(self) -> bool:
        """True if nothing that decides is different."""
        return not counted(self.findings)["different"]

    @property
    def exit_code(self) -> int:
        """0 if all is equal, 1 if something differs."""
        return 0 if self.is_equal else 1


def reproduce(
    run: str = "last",
    *,
    env: bool = False,
    fresh_data: bool = False,
    timeout: float = 600.0,
    memory: int | str | None = None,
    allow: Collection[str] = (),
    progress: Progress = silent,
) -> Reproduction:
    """Run the code behind a run again in a clean process, and compare what it gives with what was recorded.

    Nothing of the user's is written over: the process works in a scratch folder, with time and memory limits.
    Where a file that was read is gone or has changed, the cell that read it starts from the snapshot of what
    it made of it.

    Args:
        run: its name, id, the beginning of its id, or ``last``.
        env: run it in a virtual environment of its own, from the recorded versions; building it takes
            minutes the first time.
        fresh_data: read the files as they are now instead.
        timeout: seconds the clean process may take.
        memory: what it may use, in bytes or such as ``8GB``; most of what is free unless given.
        allow: what the code may use again, if its cells did: ``network``, ``credentials``.
        progress: told what happens and how much is done.

    Raises:
        BadInputError: the run was interrupted, or something cannot be allowed.
        NotFoundError: no such run, or its code was not recorded.
        ReproduceError: the code did not run again, or the environment cannot be built.
        StoreError: a store cannot be used.
    """
    most, allowed = parse_limits(memory, allow)
    settings = load_settings()
    progress("finding the run", 0.0)
    session = current_session()
    if session is not None:
        session.keeper.drain()
    sync(settings)
    then = find_recorded(settings, run)
    store = project_store(settings)
    code, starts, gone = prepare(then, store, fresh_data=fresh_data)

    recorded = run_packages(settings, then.run)
    used = _environment(settings, then, recorded, progress) if env else _HERE

    def told(done: int, total: int) -> None:
        progress(f"running cell {done} of {total} again in a clean process", 0.1 + 0.8 * done / total)

    progress("starting a clean process", 0.1)
    with tempfile.TemporaryDirectory(prefix="mlops-reproduce-") as scratch:
        terms = Terms(then.folder, Path(scratch), timeout, most, allowed, str(used.python))
        replayed = replay(code, wanted(settings, then, store), terms, on_cell=told)
    progress("comparing", 0.95)
    starts = tuple(replace(each, names=replayed.bound.get(each.serial, ())) for each in starts)
    findings = [
        *compare(
            then.record,
            replayed,
            is_masked=lambda digest: is_masked(store, digest),
            several=len(then.targets) > 1,
        ),
        *logged_otherwise(then.record.run, then.run.params, then.run.metrics),
        *files(starts, gone, is_fresh=fresh_data),
        *environment(
            (then.run.tags.get("mlops.python", ""), used.version),
            recorded,
            used.packages if env else packages(),
            [cell.source for cell in then.code.cells],
            is_built=env,
        ),
    ]
    progress("done", 1.0)
    return _told(then, replayed, findings, starts)


def _environment(
    settings: Settings, then: RecordedRun, recorded: Mapping[str, str] | None, progress: Progress
) -> Environment:
    if recorded is None:
        raise ReproduceError(
            f"the packages of the run {then.run.name!r} were not recorded", "Reproduce it without --env."
        )
    modules = [then.folder / each.path for each in then.code.files if each.path.endswith(".py")]
    sources = [cell.source for cell in then.code.cells]
    sources += [path.read_text("utf-8", errors="replace") for path in modules if path.is_file()]
    return build(
        settings.home / "environments",
        then.run.tags.get("mlops.python", platform.python_version()),
        recorded,
        imported(sources, recorded),
        lambda text: progress(text, 0.05),
    )


def _told(
    then: RecordedRun, replayed: Replayed, findings: list[Finding], starts: tuple[Start, ...]
) -> Reproduction:
    counts = counted(findings)
    differ, compared = counts["different"], counts["different"] + counts["equal"]
    name = then.run.name
    if differ:
        title = f"{name}: {differ} of {compared} results differ{'s' if differ == 1 else ''}"
    else:
        title = f"{name}: all {compared} results are equal" if compared else f"{name}: nothing to compare"
    ran, left_out = len(then.code.cells), then.code.left_out
    random = randomness(replayed.restored)
    lines = [
        ("ran again", f"{ran} execution{'' if ran == 1 else 's'} in a clean process, {left_out} left out")
    ]
    if random:
        lines.append(("random numbers", random))
    if str(then.folder) != then.run.tags.get("mlops.folder", "."):
        lines.append(("folder", "the one it ran in is gone; it ran in the current one"))
    lines.append(("clean process", f"{replayed.seconds:.1f} s"))
    return Reproduction(
        title,
        tuple(lines),
        rows_of(findings),
        volatile=frozenset({"clean process"}),
        note=f'The code: %mlops show "{name}" --code' if differ else "",
        data={
            "run": name,
            "run_id": then.run.run_id,
            "outcome": "different" if differ else "equal",
            "counts": counts,
            "findings": plain(findings),
            "executions": ran,
            "left_out": left_out,
            "random": [dict(vars(each)) for each in replayed.restored],
            "snapshots": [{"cell": each.cell, "files": each.files, "names": each.names} for each in starts],
            "folder": str(then.folder),
            "seconds": replayed.seconds,
        },
        findings=tuple(findings),
    )


@verb("reproduce")
@click.argument("run", default="last", type=Known("runs"))
@click.option(
    "--env", is_flag=True, help="Run it in a virtual environment of its own, from the recorded versions."
)
@click.option("--fresh-data", is_flag=True, help="Read files as they are now, also those that have changed.")
@replay_options
def command(run: str, **options: Any) -> Reproduction:
    """Reproduce a run: make it again in a clean process, and compare all that it gave.

    RUN is its name, its id or the beginning of it; the last run when none is named.

    Parameters, metrics, data, models and predictions are each equal, different or not comparable. Files that
    are gone or have changed are replaced by the snapshots of what was read from them. A shell gets the exit
    code 0 if all is equal, 1 if something differs, 2 if it could not run.
    """
    return reproduce(run, **options, progress=current_place().progress)
