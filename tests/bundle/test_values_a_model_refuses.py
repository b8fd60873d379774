"""A value that scikit-learn refuses is the client's mistake; its message, which repeats it, stays here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from jupyter_mlops.bundle.runtime.batch import Batch
from jupyter_mlops.bundle.runtime.engine_sklearn.engine import SklearnEngine
from jupyter_mlops.bundle.runtime.problems import BadRequest
from jupyter_mlops.bundle.runtime.schema import Column

COLUMNS = (Column("size", "number", False, "float64"), Column("kind", "string", False, "str"))


def engine_with(encoder: Any) -> SklearnEngine:
    frame = pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0], "kind": ["a", "b", "a", "b"]})
    prepare = make_column_transformer(("passthrough", ["size"]), (encoder, ["kind"]))
    return SklearnEngine(make_pipeline(prepare, LogisticRegression()).fit(frame, [0, 1, 0, 1]))


def refused(engine: SklearnEngine, size: float, kind: str) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        engine.predict(engine.prepare(Batch(COLUMNS, [np.array([size]), [kind]], 1)), "predict")
    return caught.value


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()])
def test_an_unseen_category_that_the_encoder_refuses(encoder: Any) -> None:
    problem = refused(engine_with(encoder), 1.0, "Amanda Secret")
    assert (problem.code, problem.status) == ("UNSEEN_CATEGORY", 400)
    assert "Amanda" not in str(problem)


def test_a_number_that_is_infinite_to_the_model() -> None:
    class Squared(LogisticRegression):
        def predict(self, X: Any) -> Any:
            return super().predict(X**2)

    model = Squared().fit(pd.DataFrame({"size": [1.0, 2.0]}), [0, 1])
    engine = SklearnEngine(model)
    with np.errstate(over="ignore"), pytest.raises(BadRequest) as caught:
        engine.predict(engine.prepare(Batch(COLUMNS[:1], [np.array([1e300])], 1)), "predict")
    assert (caught.value.code, caught.value.status) == ("OUT_OF_RANGE", 400)
    assert '"size"' in caught.value.message
