"""A tracked cell adds to its own run what it says with `jupyter_mlops.log`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = "import jupyter_mlops, numpy as np\n"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("log"))
    made.done("%mlops track on")
    made.done(LOG)
    yield made
    made.close()


def last_run(notebook: Notebook) -> dict[str, object]:
    found: dict[str, object] = notebook.done("%mlops show last --json").value.data
    return found


def test_a_cell_that_logs_is_a_run_with_what_it_logged(notebook: Notebook) -> None:
    notebook.done(
        "jupyter_mlops.log(metrics={'loss': np.float32(0.5), 'steps': 7}, note='with a ruler',"
        " params={'kind': 'line', 'deep': True})"
    )
    run = last_run(notebook)
    assert run["metrics"] == {"loss": 0.5, "steps": 7.0}
    assert run["params"] == {"kind": "line", "deep": "True"}
    assert run["tags"] == {"note": "with a ruler"}


def test_calls_add_up_and_join_what_is_found_in_the_cell(notebook: Notebook) -> None:
    notebook.done(
        "%%mlops track --name mine --tag team=a\n"
        "rate = 0.1\n"
        "for step in range(3):\n"
        "    jupyter_mlops.log(metrics={'error': 1 / (step + 1), 'step': step}, note=f'step {step}')\n"
        "jupyter_mlops.log(params={'rate': np.float64(0.2)})"
    )
    run = last_run(notebook)
    assert run["name"] == "mine"
    assert run["metrics"] == {"error": 1 / 3, "step": 2.0}
    assert run["params"] == {"rate": "0.2"}
    assert run["tags"] == {"team": "a", "note": "step 0\nstep 1\nstep 2"}


def test_a_cell_that_logs_nothing_gets_nothing_of_the_cell_before(notebook: Notebook) -> None:
    notebook.done("jupyter_mlops.log(metrics={'old': 1})")
    notebook.done("%%mlops track --name quiet\nn = 3")
    run = last_run(notebook)
    assert (run["name"], run["metrics"], run["tags"]) == ("quiet", {}, {})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("()", "nothing was given"),
        ("(metrics={'auc': 'high'})", "the metric 'auc' is of type str"),
        ("(metrics={'auc': True})", "of type bool"),
        ("(metrics={'auc': np.ones(3)})", "of type ndarray"),
        ("(metrics={1: 1.0})", "of type int"),
        ("(metrics={'': 1.0})", "is empty"),
        ("(metrics=[1.0])", "as a list, not as a dict"),
        ("(params={'grid': [1, 2]})", "the parameter 'grid' is of type list"),
        ("(params={'text': 'x' * 7000})", "7000 characters"),
        ("(note=3)", "the note is of type int"),
    ],
)
def test_what_cannot_be_logged_is_said_without_its_value(notebook: Notebook, call: str, said: str) -> None:
    cell = notebook.run(f"jupyter_mlops.log{call}")
    assert type(cell.error).__name__ == "BadInputError"
    what, fix = str(cell.error).splitlines()
    assert said in what
    assert fix
    assert "high" not in what + fix


def test_outside_a_tracked_cell_it_says_what_to_do(notebook: Notebook) -> None:
    notebook.done("%mlops track off")
    try:
        cell = notebook.run("jupyter_mlops.log(metrics={'auc': 1.0})")
        assert type(cell.error).__name__ == "BadInputError"
        assert "%mlops track on" in str(cell.error)
        notebook.done("%%mlops track --name alone\njupyter_mlops.log(metrics={'auc': 1.0})")
        assert last_run(notebook)["metrics"] == {"auc": 1.0}
    finally:
        notebook.done("%mlops track on")


def test_a_model_whose_cell_logs_is_reproduced_and_registered(notebook: Notebook) -> None:
    notebook.done(
        "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
        "X = pd.DataFrame({'x': range(20)})\ny = X['x'] * 2.0"
    )
    notebook.done(
        "model = LinearRegression().fit(X, y)\n"
        "jupyter_mlops.log(metrics={'r2': model.score(X, y)}, note='a line')"
    )
    assert last_run(notebook)["metrics"] == {"r2": 1.0}
    card = notebook.done("%mlops promote model --as line").value
    assert ("passed", "r2", "1 again") in card.checks
    assert card.to_dict()["verified"] is True
