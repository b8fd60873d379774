"""`explain`: what a registered model uses, why it answered as it did, and how it came to be."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.evidence import Rows
from jupyter_mlops.registry.explain import explain_model
from jupyter_mlops.registry.explain.columns import as_trained, example_frame, input_of
from jupyter_mlops.registry.explain.output import quietly
from jupyter_mlops.registry.kept_evidence import read_evidence
from jupyter_mlops.registry.load import MODEL_DIGEST, load_model
from jupyter_mlops.registry.save import EXTRA
from jupyter_mlops.registry.versions import fetch_files, find_version
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot.schema import Schema
from jupyter_mlops.snapshot.shared import project_store
from jupyter_mlops.verbs.command import Frame, Known, current_place, verb
from jupyter_mlops.verbs.evidence import task_of
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.verbs.trained_by import trained_by
from jupyter_mlops.widgets.explain import ExplainReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.registry.evidence import Task
    from jupyter_mlops.settings import Settings


def explain(
    model: str,
    rows: pd.DataFrame | Sequence[int] | None = None,
    *,
    trust: bool = False,
    progress: Progress = silent,
) -> ExplainReport:
    """Importance of the columns on the hold-out, contributions to single answers, and how it was trained.

    Args:
        model: ``name@alias``, ``name/version`` or ``name``.
        rows: rows to explain the answers for, with the columns the model was trained on; or positions in the
            hold-out, the first being 0.
        trust: load a model that was written by pickle, or that comes with code of somebody else's notebook.
            That code runs; that it is what was registered is checked first.
        progress: told what happens and the share that is done.

    Raises:
        NotFoundError: no such model or version, or it was not promoted by this package.
        BadInputError: the rows are not such rows, or the model gives several answers for each row.
        UnsafeModelError: loading it would run code, and that was not asked for.
        StoreError: the tracking store cannot be used.
    """
    settings = load_settings()
    progress("fetching the model", 0.0)
    version = find_version(settings, model)
    with tempfile.TemporaryDirectory(prefix="mlops-explain-") as scratch:
        folder = fetch_files(settings, version, Path(scratch))
        digest = version.tags.get(MODEL_DIGEST, "") if trust else None
        estimator = load_model(folder, TRUSTED, pickle_digest=digest)
        measured, task, note = _kept_rows(settings, folder, estimator)
        asked = _asked(rows, input_of(estimator, measured))
        if asked is not None:
            _check_answers(estimator, asked)
        found = explain_model(
            estimator, task, measured, asked, lambda text, at: progress(text, 0.1 + 0.9 * at)
        )
        sections, data = trained_by(settings, version, folder)
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    progress("done", 1.0)
    return ExplainReport(
        f"{version.name} version {version.version}{aliases}",
        replace(found, notes=(*([note] if note else []), *found.notes)),
        sections,
        {"name": version.name, "version": version.version, "aliases": list(version.aliases), **data},
    )


def _kept_rows(settings: Settings, folder: Path, model: Any) -> tuple[Rows, Task, str]:
    """The best rows there are to measure on, and what is to be said of them."""
    kept = read_evidence(folder, project_store(settings))
    task: Task = kept.task if kept else task_of(model)
    if kept and kept.holdout:
        return kept.holdout, task, ""
    if kept and kept.training:
        note = "no hold-out was kept: measured on the rows it was trained on, where models look better"
        return kept.training, task, note
    schema = Schema.from_dict(json.loads((folder / EXTRA / "schema.json").read_text("utf-8")))
    records = json.loads((folder / EXTRA / "example.json").read_text("utf-8"))
    note = "neither hold-out nor training rows were kept: only the example rows of the version are used"
    return Rows(example_frame(records, schema), None, "the example rows"), task, note


def _asked(rows: Any, measured: Rows) -> pd.DataFrame | None:
    """The rows asked about as training knew their columns; None when there are none."""
    import pandas as pd

    if rows is None:
        return None
    if isinstance(rows, pd.DataFrame):
        return as_trained(rows, measured.features)
    if isinstance(rows, str) or not all(isinstance(at, int) and not isinstance(at, bool) for at in rows):
        raise BadInputError(
            f"rows of type {type(rows).__name__} cannot be explained",
            f"Pass a pandas DataFrame, or a list of positions in {measured.said}, such as [0, 5].",
        )
    count = len(measured.features)
    wrong = [at for at in rows if not 0 <= at < count]
    if wrong:
        raise BadInputError(
            f"there is no row {wrong[0]} in {measured.said}", f"It has {count} rows: 0 to {count - 1}."
        )
    return measured.features.iloc[list(rows)]


def _check_answers(model: Any, asked: pd.DataFrame) -> None:
    """Refuse rows that the model does not answer for, such as those with a category it does not know."""
    try:
        quietly(model.predict, asked)
    except Exception as error:  # noqa: BLE001 - steps of users raise anything
        kind = type(error).__name__
        raise BadInputError(
            f"the model does not answer for these rows ({kind})",
            "Give rows with values of the kinds that it was trained on.",
        ) from None  # it may name values


@verb("explain")
@click.argument("model", type=Known("models"))
@click.argument("rows", required=False, type=Frame())
@click.option("--rows", "at", metavar="0,5,…", help="Explain these rows of the hold-out; the first is 0.")
@click.option("--trust", is_flag=True, help="Load a pickle, or code of somebody else's notebook: it runs.")
def command(model: str, rows: Any, at: str | None, trust: bool) -> ExplainReport:
    """Explain a model: what it uses, why it answered as it did, and how it came to be.

    MODEL is income@champion, income/3 or income (its champion, else its newest version). ROWS is a variable
    that holds a pandas frame, or the path of a CSV or Parquet file, with the columns it was trained on.
    """
    if at is not None and rows is not None:
        raise click.UsageError("ROWS and --rows exclude each other: name rows, or positions in the hold-out.")
    chosen = _positions(at) if at is not None else rows
    return explain(model, chosen, trust=trust, progress=current_place().progress)


def _positions(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        raise click.UsageError("--rows takes positions in the hold-out, such as 0,5.") from None
