"""`drift`: has the data moved between two frames, where, since when, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.drift import Thresholds, compare_profiles
from jupyter_mlops.drift.inputs import chosen_columns
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.registry.version_profile import PREDICTION, SCORE
from jupyter_mlops.verbs.command import FrameOrName, Known, current_place, verb
from jupyter_mlops.verbs.drift_sides import Model, Side, model_of, side_of
from jupyter_mlops.verbs.place import Progress, silent
from jupyter_mlops.widgets.drift import DriftReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

DEFAULTS = Thresholds()


def drift(
    reference: Any,
    current: Any,
    *,
    columns: Sequence[str] | None = None,
    by: str | None = None,
    time: str | None = None,
    every: str | None = None,
    model: str | None = None,
    target: str | None = None,
    together: bool = False,
    calibrate: bool = False,
    trust: bool = False,
    thresholds: Thresholds = DEFAULTS,
    progress: Progress = silent,
) -> DriftReport:
    """Compare two frames column by column: effect size decides, adjusted p-value accompanies.

    Args:
        reference: what is normal, such as the training data: a frame of pandas, polars or Arrow, a
            `FrameProfile`, the path of a CSV or Parquet file, a snapshot (``df@3``, ``RUN:X_train``) or a
            registered model (``income@champion``), which stands for the rows it was trained on.
        current: what is looked at, likewise.
        columns: only these; all when None.
        by: a column whose values are segments, each compared with its own.
        time: a column of times in `current`: drift is told chunk by chunk.
        every: the period of these chunks, such as "1D"; ten chunks of equal size when None.
        model: a registered model: its answers are compared like columns, and its performance is told,
            estimated where labels are missing. A model that is the reference is meant without a word.
        target: the column of the true answers; by default as when the model was trained.
        together: also test all columns together: a classifier, principal components, correlations. Takes
            seconds.
        calibrate: also compare random parts of the reference with the rest of it, to see how often this data
            is flagged when nothing changed. Takes seconds.
        trust: load a model that was written by pickle, or that comes with code of somebody else's notebook.
        thresholds: limits on effects and on adjusted p.
        progress: told what happens and the share that is done.

    Raises:
        BadInputError: not a frame, no rows, no common columns, a column name that comes twice, or an option
            that needs rows where there is only a profile.
        NotFoundError: there is no such file, snapshot or model.
        UnsafeModelError: loading the model would run code, and that was not asked for.
    """
    progress("reading", 0.0)
    before, after = side_of(reference, "reference"), side_of(current, "current")
    if every is not None and time is None:
        raise BadInputError("every needs a column of times.", "Name it: time='timestamp'.")
    more: dict[str, Any] = {}
    name = model or before.model
    if name is not None and after.has_rows:
        progress("asking the model", 0.1)
        loaded = model_of(name, trust=trust)
        more = _performance(loaded, after.rows("model"), target, time, every)
        before, after = before.answered(loaded), after.answered(loaded)
    progress("comparing", 0.3)
    names = _names(before, after, columns, time)
    profiles = before.profile(names), after.profile(names)
    found = compare_profiles(*profiles, names, thresholds=thresholds)
    if time is not None:
        from jupyter_mlops.drift.over_time import compare_over_time

        progress("comparing by time", 0.4)
        whole = before.rows("time") if before.has_rows else profiles[0]
        more["over_time"] = compare_over_time(
            whole, profiles[0], after.rows("time"), names, time=time, every=every, thresholds=thresholds
        )
    if by is not None:
        from jupyter_mlops.drift.segments import compare_segments

        progress("comparing segments", 0.6)
        more["segments"] = compare_segments(
            before.rows("by"), after.rows("by"), names, by=by, thresholds=thresholds
        )
    if together:
        from jupyter_mlops.drift.multivariate import compare_together

        progress("comparing columns together", 0.7)
        more["multivariate"] = compare_together(
            before.rows("together"), after.rows("together"), columns=names
        )
    if calibrate:
        from jupyter_mlops.drift.with_itself import compare_with_itself

        progress("comparing the reference with itself", 0.85)
        common = [each for each in names if each in profiles[0].columns]
        more["with_itself"] = compare_with_itself(
            before.rows("calibrate"), common, rows=profiles[1].rows, thresholds=thresholds
        )
    progress("done", 1.0)
    return DriftReport.from_result(replace(found, **more))


def _names(before: Side, after: Side, columns: Sequence[str] | None, time: str | None) -> list[str]:
    """The columns to compare: a model's answers always, the times that cut the chunks only if asked for."""
    names = chosen_columns(before.columns, after.columns, columns)
    names = [name for name in names if name not in before.may_lack or name in after.columns]
    if columns is None:
        return [name for name in names if name != time] if len(names) > 1 else names
    answers = [name for name in (PREDICTION, SCORE) if name in before.columns and name in after.columns]
    return list(dict.fromkeys([*names, *answers]))


def _performance(
    model: Model, rows: pd.DataFrame, target: str | None, time: str | None, every: str | None
) -> dict[str, Any]:
    from jupyter_mlops.verbs.drift_model import performance_of

    performance, note = performance_of(model, rows, target, time, every)
    return {"performance": performance, "notes": (note,) if note else ()}


@verb("drift")
@click.argument("reference", type=FrameOrName())
@click.argument("current", type=FrameOrName())
@click.option("--columns", metavar="A,B,…", help="Only these columns.")
@click.option("--by", metavar="COLUMN", help="Compare each segment, a value of this column, with its own.")
@click.option("--time", metavar="COLUMN", help="Tell drift chunk by chunk, by this column of times.")
@click.option(
    "--every", metavar="PERIOD", help="The period of the chunks: 1D, 7D, 1M; ten chunks if left out."
)
@click.option(
    "--model", metavar="NAME", type=Known("models"), help="Also this model's answers and performance."
)
@click.option("--target", metavar="COLUMN", help="The true answers; as in training if left out.")
@click.option("--together", is_flag=True, help="Also test all columns together. Takes seconds.")
@click.option("--calibrate", is_flag=True, help="Also compare the reference with itself. Takes seconds.")
@click.option("--trust", is_flag=True, help="Load a pickle, or code of somebody else's notebook: it runs.")
def command(reference: Any, current: Any, columns: str | None, **options: Any) -> DriftReport:
    """Show how CURRENT has drifted from REFERENCE.

    Each is a variable that holds a frame (pandas, polars, Arrow), the path of a CSV or Parquet file, a
    snapshot (df@3, RUN:X_train), or a registered model (income@champion): the rows it was trained on.

    The shell command ends with code 0 when nothing drifts, 1 when something does, 2 on an error.
    """
    names = [name.strip() for name in columns.split(",")] if columns else None
    takes_seconds = any(options[name] for name in ("model", "together", "calibrate"))
    progress = current_place().progress if takes_seconds else silent
    return drift(reference, current, columns=names, progress=progress, **options)
