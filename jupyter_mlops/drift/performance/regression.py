"""The error of a regression without labels: a second model learns it from the reference (DLE)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.performance.calibration import folds
from jupyter_mlops.drift.performance.sides import Task
from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.performance.sides import Floats, Integers

# HistGradientBoosting takes up to 255 categories; one is kept for all others together.
CATEGORIES = 254

# An error is mostly noise: larger trees learn that instead.
SMALL: dict[str, Any] = {"max_leaf_nodes": 8, "max_iter": 60, "min_samples_leaf": 50}


def regression_figures(values: Floats, scores: Floats, predicted: Integers) -> dict[str, float]:
    """Mean absolute error and root of the mean squared error; `values` (n, 2) holds both of each row."""
    del scores, predicted
    absolute, squared = values.mean(axis=0)
    return {"mae": float(absolute), "rmse": float(np.sqrt(squared))}


REGRESSION = Task(
    name="regression",
    figures=regression_figures,
    metrics=("mae", "rmse"),
    defaults=("mae", "rmse"),
    higher_is_better=False,
    assumptions=(
        "Estimated by DLE: a second model has learned on the reference how far the predictions are off, from "
        "the features and the prediction. That holds while the error depends on them as it did on the "
        "reference, and where the reference has rows. A changed relation between features and target "
        "(concept drift) cannot be seen without labels."
    ),
)


def errors(truth: Floats, prediction: Floats) -> Floats:
    """(n, 2) absolute and squared errors; NaN where either is missing.

    Raises:
        BadInputError: an error of more than about 1e154.
    """
    off = np.abs(truth - prediction)
    with np.errstate(over="ignore"):
        found = np.column_stack([off, off**2])
    if np.isinf(found).any():
        raise BadInputError(
            "Some errors are too large to be squared.", "Give target and prediction in another unit."
        )
    return found


def expected_errors(features: pd.DataFrame, values: Floats, asked: pd.DataFrame) -> Floats:
    """(m, 2) expected absolute and squared errors of the rows `asked`; never below 0."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    known = ~np.isnan(values).any(axis=1)
    found = np.empty((len(asked), 2))
    for k in range(2):
        model = HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=0, **SMALL)
        model.fit(features[known], values[known, k])
        found[:, k] = np.maximum(model.predict(asked), 0)
    return found


def expected_out_of_fold(features: pd.DataFrame, values: Floats) -> Floats:
    """Expected errors of the same rows, each by a model that has not seen it."""
    found = np.full(values.shape, np.nan)
    for rows in folds(len(features)):
        others = np.setdiff1d(np.arange(len(features)), rows, assume_unique=True)
        found[rows] = expected_errors(features.iloc[others], values[others], features.iloc[rows])
    return found


def alike(reference: pd.DataFrame, current: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Both frames as numbers and categories of the reference, and the columns that are neither.

    Times are left out: a later one is always outside of what the reference covers. So are columns that are
    numbers on one side only, those that are empty on the reference, and nested values.
    """
    import pandas as pd

    left, right, out = {}, {}, []
    for name in reference.columns:
        ours, theirs = reference[name], current[name]
        if all(_is_number(side) for side in (ours, theirs)) and ours.notna().any():
            left[name], right[name] = (_floats(side) for side in (ours, theirs))
        elif all(_is_text(side) for side in (ours, theirs)) and ours.notna().any():
            left[name], right[name] = _categories(ours, theirs)
        else:
            out.append(str(name))
    return pd.DataFrame(left, index=reference.index), pd.DataFrame(right, index=current.index), out


def _is_number(side: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

    return bool((is_numeric_dtype(side) and not is_complex_dtype(side)) or is_bool_dtype(side))


def _is_text(side: pd.Series) -> bool:
    import pandas as pd
    from pandas.api.types import infer_dtype

    plain = side.cat.categories if isinstance(side.dtype, pd.CategoricalDtype) else side
    return infer_dtype(plain, skipna=True) in {"string", "boolean", "empty"}


def _floats(side: pd.Series) -> pd.Series:
    import pandas as pd

    values = side.astype("Float64").to_numpy("float64", na_value=np.nan)
    return pd.Series(np.where(np.isinf(values), np.nan, values), index=side.index)


def _categories(ours: pd.Series, theirs: pd.Series) -> tuple[pd.Series, pd.Series]:
    import pandas as pd

    texts = [side.astype(object).where(side.notna()).map(str, na_action="ignore") for side in (ours, theirs)]
    kept = pd.Index(texts[0].value_counts().index[:CATEGORIES])
    both = []
    for text in texts:
        codes = np.where(text.isna(), -1, np.where(text.isin(kept), kept.get_indexer(text), len(kept)))
        values = pd.Categorical.from_codes(codes, categories=pd.RangeIndex(len(kept) + 1))
        both.append(pd.Series(values, index=text.index))
    return both[0], both[1]
