"""One model in every form that a server wants, and rows to ask it about.

A notebook's cells make it; it is promoted and exported as a user does that. Left in the current folder:
``model.joblib``, ``mlflow-model``, ``compiled`` and ``sklearn`` (bundles), and ``rows.json`` with rows that
training has not seen and what scikit-learn answers to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.workers.measured_shell import make_shell

_UNSEEN = 5_000
_CELLS = """
%load_ext jupyter_mlops
# %%
%mlops track on
# %%
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
# %%
# 20 numbers, and 5 texts of 4 + 9 + 15 + 25 + 35 = 88 values: 108 columns once they are encoded
g = np.random.default_rng(7)
numbers = [f"n{i}" for i in range(20)]
texts = {"c0": 4, "c1": 9, "c2": 15, "c3": 25, "c4": 35}
data = pd.DataFrame({name: g.normal(size=25_000) * 10.0 ** (i % 5 - 1) for i, name in enumerate(numbers)})
for name, count in texts.items():
    data[name] = np.array([f"{name}-{i}" for i in range(count)])[g.integers(0, count, len(data))]
score = data["n1"] + data["n6"] * data["n11"] + (data["c1"] == "c1-3") + (data["c4"] > "c4-2")
data["y"] = (score + g.normal(size=len(data)) > score.median()).astype(int)
# %%
train, unseen = data[:20_000], data[20_000:]
X_train, y_train = train.drop(columns="y"), train["y"]
X_test, y_test = unseen.drop(columns="y"), unseen["y"]
encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
prepare = ColumnTransformer([("numbers", StandardScaler(), numbers), ("texts", encode, list(texts))])
trees = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=0)
model = make_pipeline(prepare, trees).fit(X_train, y_train)
accuracy = model.score(X_test, y_test)
# %%
%mlops promote model --as served --no-project
# %%
%mlops export served/1 compiled --engine compiled
# %%
%mlops export served/1 sklearn --engine sklearn
"""


def main() -> None:
    """Run the cells, then save the same model as the others want it."""
    shell = make_shell()
    for cell in _CELLS.split("# %%\n"):
        result = shell.run_cell(cell, store_history=True)  # type: ignore[no-untyped-call]
        result.raise_error()
    names: dict[str, Any] = shell.user_ns
    model, asked = names["model"], names["X_test"]
    assert len(asked) == _UNSEEN
    assert model[:-1].transform(asked).shape == (_UNSEEN, 108)
    assert model[-1].n_iter_ == 100
    _save(model, asked)
    rows = {
        "columns": list(asked.columns),
        "rows": asked.to_numpy(dtype=object).tolist(),
        "labels": model.predict(asked).tolist(),
    }
    Path("rows.json").write_text(json.dumps(rows), "utf-8")


def _save(model: Any, asked: Any) -> None:
    import joblib
    import mlflow

    joblib.dump(model, "model.joblib")
    mlflow.sklearn.save_model(
        model,
        "mlflow-model",
        serialization_format="cloudpickle",
        signature=mlflow.models.infer_signature(asked, model.predict(asked)),
        input_example=asked[:5],
    )


if __name__ == "__main__":
    main()
