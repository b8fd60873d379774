"""The steps of `forget`: what a request is about, and one function for each kind of place it reaches."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import MlopsError, StoreError, did_you_mean
from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.notebook.owner import is_alive
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.registry.examples import example_columns, forget_rows
from jupyter_mlops.registry.version_profile import renew_profile
from jupyter_mlops.registry.versions import Version, list_versions, model_names
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.mask_tokens import Tokenizer, load_key
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.tracking.holders import Holders, find_holders
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import Run, search_runs
from jupyter_mlops.tracking.redact_store import redact_database, redact_files
from jupyter_mlops.tracking.run_figures import FIGURES
from jupyter_mlops.tracking.run_files import delete_folder
from jupyter_mlops.tracking.run_index import forget_index
from jupyter_mlops.tracking.session_files import NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from jupyter_mlops.notebook.redact import Redactor
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot.forget import Forgotten

_LOCK_SECONDS = 60.0
_MOST_FILES = 3


@dataclass
class Found:
    """What a request is about, before anything is changed."""

    forgotten: Forgotten
    holders: Holders
    runs: list[Run]
    versions: list[Version]
    made: list[str]
    """Digests of arrays and estimators that cells made of data with such rows."""
    problems: list[str] = field(default_factory=list)
    """What could not be looked at, or still holds something: for the user to know."""


def with_tokens(settings: Settings, where: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """With what stands for the values where the column was masked."""
    if not settings.mask_key.exists():
        return dict(where)
    tokens = Tokenizer(load_key(settings.mask_key))
    return {name: [*values, *dict.fromkeys(map(tokens.of, values))] for name, values in where.items()}


def look(settings: Settings, store: SnapshotStore, where: Mapping[str, list[Any]]) -> Found:
    """Find the rows, and who has them, without changing anything; what waits is brought to MLflow first."""
    problems: list[str] = []
    runs: list[Run] = []
    versions: list[Version] = []
    forgotten = store.forget(where, dry_run=True)
    holders = find_holders(settings)
    cells = {cell for digest in forgotten.rows for cell in holders.cells.get(digest, [])}
    if settings.journals.is_dir():
        try:
            sync(settings)
            ours = [run for run in search_runs(settings) if _cell(run) in cells]
            runs.extend(ours)
            of_runs = {run.run_id for run in ours}
            known = [each for name in model_names(settings) for each in list_versions(settings, name)]
            versions.extend(each for each in known if each.run_id in of_runs)
        except StoreError as error:
            problems.append(f"{error.what}: its runs and models were not searched")
    if not forgotten.rows:
        missing = [name for name in where if holders.columns and name not in holders.columns]
        problems.extend(
            f"no data of a run has a column {name!r}.{did_you_mean(name, holders.columns)}"
            for name in missing
        )
    made = holders.made_from(forgotten.rows, forgotten.unlabelled)
    return Found(forgotten, holders, runs, versions, made, problems)


def _cell(run: Run) -> tuple[str, int]:
    return run.tags.get("mlops.session", ""), int(run.tags.get("mlops.serial", "-1"))


def forget_shared(places: Sequence[str], found: Found, where: Mapping[str, list[Any]]) -> None:
    """The same rows in the places where snapshots were shared."""
    for place in places:
        try:
            SnapshotStore(place).forget(where, also=found.made)
        except MlopsError as error:
            found.problems.append(f"the shared snapshots still have them: {error.what}")


def forget_examples(settings: Settings, found: Found) -> int:
    """Take the rows out of the examples of registered models; returns how many rows that were."""
    count = 0
    by_run = {run.run_id: run for run in found.runs}
    for version in found.versions:
        try:
            columns = example_columns(settings, version)
            places = _places(found, by_run[version.run_id], columns)
            if places:
                count += forget_rows(settings, version, places)
        except (MlopsError, ValueError, KeyError) as error:
            reason = error.what if isinstance(error, MlopsError) else type(error).__name__
            found.problems.append(f"the example of {version.name} version {version.version} stays: {reason}")
    return count


def forget_profiles(settings: Settings, found: Found) -> int:
    """Make the profiles of registered models again of what is left; returns how many."""
    count = 0
    for version in found.versions:
        try:
            count += renew_profile(settings, version, project_store(settings), TRUSTED)
        except MlopsError as error:
            found.problems.append(
                f"the profile of {version.name} version {version.version} stays: {error.what}"
            )
    return count


def _places(found: Found, run: Run, columns: Collection[str]) -> set[int]:
    """Positions of the rows in the frames of a run that can have given an example with these columns."""
    data = [digest for _, digest in run.datasets if digest in found.forgotten.places]
    return {int(at) for digest in data for at in found.forgotten.places[digest]} if columns else set()


def forget_figures(settings: Settings, found: Found) -> int:
    """Remove figures and copies of notebooks of who read such rows: they can show any of them."""
    rows, holders = found.forgotten.rows, found.holders
    files = {settings.figures / name for digest in rows for name in holders.figures.get(digest, ())}
    kept = [path for path in files if path.is_file()]
    for path in kept:
        path.unlink()
    sessions = {session for digest in rows for session in holders.sessions.get(digest, ())}
    runs = [run.run_id for run in found.runs]
    runs += [holders.session_runs[session] for session in sessions if session in holders.session_runs]
    for run_id in runs:
        for folder in (FIGURES, NOTEBOOK):
            try:
                delete_folder(settings, run_id, folder)
            except MlopsError as error:
                found.problems.append(f"{folder} of the run {run_id[:8]} stays: {error.what}")
    return len(kept)


def forget_bundles(settings: Settings, found: Found, redactor: Redactor | None) -> int:
    """Remove what `serve` made of such versions: it makes it again from the registry."""
    names = {f"{each.name}-{each.version}-{each.run_id[:8]}" for each in found.versions}
    bundles = settings.home / "bundles"
    count = 0
    for folder in sorted(bundles.iterdir()) if bundles.is_dir() else ():
        files = [path for path in folder.rglob("*") if path.is_file()]
        if folder.name in names or (redactor and any(redactor.is_in(path.read_bytes()) for path in files)):
            shutil.rmtree(folder)
            count += 1
    return count


def redact(settings: Settings, found: Found, redactor: Redactor) -> int:
    """Take the values out of code, parameters and notes; returns how many files and rows had any."""
    count, left = redact_files(settings, redactor)
    try:
        count += redact_database(settings, redactor)
    except sqlite3.Error as error:
        found.problems.append(f"mlflow.db could not be searched ({type(error).__name__}): forget them again")
    if not settings.is_local_store:
        found.problems.append("code, parameters and notes of runs on the MLflow server were not searched")
    forget_index(settings)  # it holds parameters and notes as they were
    if left:
        found.problems.append(f"still in {_shown(settings, left)}: delete those versions, or those files")
    return count + _redact_journals(settings, found, redactor)


def _redact_journals(settings: Settings, found: Found, redactor: Redactor) -> int:
    if not settings.journals.is_dir():
        return 0
    session = current_session()
    count = 0
    with FileLock(settings.journals / ".lock", timeout=_LOCK_SECONDS):
        for path in sorted(settings.journals.glob("*.jsonl")):
            events = list(read_journal(path))
            first, ended = (events or [{}])[0], any(event["type"] == "end" for event in events)
            if session is not None and path == session.journal.path:
                count += session.redact(redactor)
            elif first.get("type") == "session" and not ended and is_alive(first):
                if redactor.is_in(path.read_bytes()):
                    other = f"a kernel that runs now (process {first['pid']}) has them in its record"
                    found.problems.append(f"{other}: forget them again there, or when it has ended")
            else:
                count += redactor.journal(path)
    return count


def _shown(settings: Settings, files: list[Path]) -> str:
    names = [str(path.relative_to(settings.project)) for path in files[:_MOST_FILES]]
    more = f" and {len(files) - _MOST_FILES} more" if len(files) > _MOST_FILES else ""
    return ", ".join(names) + more
