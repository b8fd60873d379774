"""What is in the profile of a version: its rows, their answers, the model's, and nothing that is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from jupyter_mlops.drift.profile.ordered import Ordered
from jupyter_mlops.registry.evidence import Rows
from jupyter_mlops.registry.version_profile import profile_of_training

if TYPE_CHECKING:
    from jupyter_mlops.drift.profile import FrameProfile

G = np.random.default_rng(2)
FRAME = pd.DataFrame(G.normal(size=(300, 2)), columns=["age", "pay"])
LABELS = pd.Series(
    np.array(["a", "b", "c"])[(FRAME["age"] > 0).astype(int) + (FRAME["pay"] > 1)], name="group"
)


def ordered(profile: FrameProfile | None, name: str) -> Ordered:
    assert profile is not None
    values = profile.columns[name].values
    assert isinstance(values, Ordered)
    return values


def test_the_score_is_that_of_the_second_of_two_classes_and_of_the_likeliest_of_more() -> None:
    three = LogisticRegression().fit(FRAME, LABELS)
    found = profile_of_training(three, Rows(FRAME.assign(race=1), LABELS, "X"))
    assert found is not None
    assert list(found.columns) == ["age", "pay", "group", "prediction", "score"]
    assert ordered(found, "score").minimum == three.predict_proba(FRAME).max(axis=1).min()
    yes = LABELS == "a"
    two = LogisticRegression().fit(FRAME, yes)
    found = profile_of_training(two, Rows(FRAME, yes, "X"))
    assert ordered(found, "score").mean == pytest.approx(two.predict_proba(FRAME)[:, 1].mean())


@pytest.mark.parametrize(
    ("target", "columns"),
    [
        ("pay", ["age"]),  # the answers would tell what the model has learned of it
        (None, ["age"]),  # it may be the masked one
        ("group", ["age", "group", "prediction"]),
    ],
)
def test_nothing_of_masked_columns_is_in_it(target: str | None, columns: list[str]) -> None:
    answers = FRAME["pay"].rename(target)
    model = Ridge().fit(FRAME[["age"]], answers)
    found = profile_of_training(model, Rows(FRAME, answers, "X"), {"pay", "mail"})
    assert found is not None
    assert list(found.columns) == columns


def test_rows_without_a_profile_and_models_without_an_answer_stop_no_promotion() -> None:
    model = Ridge().fit(FRAME, FRAME["pay"])
    assert profile_of_training(model, Rows(FRAME.head(0), None, "X")) is None
    found = profile_of_training(model, Rows(FRAME.rename(columns={"age": "prediction"}), None, "X"))
    assert found is not None
    assert list(found.columns) == ["prediction", "pay"]
    assert ordered(found, "prediction").maximum == FRAME["age"].max()
