"""What a model learned from and was measured by, found in the code that made it."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from jupyter_mlops.lineage.model_data import model_data
from jupyter_mlops.lineage.slice import Slice, SliceCell
from jupyter_mlops.notebook.model_rows import find_rows

FIT = "model = Ridge().fit(X_train, y_train)"
CASES = {
    "score": ([FIT, "model.score(X_test, y_test)"], ("X_train", "y_train"), ("X_test", "y_test")),
    "a metric of predictions": (
        [FIT, "r = rmse(y_test, model.predict(X_test))"], ("X_train", "y_train"), ("X_test", "y_test"),
    ),
    "predictions under a name": (
        [FIT, "p = model.predict_proba(X_test)[:, 1]", "auc = roc_auc_score(y_test, p)"],
        ("X_train", "y_train"), ("X_test", "y_test"),
    ),
    "by keywords": (
        ["model = Ridge()\nmodel.fit(X=a, y=b)", "f1 = f1_score(y_pred=model.predict(c), y_true=d)"],
        ("a", "b"), ("c", "d"),
    ),
    "columns of frames": (
        ["model.fit(train[cols], train['y'])", "s = model.score(test.drop(columns=['y']), test.y)"],
        ("train[cols]", "train['y']"), ("test.drop(columns=['y'])", "test.y"),
    ),
    "the best of a search": (
        ["s = GridSearchCV(m, g)\ns.fit(X, y)", "model = s.best_estimator_", "model.score(A, b)"],
        ("X", "y"), ("A", "b"),
    ),
    "a function of the user's": (
        [FIT, "m = evaluate(model, X_test, y_test)"], ("X_train", "y_train"), ("X_test", "y_test"),
    ),
    "another model's": (["other.fit(a, b)", FIT, "other.score(c, d)"], ("X_train", "y_train"), None),
    "measured on the same rows": ([FIT, "model.score(X_train, y_train)"], ("X_train", "y_train"), None),
    "no answers": (["model = KMeans(3).fit(X)"], ("X", None), None),
    "something that does things": (["model.fit(next(it), y)", "model.score(get(), y)"], None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_code_says_what_the_data_were(case: str) -> None:
    sources, fitted, measured = CASES[case]
    cells = tuple(SliceCell(n, n, source) for n, source in enumerate(sources, start=1))
    found = model_data(Slice(cells, 0), "model")
    assert found.fitted[:1] == ((fitted,) if fitted else ())
    assert found.measured[:1] == ((measured,) if measured else ())


def test_the_rows_are_looked_up_and_what_does_not_fit_is_passed_over() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 5.0], "b": [0.0, 1.0, 0.0, 1.0]})
    train, test = frame[:3], frame[1:]
    model = LinearRegression().fit(train, [1, 2, 3])
    names = {"train": train, "test": test, "same": train.copy(), "ys": [2, 3, 5], "wide": frame.T, "m": model}
    pairs = [("gone", "ys"), ("wide", "ys"), ("same", "ys"), ("test", "wide"), ("test", "ys")]
    found = find_rows(names, model, [("train", "ys")], pairs)
    assert found["training"][2] == "train"
    features, answers, said = found["holdout"]
    assert said == "test"
    assert features is test
    assert answers.tolist() == [2, 3, 5]
    assert answers.index.equals(test.index)
    assert find_rows(names, model, [], [("same", None)]) == {}
