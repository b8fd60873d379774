"""`reproduce` for runs of other kinds: of the user's own MLflow code, with masked columns, and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from notebook_in_process import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IMPORTS = """
import mlflow, numpy as np, pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.multioutput import MultiOutputClassifier
X = pd.DataFrame(np.random.default_rng(0).random((40, 2)), columns=["a", "b"])
y = X["a"] > 0.5
"""
SEVERAL = """%%mlops track --name several
both = pd.DataFrame({"u": y, "v": ~y})
many = MultiOutputClassifier(RandomForestClassifier(3, random_state=0)).fit(X, both)
many.predict(X)
"""
MASKED = """%%mlops track --name kept
from sklearn.linear_model import Ridge
X = rows[["a"]]
line = Ridge().fit(X, rows["b"])
fit = 1.0 * len(rows)
"""
NETWORK = """%%mlops track --name online
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=0.1)
except OSError:
    pass
line = Ridge().fit(X, y)
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("kinds") / "project")
    made.done("%mlops track on")
    made.done(IMPORTS)
    yield made
    made.close()


def outcomes(told: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(each["group"], each["name"]): each["outcome"] for each in told["findings"]}


def test_a_run_of_the_users_own_with_several_cells_is_compared_cell_by_cell(notebook: Notebook) -> None:
    for source in (
        "run = mlflow.start_run(run_name='own')",
        "alpha = 2.0\nfirst = Ridge(alpha=alpha).fit(X, y)\nfit = first.score(X, y)",
        (
            "beta = 3\nsecond = Ridge(alpha=beta).fit(X, y)\nfit2 = second.score(X, y)\n"
            "mlflow.log_metric('own', fit2)"
        ),
        "mlflow.end_run()",
    ):
        notebook.done(source)
    card = notebook.done("%mlops reproduce own").value
    assert card.is_equal
    found = outcomes(card.to_dict())
    for what in ("parameter", "alpha"), ("parameter", "beta"), ("metric", "fit"), ("metric", "fit2"):
        assert found[what] == "equal"
    assert found["model", "first (Ridge)"] == found["model", "second (Ridge)"] == "equal"
    assert found["predictions", "first"] == "equal"
    assert found["metric", "own"] == "not comparable"
    assert ("file", "mlflow.db") not in found


def test_predictions_of_several_outputs_are_compared(notebook: Notebook) -> None:
    notebook.done(SEVERAL)
    assert (
        outcomes(notebook.done("%mlops reproduce several").value.to_dict())["predictions", "many"] == "equal"
    )


def test_what_used_the_network_runs_again_only_if_that_is_allowed(notebook: Notebook) -> None:
    notebook.done(NETWORK)
    assert "--allow network" in notebook.run("%mlops reproduce online").refusal()[1]
    assert notebook.done("%mlops reproduce online --allow network").value.is_equal


def test_data_with_masked_columns_is_not_compared_and_stands_in_for_nothing(tmp_path: Path) -> None:
    masked = Notebook(tmp_path / "project")
    try:
        file = masked.folder / "rows.csv"
        file.write_text("email,a,b\nann@x.org,1,2\nbob@x.org,2,5\n")
        masked.done("%mlops track on --mask email")
        masked.done("import pandas as pd\nrows = pd.read_csv('rows.csv')")
        masked.done(MASKED)
        found = outcomes(masked.done("%mlops reproduce kept").value.to_dict())
        assert found["data", "rows"] == "not comparable"
        assert found["data", "X"] == found["model", "line (Ridge)"] == "equal"
        file.write_text("email,a,b\nann@x.org,1,2\n")
        told = masked.done("%mlops reproduce kept").value.to_dict()
        assert told["outcome"] == "different"
        assert told["snapshots"][0]["names"] == ()
        assert "ann@x.org" not in str(told)
    finally:
        masked.close()
