"""Models that hold classes and functions of the notebook: promoted, exported and served like all others."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

import jupyter_mlops

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CELLS = [
    """
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
rooms = pd.DataFrame({"area": range(20, 140), "floor": [0, 1, 2] * 40})
price = rooms["area"] * 3.0 + rooms["floor"]
FACTOR = 0.5
""",
    """
def halved(X):
    return X * FACTOR

class Always(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.value_ = float(y.mean() + X.to_numpy().mean())
        return self
    def predict(self, X):
        return [self.value_ + self.shift() for _ in range(len(X))]
    def shift(self):
        return FACTOR
""",
    """
model = make_pipeline(FunctionTransformer(halved), Always()).fit(rooms, price)
r2 = model.score(rooms, price)
""",
]


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    made = Notebook(tmp_path / "project")
    for source in ("%mlops track on", *CELLS):
        made.done(source)
    yield made
    made.close()


def test_a_model_of_the_notebooks_classes_is_promoted_exported_and_checked(
    notebook: Notebook, tmp_path: Path
) -> None:
    notebook.done("%mlops promote model --as rooms")
    with notebook.here():
        exported = jupyter_mlops.export("rooms", tmp_path / "bundle").to_dict()
    (own,) = [name for name in exported["files"] if name.startswith("code/")]
    assert own.startswith("code/rooms_code_")
    assert checked(tmp_path / "bundle").returncode == 0
    assert "\n!code\n" in (tmp_path / "bundle" / ".dockerignore").read_text()
    assert "they run when it is loaded" in (tmp_path / "bundle" / "README.md").read_text()
    (tmp_path / "bundle" / own).write_text("print('something else')")
    done = checked(tmp_path / "bundle")
    assert done.returncode == 1
    assert f"{own}: changed" in done.stdout
    assert "something else" not in done.stdout.replace(own, "")


def checked(bundle: Path) -> subprocess.CompletedProcess[str]:
    """Its own check, without this package's folder on the path."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "serve.py", "--check"],
        cwd=bundle, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
