"""How a metric went over the steps of runs, thinned so that it can be drawn."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.settings import plain_uri
from jupyter_mlops.tracking.client import connect, store_errors, unreachable
from jupyter_mlops.tracking.run_index.entries import as_logged
from jupyter_mlops.tracking.run_index.sqlite_tables import path_of, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from jupyter_mlops.settings import Settings

    Points = NDArray[np.float64]
    """One row per logged value: step, value, time in milliseconds."""

MOST_POINTS = 2000
_KEPT_OF_EACH = 4
"""First, last, least and greatest of a bucket."""
_POINTS = (
    "SELECT step, CASE WHEN is_nan THEN NULL ELSE value END, timestamp FROM metrics "
    "WHERE run_uuid = ? AND key = ? ORDER BY step, timestamp, value"
)


def metric_history(
    settings: Settings,
    run_ids: Sequence[str],
    metric: str,
    *,
    rows: Sequence[int] | None = None,
    uri: str | None = None,
) -> dict[str, Any]:
    """What was logged of a metric, by step, as plain data.

    Args:
        settings: the project and its store.
        run_ids: the runs; one that is gone, or did not log the metric, has no points.
        metric: its name.
        rows: what each run is called in the answer; its place in `run_ids` when None.
        uri: another store.

    Returns:
        ``{"metric", "thinned", "runs": [{"row", "steps", "values", "times"}]}``, the times in milliseconds
        since 1970. A value that is no finite number is None. Of more than 2,000 points the first, last, least
        and greatest of each stretch are kept, and ``thinned`` is True.

    Raises:
        StoreError: the store cannot be used.
    """
    uri = settings.tracking_uri if uri is None else plain_uri(uri)
    runs = []
    thinned = False
    with _source(settings, uri) as points_of:
        for place, run_id in enumerate(run_ids):
            points = points_of(run_id, metric)
            kept = _thinned(points)
            thinned |= len(kept) < len(points)
            runs.append(
                {
                    "row": place if rows is None else rows[place],
                    "steps": kept[:, 0].astype(np.int64).tolist(),
                    "values": [value if np.isfinite(value) else None for value in kept[:, 1].tolist()],
                    "times": kept[:, 2].astype(np.int64).tolist(),
                }
            )
    return {"metric": metric, "thinned": thinned, "runs": runs}


@contextmanager
def _source(settings: Settings, uri: str) -> Iterator[Callable[[str, str], Points]]:
    """What gives the points of a run: the SQLite file itself, else MLflow's client."""
    database = path_of(uri)
    if database is not None:
        try:
            with reading(database) as store:
                yield lambda run_id, metric: _points(store.execute(_POINTS, (run_id, metric)).fetchall())
        except sqlite3.Error as error:
            raise unreachable(uri, error) from error
        return
    client = connect(replace(settings, tracking_uri=uri))
    from mlflow.exceptions import MlflowException

    def asked(run_id: str, metric: str) -> Points:
        try:
            found = client.get_metric_history(run_id, metric)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            found = []
        return _points(sorted((each.step, each.value, each.timestamp) for each in found))

    with store_errors(uri):
        yield asked


def _points(rows: Sequence[tuple[int, float | None, int]]) -> Points:
    steps, values, times = zip(*rows, strict=True) if rows else ((), (), ())
    return np.stack(
        [np.array(steps, dtype=np.float64), as_logged(values), np.array(times, dtype=np.float64)], 1
    )


def _thinned(points: Points) -> Points:
    """At most `MOST_POINTS`, in order."""
    if len(points) <= MOST_POINTS:
        return points
    bounds = np.linspace(0, len(points), MOST_POINTS // _KEPT_OF_EACH + 1).astype(np.int64)
    starts, lasts = bounds[:-1], bounds[1:] - 1
    values = points[:, 1]
    kept = [starts, lasts]
    for fill, find in ((np.inf, np.argmin), (-np.inf, np.argmax)):
        numbers = np.where(np.isnan(values), fill, values)
        kept.append(
            np.array(
                [start + find(numbers[start : last + 1]) for start, last in zip(starts, lasts, strict=True)]
            )
        )
    found: Points = points[np.unique(np.concatenate(kept))]
    return found
