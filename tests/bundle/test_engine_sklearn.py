"""What scikit-learn refuses about a row is the client's to mend, and is said without the value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from jupyter_mlops.bundle.runtime.batch import Batch
from jupyter_mlops.bundle.runtime.engine_sklearn.engine import SklearnEngine
from jupyter_mlops.bundle.runtime.problems import BadRequest
from jupyter_mlops.bundle.runtime.schema import Column

COLUMNS = (Column("town", "string", True, "str"), Column("size", "number", True, "float64"))


@pytest.fixture(scope="module")
def engine() -> SklearnEngine:
    frame = pd.DataFrame({"town": ["Ulm", "Bonn"] * 10, "size": np.arange(20.0)})
    encode = make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough")
    return SklearnEngine(make_pipeline(encode, LogisticRegression()).fit(frame, frame["town"] == "Ulm"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["Secret", 1.0], "UNSEEN_CATEGORY"),
        ([None, 1.0], "UNSEEN_CATEGORY"),
        (["Ulm", None], "MISSING_VALUE"),
    ],
)
def test_a_row_without_a_place_is_refused(engine: SklearnEngine, row: list[Any], code: str) -> None:
    batch = Batch(COLUMNS, [[value] for value in row], 1)
    with pytest.raises(BadRequest) as refused:
        engine.predict(engine.prepare(batch), "predict")
    assert refused.value.code == code
    assert "Secret" not in str(refused.value)


def test_other_errors_stay_what_they_are(engine: SklearnEngine) -> None:
    with pytest.raises(ValueError, match="columns are missing"):
        engine.predict(pd.DataFrame({"size": [1.0]}), "predict")
