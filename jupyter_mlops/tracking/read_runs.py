"""From MLflow back to runs and tables: what `runs`, `compare`, `show` and `promote` look at."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import NotFoundError, StoreError, did_you_mean
from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.lineage.slice import Slice
from jupyter_mlops.tracking.client import connect, store_errors
from jupyter_mlops.tracking.run import Run, time_of
from jupyter_mlops.tracking.run_figures import FIGURES, FIGURES_TAG
from jupyter_mlops.tracking.run_index.sqlite_tables import path_of
from jupyter_mlops.tracking.session_files import PACKAGES_FILE
from jupyter_mlops.tracking.write_run import RECORD_FILE, SLICE_FILE, slice_file

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

    from jupyter_mlops.settings import Settings

__all__ = [
    "Run", "figure_names", "find_run", "run_figures", "run_packages", "run_record", "run_slice",
    "search_runs",
]  # fmt: skip

_PAGE = 500
_SESSIONS_BETWEEN = 5
_MIN_ID_CHARS = 4
_PLAIN = re.compile(r"[\w .,:+@()\[\]/-]+")  # MLflow's conditions know no way to write a quote
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_MOST_BYTES = 4 << 20


def search_runs(
    settings: Settings, *, limit: int = 1000, experiment: str | None = None, where: str = ""
) -> list[Run]:
    """The newest runs, oldest first; session parents are left out.

    Args:
        settings: which store.
        limit: at most this many.
        experiment: one experiment's name; all active ones when None.
        where: a condition in MLflow's words.

    Raises:
        NotFoundError: no such experiment.
        StoreError: the store cannot be used.
    """
    database = path_of(settings.tracking_uri)
    if database is not None and not database.exists() and experiment is None:
        return []  # nothing was tracked yet, and looking makes no store
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        known = {found.name: found.experiment_id for found in client.search_experiments()}
        if experiment is not None and experiment not in known:
            raise NotFoundError(
                f"there is no experiment {experiment!r}.{did_you_mean(experiment, known)}",
                "List them with `mlflow experiments search`, or leave the option out for all runs.",
            )
        ids = [known[experiment]] if experiment is not None else list(known.values())
        found: list[Run] = []
        token = None
        while len(found) < limit:
            # a page costs the server what is on it: a run with its parameters and metrics some milliseconds
            size = min(_PAGE, limit - len(found) + _SESSIONS_BETWEEN)
            page = client.search_runs(
                ids, where, max_results=size, order_by=["attributes.start_time DESC"], page_token=token
            )
            found += [run_from(run) for run in page if run.data.tags.get("mlops.kind") != "session"]
            token = page.token
            if not token:
                break
    return found[:limit][::-1]


def find_run(settings: Settings, reference: str) -> Run:
    """The run with this name (the newest of that name), id, beginning of an id, or ``last``.

    Raises:
        NotFoundError: no such run; the nearest name is offered.
    """
    if reference == "last" and (newest := search_runs(settings, limit=1)):
        return newest[0]
    if _PLAIN.fullmatch(reference):  # asked for alone: all runs of a busy server take seconds
        newest = search_runs(settings, limit=1, where=_is_called(reference))
        if newest and reference in {newest[0].name, newest[0].run_id}:
            return newest[0]
    runs = search_runs(settings)
    named = [run for run in runs if reference in {run.name, run.run_id}]
    if not named and len(reference) >= _MIN_ID_CHARS:
        named = [run for run in runs if run.run_id.startswith(reference)]
    if not named:
        raise NotFoundError(
            f"there is no run {reference!r}.{did_you_mean(reference, {run.name for run in runs})}",
            "`%mlops runs` lists them; a name, an id, its beginning, or `last` will do.",
        )
    return named[-1]


def _is_called(reference: str) -> str:
    """The condition for runs of that name, or for the run with that id."""
    what = "run_id" if _RUN_ID.fullmatch(reference) else "run_name"
    return f"attributes.{what} = '{reference}'"


def run_slice(settings: Settings, run: Run, *, serial: int | None = None) -> Slice:
    """The slice that was recorded with a run.

    Args:
        settings: which store.
        run: the run.
        serial: of this execution alone, where the run has the records of several.

    Raises:
        NotFoundError: the run was not made from a tracked cell.
    """
    has_several = len(run.tags.get("mlops.serials", "").split()) > 1
    path = slice_file(serial) if serial is not None and has_several else SLICE_FILE
    return Slice.from_json(_artifact(settings, run, path))


def run_record(settings: Settings, run: Run) -> CellRecord:
    """The cell record a run was made from.

    Raises:
        NotFoundError: the run was not made from a tracked cell.
    """
    data: dict[str, Any] = json.loads(_artifact(settings, run, RECORD_FILE))
    return CellRecord.from_dict(data)


def run_packages(settings: Settings, run: Run) -> dict[str, str] | None:
    """Installed packages and their versions when the run was made; None if they are not known."""
    session = run.tags.get("mlops.session", "")
    client = connect(settings)
    where = f"tags.`mlops.session` = '{session}' and tags.`mlops.kind` = 'session'"
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory() as folder:
        ids = [found.experiment_id for found in client.search_experiments()]
        found = client.search_runs(ids, where, max_results=1) if _PLAIN.fullmatch(session) else []
        if not found:
            return None
        try:
            path = _downloaded(client, found[0].info.run_id, PACKAGES_FILE, folder)
        except FileNotFoundError:
            return None
        packages: dict[str, str] = json.loads(path.read_text("utf-8"))
    return packages


def run_figures(settings: Settings, run: Run) -> dict[str, bytes]:
    """The figures of a run by file name, as far as they can be read; 4 MB in all at most."""
    names = figure_names(run)[0]
    found: dict[str, bytes] = {}
    if not names:
        return found
    client = connect(settings)
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory() as folder:
        for name in names:
            try:
                content = _downloaded(client, run.run_id, f"{FIGURES}/{name}", folder).read_bytes()
            except FileNotFoundError:
                continue
            if sum(map(len, found.values())) + len(content) <= _MOST_BYTES:
                found[name] = content
    return found


def figure_names(run: Run) -> tuple[list[str], dict[str, int]]:
    """File names of a run's figures, and how many are missing by reason."""
    told = json.loads(run.tags.get(FIGURES_TAG, "{}"))
    return [str(name) for name in told.get("kept", ())], dict(told.get("missing", {}))


