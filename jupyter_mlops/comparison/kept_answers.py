"""The true answers and predictions behind a metric, where they were kept as data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.comparison.measured_by import Measure, Piece, measure_of
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.registry.gates.answers import Answers, Prediction, all_classes, answers, codes_of
from jupyter_mlops.registry.gates.metrics import METRICS
from jupyter_mlops.registry.gates.unable import Unable
from jupyter_mlops.snapshot.masking import masked_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_mlops.comparison.recorded import Recorded
    from jupyter_mlops.snapshot import SnapshotStore

_OF_SCORES = {"auc", "average_precision", "log_loss", "brier"}
_NO_DATA = {"object", "file"}
_CLOSE = 1e-6
NOT_KEPT = "no predictions kept"


@dataclass(frozen=True, eq=False)
class KeptAnswers:
    """What a metric was computed from: `truth` tells the true answers of one hold-out from others."""

    metric: str
    truth: tuple[str, Piece]
    answers: Answers


def reader(store: SnapshotStore) -> Callable[[str], Any]:
    """Reads kept data by digest, each value once; it raises `Unable` with the reason where it cannot."""

    @cache
    def read(digest: str) -> Any:
        try:
            if digest not in store or store.describe(digest).kind in _NO_DATA:
                raise Unable(NOT_KEPT)
            if store.newest(digest) != digest:
                raise Unable("rows were forgotten since")
            return store.get(digest)
        except MlopsError:  # damaged, or the shared place is away
            raise Unable(NOT_KEPT) from None

    return read


def kept_answers(run: Recorded, name: str, read: Callable[[str], Any]) -> KeptAnswers:
    """The answers behind one metric of a run, which give the recorded value again.

    Args:
        run: with its code.
        name: of the metric.
        read: from `reader`.

    Raises:
        Unable: they were not kept, or the metric is none of the gates'.
    """
    if run.code is None:
        raise Unable("no code recorded")
    sources = tuple(cell.source for cell in run.code.cells if not cell.outside)
    found = measure_of(sources, name)
    if found is None:
        raise Unable(NOT_KEPT)
    sides = [(_digest_of(run, piece.name), piece) for piece in (found.truth, found.answers)]
    values = [_of_piece(read(digest), piece) for digest, piece in sides if digest is not None]
    if len(values) < len(sides):
        raise Unable(NOT_KEPT)
    told = _answers(found.metric, *values)
    if not _is_recorded(METRICS[found.metric].value(told), run.run.metrics[name], found):
        raise Unable("computed in another way")
    digest, piece = sides[0]
    return KeptAnswers(found.metric, (str(digest), Piece("", piece.columns)), told)


def _digest_of(run: Recorded, name: str) -> str | None:
    """The content of a variable when the run's cell had run."""
    assert run.code is not None  # noqa: S101 - asked for by the caller
    for cell in reversed(run.code.cells):
        if name in cell.digests:
            return cell.digests[name]
    return None


def _of_piece(value: Any, piece: Piece) -> Any:
    for column in piece.columns:
        try:
            value = value[column] if isinstance(column, str) else np.asarray(value)[:, column]
        except (KeyError, IndexError, TypeError, ValueError):
            raise Unable("computed in another way") from None
    if masked_columns(value):
        raise Unable("masked")
    return value


def _answers(metric: str, truth: Any, said: Any) -> Answers:
    """Side by side as the gates want them.

    Raises:
        Unable: the two do not fit together.
    """
    found, task = np.asarray(said), METRICS[metric].task
    if len(np.shape(truth)) != 1 or len(found) != len(truth):
        raise Unable("computed in another way")
    if task == "regression" or metric not in _OF_SCORES:
        return answers(truth, Prediction(found), task)
    classes = all_classes([truth])
    try:
        found = found.astype(np.float64)
    except (TypeError, ValueError):
        raise Unable("computed in another way") from None
    if found.ndim == 1 and len(classes) == 2:
        table = np.stack([1 - found, found], axis=1)
    elif found.ndim == 2 and found.shape[1] == len(classes):
        table = found
    else:
        raise Unable("computed in another way")
    labels = np.full(len(found), -1, np.int64)  # what a threshold would make of the scores is not asked for
    scores = table[:, 1] if len(classes) == 2 else None
    return Answers("classification", codes_of(truth, classes), labels, classes, table, scores)


def _is_recorded(value: float, recorded: float, how: Measure) -> bool:
    if how.digits is not None:
        return abs(value - recorded) <= 0.5 * 10.0**-how.digits * (1 + _CLOSE)
    return math.isclose(value, recorded, rel_tol=_CLOSE, abs_tol=_CLOSE * _CLOSE)
