"""Watch a labelled stream with a detector, and say what detectors that look at nothing would have said."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.concept import detectors
from jupyter_mlops.drift.concept.result import Alarm, ConceptDriftResult
from jupyter_mlops.drift.concept.stream import stream_of
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.drift.concept.stream import Stream


def detect_concept_drift(
    frame: object,
    *,
    column: str | None = None,
    target: str | None = None,
    prediction: str | None = None,
    time: str | None = None,
    detector: str = "adwin",
    seed: int = 0,
    **options: object,
) -> ConceptDriftResult:
    """Where a stream changes: the errors of a model, or any column of numbers.

    Values other than 0 and 1 are taken in standard deviations from the mean, both of the whole stream: this
    looks back on rows that are there, and no option depends on their unit.

    Args:
        frame: the rows in the order of time, unless `time` is given: pandas, polars or Arrow.
        column: the column to watch.
        target, prediction: instead, a model's labels and predictions: 1 where they differ; the absolute error
            where either has fractions.
        time: a column with times; sorts the rows and dates the alarms.
        detector: "adwin" (nothing to tune), "page-hinkley", or "ddm" (for 0 and 1 only; it sees errors that
            become more, not fewer).
        seed: of the random dummy.
        options: river's own, for instance ``delta=0.01`` for ADWIN.

    Raises:
        BadInputError: columns or values that do not fit, an unknown detector or option, or river is missing.
    """
    made = detectors.make(detector, options)
    stream = stream_of(frame, column=column, target=target, prediction=prediction, time=time)
    if detector in detectors.ERRORS_ONLY and not stream.is_of_errors:
        raise BadInputError(
            f"The detector {detector} is for errors, 0 and 1, and the stream has other values.",
            "Take detector='adwin' or 'page-hinkley'.",
        )
    values = stream.scaled
    found, warnings = detectors.watch(made, values)
    rows = len(values)
    dummies = {
        "fixed interval": detectors.fixed_interval(rows, len(found)),
        "random": detectors.at_random(rows, len(found), seed),
    }
    notes = stream.notes
    if values is not stream.values:
        notes += ("Values are in standard deviations from the mean of the whole stream.",)
    return ConceptDriftResult(
        what=stream.what,
        detector=detector,
        rows=rows,
        alarms=_alarms(stream, found),
        warnings=tuple(int(stream.rows[i]) for i in warnings),
        dummies={name: tuple(int(stream.rows[i]) for i in places) for name, places in dummies.items()},
        notes=notes,
    )


def _alarms(stream: Stream, found: Sequence[int]) -> tuple[Alarm, ...]:
    edges = [0, *(i + 1 for i in found), len(stream.values)]
    means = [
        float(np.mean(stream.values[start:end])) if end > start else float("nan")
        for start, end in pairwise(edges)
    ]
    return tuple(
        Alarm(
            row=int(stream.rows[place]),
            time=None if stream.times is None else stream.times.iloc[place],
            before=means[i],
            after=means[i + 1],
        )
        for i, place in enumerate(found)
    )