def _artifact(settings: Settings, run: Run, path: str) -> str:
    recorded_in = run.tags.get("mlops.recorded_in")  # one of several runs that a cell made itself
    if not (run.is_ours or recorded_in):
        raise NotFoundError(
            f"the run {run.name!r} was not made from a tracked cell, so its code is not known",
            "Run the cell again with `%%mlops track`, and use that run.",
        )
    client = connect(settings)
    with store_errors(settings.tracking_uri), tempfile.TemporaryDirectory() as folder:
        try:
            return _downloaded(client, recorded_in or run.run_id, path, folder).read_text("utf-8")
        except FileNotFoundError as error:
            raise StoreError(
                f"the file {path} of run {run.name!r} is gone from the artifact store",
                "If the project folder was moved, see `Where things are` in the README.",
            ) from error


def _downloaded(client: MlflowClient, run_id: str, path: str, folder: str) -> Path:
    """A file of a run, in `folder`.

    Raises:
        FileNotFoundError: it is not there. MLflow has words of its own for that.
    """
    from mlflow.exceptions import MlflowException

    try:
        return Path(client.download_artifacts(run_id, path, folder))
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        raise FileNotFoundError(path) from error


def run_from(run: MlflowRun) -> Run:
    """A run of MLflow's as plain data."""
    ended = run.info.end_time
    return Run(
        run_id=run.info.run_id,
        name=run.info.run_name or run.info.run_id[:8],
        status=run.info.status,
        started=time_of(run.info.start_time),
        seconds=(ended - run.info.start_time) / 1000 if ended else None,
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
        tags=dict(run.data.tags),
        datasets=tuple((found.dataset.name, found.dataset.digest) for found in run.inputs.dataset_inputs)
        if run.inputs
        else (),
    )
