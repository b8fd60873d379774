"""A champion with functions of its notebook: run by who promoted it, by nobody else unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from notebook_in_process import Notebook

from jupyter_mlops.bundle.runtime.engine_sklearn.trusted_types import TRUSTED
from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.load import load_model
from jupyter_mlops.registry.versions import fetch_files, find_version
from jupyter_mlops.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CELLS = [
    """
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
draw = np.random.default_rng(0)
rooms = pd.DataFrame({"area": draw.uniform(20, 140, 600), "floor": draw.integers(0, 9, 600)})
rooms["price"] = rooms["area"] * 3 + rooms["floor"] * 20 + draw.normal(0, 30, 600)
train, test = rooms[:400], rooms[400:]
X_train, y_train = train[["area", "floor"]], train["price"]
X_test, y_test = test[["area", "floor"]], test["price"]

def halved(X):
    return X / 2
""",
    """
model = make_pipeline(FunctionTransformer(halved), Ridge()).fit(X_train, y_train)
r2 = model.score(X_test, y_test)
""",
    """
other = make_pipeline(FunctionTransformer(halved), Ridge(2.0)).fit(X_train, y_train)
r2 = other.score(X_test, y_test)
""",
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("own")
    made = Notebook(folder / "project", MLOPS_KEY_FILE=str(folder / "key"))
    for source in ("%mlops track on", *CELLS):
        made.done(source)
    made.done("%mlops promote model --as rooms")
    yield made
    made.close()


def champion_gate(notebook: Notebook) -> tuple[str, str]:
    card = notebook.done("%mlops promote other --as rooms --alias challenger").value
    return next((outcome, figure) for outcome, name, figure in card.checks if name == "champion")


def test_who_promoted_it_has_it_compared(notebook: Notebook) -> None:
    outcome, figure = champion_gate(notebook)
    assert outcome == "passed"
    assert "95 %" in figure


def test_nobody_elses_code_is_run(notebook: Notebook, tmp_path: Path) -> None:
    mine = notebook.environment
    notebook.environment = {**mine, "MLOPS_KEY_FILE": str(tmp_path / "another")}
    try:
        outcome, figure = champion_gate(notebook)
    finally:
        notebook.environment = mine
    assert outcome == "warned"
    assert "as recorded" in figure


def test_with_one_byte_changed_it_is_not_loaded(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in notebook.environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    folder = fetch_files(settings, find_version(settings, "rooms@champion"), tmp_path)
    assert load_model(folder, TRUSTED).predict(np.array([[100.0, 1]])).shape == (1,)
    code = next(folder.rglob("rooms_code_*.py"))
    code.write_bytes(code.read_bytes() + b"\n")
    with pytest.raises(UnsafeModelError):
        load_model(folder, TRUSTED)
