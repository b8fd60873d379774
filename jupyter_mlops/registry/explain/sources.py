"""From the columns that a model's last step sees back to the columns that people know."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.registry.explain.output import quietly

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

_TOKEN = re.compile("\x00(\\d+)\x00")


class UnclearError(Exception):
    """A step's output cannot be said to come from one column each."""


def transformed(steps: Sequence[Any], frame: pd.DataFrame) -> Any:
    """`frame` as the step after `steps` gets it; the frame itself without any."""
    for step in steps:
        if step not in (None, "passthrough"):
            frame = quietly(step.transform, frame)
    return frame


def dense(matrix: Any) -> np.ndarray[Any, Any]:
    """A transformed frame as numbers.

    Raises:
        UnclearError: it holds something else.
    """
    try:
        return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix, dtype=float)
    except (TypeError, ValueError) as error:
        raise UnclearError("the trees get columns that are no numbers") from error


def sources(steps: Sequence[Any], frame: pd.DataFrame) -> list[int]:
    """For each column after `steps`, the place of the column of `frame` that it is made of.

    What the steps say of themselves is tried on the rows of `frame`: their other columns are dealt anew, and
    nothing but what is said to come from them may change.

    Raises:
        UnclearError: a step mixes columns or does not say what its output is made of.
    """
    found = list(range(frame.shape[1]))
    for step in steps:
        found = _through(step, found)
    before = dense(transformed(steps, frame))
    if before.shape[1] != len(found):
        raise UnclearError("the preparation gives another number of columns than it says")
    for at in range(frame.shape[1]):
        changed = frame.copy(deep=False)
        changed.isetitem(at, frame.iloc[:, at].array.take(np.roll(np.arange(len(frame)), 1)))
        after = dense(transformed(steps, changed))
        differs = ~((before == after) | (np.isnan(before) & np.isnan(after))).all(axis=0)
        if any(found[place] != at for place in np.flatnonzero(differs)):
            raise UnclearError("the preparation mixes columns")
    return found


def _through(step: Any, inputs: list[int]) -> list[int]:
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return inputs
    if isinstance(step, str) and step == "drop":
        return []
    kind = type(step).__name__
    if kind == "Pipeline":
        for _, inner in step.steps:
            inputs = _through(inner, inputs)
        return inputs
    if kind == "FeatureUnion":
        return [source for _, inner in step.transformer_list for source in _through(inner, inputs)]
    if kind == "ColumnTransformer":
        return _through_columns(step, inputs)
    return _named(step, inputs)


def _through_columns(step: Any, inputs: list[int]) -> list[int]:
    """Each transformer gets some of the columns and fills its place in the output."""
    placed: dict[int, int] = {}
    for name, inner, columns in step.transformers_:
        place = step.output_indices_[name]
        made = _through(inner, [inputs[at] for at in _picked(step, columns)])
        if len(made) != place.stop - place.start:
            raise UnclearError(
                f"the step {type(inner).__name__} gives another number of columns than it says"
            )
        placed |= dict(zip(range(place.start, place.stop), made, strict=True))
    return [placed[at] for at in sorted(placed)]


def _picked(step: Any, columns: Any) -> list[int]:
    """Places of the columns that a transformer was given: names, numbers, a mask or a slice of numbers."""
    if isinstance(columns, str):
        columns = [columns]
    if isinstance(columns, int):
        columns = [columns]
    if not isinstance(columns, slice):
        columns = list(columns)
        if columns and isinstance(columns[0], str):
            names = list(step.feature_names_in_)
            return [names.index(name) for name in columns]
        if not columns:
            return []
    try:
        return [int(at) for at in np.arange(step.n_features_in_)[columns]]
    except (IndexError, TypeError) as error:  # a slice between names
        raise UnclearError("the columns of a step are named in an unusual way") from error


def _named(step: Any, inputs: list[int]) -> list[int]:
    """Ask a step for its output's names after giving its inputs names that nobody else has."""
    nameless = copy.copy(step)
    vars(nameless).pop("feature_names_in_", None)
    try:
        names = nameless.get_feature_names_out(
            np.array([f"\x00{at}\x00" for at in range(len(inputs))], object)
        )
    except Exception as error:  # users' own steps raise anything; most have no such method
        raise UnclearError(
            f"the step {type(step).__name__} does not say what its output is made of"
        ) from error
    if len(inputs) == 1:  # there is nothing to mix; words of a text are named after themselves
        return inputs * len(names)
    found = [set(_TOKEN.findall(str(name))) for name in names]
    if any(len(tokens) != 1 for tokens in found):
        raise UnclearError(f"the step {type(step).__name__} mixes columns")
    return [inputs[int(next(iter(tokens)))] for tokens in found]
