"""What the gates share: the rows, and what both models answer for them, asked once."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jupyter_mlops.drift.result import short_name
from jupyter_mlops.registry.gates.answers import Answers, all_classes, answers, columns_for, predict_rows
from jupyter_mlops.registry.gates.bootstrap import SEED
from jupyter_mlops.registry.gates.columns import read_columns
from jupyter_mlops.registry.gates.unable import Unable

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.registry.evidence import Evidence, Rows
    from jupyter_mlops.registry.gates.answers import Prediction
    from jupyter_mlops.registry.gates.columns import Column
    from jupyter_mlops.registry.gates.rules import Rules

MOST_HOLDOUT = 100_000
MOST_TRAINING = 20_000
"""Rows that are looked at; of more, a sample that is the same each time."""
_SECONDS = 20.0
"""What a model may take for all rows of a kind: a slow one is asked for fewer of them, but for these."""
_FEWEST = 5000
NO_HOLDOUT = "no hold-out is known: name it in the gate file, `holdout: {features: X_test, target: y_test}`"


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows with their true answers; `of` is how many there were before a sample was taken."""

    features: pd.DataFrame
    target: pd.Series[Any]
    said: str
    of: int

    @property
    def note(self) -> str:
        """What to add to a figure: empty, or how many rows were looked at."""
        return f" ({len(self.target):,} of {self.of:,} rows)" if len(self.target) < self.of else ""


@dataclass(frozen=True, eq=False)
class Case:
    """A model before its gates."""

    evidence: Evidence
    rules: Rules
    approved_by: str | None = None

    @cached_property
    def holdout(self) -> Sample:
        """Hold-out rows with an answer.

        Raises:
            Unable: there are none.
        """
        if self.evidence.holdout is None:
            raise Unable(NO_HOLDOUT)
        return _sample(self.evidence.holdout, self._affordable(self.evidence.holdout, MOST_HOLDOUT))

    @cached_property
    def training(self) -> Sample:
        """Training rows with an answer.

        Raises:
            Unable: they are not known.
        """
        return _sample(self.evidence.training, self._affordable(self.evidence.training, MOST_TRAINING))

    @cached_property
    def some_answers(self) -> Sample:
        """Training rows, or hold-out rows where the answers of the former are not known: at most 20,000."""
        try:
            return self.training
        except Unable:
            if self.evidence.holdout is None:
                raise
            return _sample(self.evidence.holdout, MOST_TRAINING)

    @cached_property
    def some_columns(self) -> list[Column]:
        """The columns of `some_answers`, as numbers and codes."""
        return read_columns(self.some_answers.features)

    @cached_property
    def classes(self) -> tuple[Any, ...]:
        """Labels in the order of the model, then what else is a true or predicted answer."""
        if self.evidence.task == "regression":
            return ()
        holdout = self.evidence.holdout
        targets = [self.evidence.training.target, None if holdout is None else holdout.target]
        known = tuple(getattr(self.evidence.model, "classes_", ()))
        return all_classes([known, *(target for target in targets if target is not None)])

    @cached_property
    def answers(self) -> Answers:
        """Of the model for the hold-out.

        Raises:
            Unable: no hold-out, or the model fails on it.
        """
        return self.put(self.holdout, self.predicted)

    @cached_property
    def predicted(self) -> Prediction:
        """What the model says about the hold-out.

        Raises:
            Unable: no hold-out, or the model fails on it.
        """
        return self.ask(self.evidence.model, self.holdout.features)

    @cached_property
    def training_answers(self) -> Answers:
        """Of the model for training rows.

        Raises:
            Unable: their answers are not known, or the model fails on them.
        """
        return self.put(self.training, self.ask(self.evidence.model, self.training.features))

    def ask(self, model: Any, features: pd.DataFrame, said: str = "the model") -> Prediction:
        """What a model says about rows; `said` is what to call it.

        Raises:
            Unable: it fails.
        """
        return predict_rows(model, columns_for(model, features, said), self.evidence.task, said)

    def put(self, sample: Sample, prediction: Prediction, classes: tuple[Any, ...] | None = None) -> Answers:
        """True answers beside predicted ones; `classes` are those of all that is compared, where it is more.

        Raises:
            Unable: numbers are wanted and there are none, or no label is common.
        """
        if self.evidence.task == "regression":
            return answers(sample.target, prediction, "regression")
        said = {*prediction.classes, *all_classes([prediction.labels])}
        if not said & set(all_classes([sample.target])):
            raise Unable(f"the model answers with other labels than {sample.said} has: 1 and '1' are two")
        return answers(sample.target, prediction, "classification", classes or self.classes_with(prediction))

    def classes_with(self, *predictions: Prediction) -> tuple[Any, ...]:
        """`classes`, and what else the predictions hold."""
        parts = [part for each in predictions for part in (each.classes, each.labels)]
        return all_classes([self.classes, *parts])

    def _affordable(self, rows: Rows, most: int) -> int:
        """How many rows slow models can be asked for; fewer than `most` only where it would take long."""
        if len(rows.features) <= _FEWEST:
            return most
        champion = self.evidence.champion
        models = [self.evidence.model, *([champion.model] if champion and champion.model is not None else [])]
        slowest = max(self._seconds_a_row(model, rows.features) for model in models)
        return most if slowest * most <= _SECONDS else max(_FEWEST, int(_SECONDS / slowest))

    def _seconds_a_row(self, model: Any, features: pd.DataFrame) -> float:
        """By how much 1,000 rows take longer than 100, so that what each call takes does not count."""
        took = []
        for count in (100, 100, 1000):  # the first call may import and compile
            start = time.perf_counter()
            with contextlib.suppress(Unable):
                self.ask(model, features.iloc[:count])
            took.append(time.perf_counter() - start)
        return (took[2] - took[1]) / 900


def some_of(rows: int, most: int) -> npt.NDArray[np.int64]:
    """Positions of at most `most` rows in their order, the same each time."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(SEED).choice(rows, most, replace=False))


def named_column(frame: pd.DataFrame, name: str, said: str) -> pd.Series[Any]:
    """A column by its name as text.

    Raises:
        Unable: there is none, or several.
    """
    from jupyter_mlops.errors import did_you_mean

    places = [place for place, each in enumerate(frame.columns) if str(each) == name]
    if len(places) == 1:
        return frame.iloc[:, places[0]]
    if places:
        raise Unable(f"{said} has several columns called {short_name(name)!r}")
    guess = did_you_mean(name, [str(each) for each in frame.columns])
    raise Unable(f"{said} has no column {short_name(name)!r}.{guess}")


def _sample(rows: Rows, most: int) -> Sample:
    said = rows.said or "the rows"
    if rows.target is None:
        raise Unable(f"the true answers of {said} are not known")
    if len(rows.features) != len(rows.target):
        raise Unable(f"{said} has {len(rows.features):,} rows and {len(rows.target):,} answers")
    known = np.flatnonzero(rows.target.notna().to_numpy())
    if not len(known):
        raise Unable(f"{said} has no rows with an answer")
    taken = known[some_of(len(known), most)]
    return Sample(rows.features.iloc[taken], rows.target.iloc[taken], said, len(known))
