"""`reproduce`: a run is made again in a clean process and compared with what was recorded."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from notebook_in_process import Notebook
from the_story import environment_of, run_mlops, run_mlops_here
from tracking.waiting import until

import jupyter_mlops
from jupyter_mlops.lineage.clean_process import is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTS = """
import os, time
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
numbers = np.random.default_rng(0).normal(size=(80, 3))
X = pd.DataFrame(numbers, columns=["a", "b", "c"])
y = X["a"] * 2 + X["b"]
"""
FIT = """%%mlops track --name fitted
alpha = 0.5
scaler = StandardScaler().fit(X)
ridge = Ridge(alpha=alpha).fit(X, y)
ridge.predict(X)
fit = ridge.score(X, y)
seconds = time.perf_counter()
jupyter_mlops.log(params={"kind": "line"}, metrics={"logged": fit / 2})
"""
UNSEEDED = """%%mlops track --name unseeded
forest = RandomForestClassifier(5).fit(X, y > 0)
hits = forest.score(X, y > 0)
"""
ANOTHER_EACH_TIME = """%%mlops track --name lottery
shift = int.from_bytes(os.urandom(4), "big") / 1e9
moved = X + shift
lottery = Ridge().fit(moved, y + shift)
lottery.predict(moved)
level = shift * 2
"""
FAILS = """%%mlops track --name broken
depth = 3
part = Ridge().fit(X, y)
raise KeyError("private text")
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("reproduce") / "project")
    for source in ("%mlops track on", "import jupyter_mlops", IMPORTS, FIT, UNSEEDED, ANOTHER_EACH_TIME):
        made.done(source)
    made.run(FAILS)
    made.run("%%mlops track --name stopped\nhalf = Ridge().fit(X, y)\nraise KeyboardInterrupt")
    yield made
    made.close()


def findings(told: dict[str, Any], group: str) -> dict[str, tuple[str, str]]:
    return {
        each["name"]: (each["outcome"], each["figure"]) for each in told["findings"] if each["group"] == group
    }


def test_an_equal_run_is_told_with_its_figures(notebook: Notebook) -> None:
    card = notebook.done("%mlops reproduce fitted").value
    told = card.to_dict()
    assert told["outcome"] == "equal"
    assert card.is_equal
    assert findings(told, "parameter")["alpha"] == ("equal", "0.5")
    assert findings(told, "parameter")["kind"] == ("equal", "line")
    assert findings(told, "metric")["fit"][0] == findings(told, "metric")["logged"][0] == "equal"
    assert findings(told, "metric")["seconds"] == ("not comparable", "a time")
    assert findings(told, "data")["X"][1].startswith("80 × 3, ")
    assert findings(told, "model")["ridge (Ridge)"][0] == "equal"
    assert findings(told, "predictions") == {"ridge": ("equal", "80 rows")}
    assert findings(told, "Python")[""][0] == findings(told, "package")["scikit-learn"][0] == "equal"
    assert "random numbers" not in dict(card.lines)
    assert "results are equal" in str(card)
    assert "✓ equal" in str(card)
    assert "✓" in card._repr_mimebundle_()["text/html"]


def test_a_run_without_a_seed_starts_from_the_recorded_random_numbers(notebook: Notebook) -> None:
    card = notebook.done("%mlops reproduce unseeded").value
    assert card.is_equal
    assert "recorded state of numpy.random from In[" in dict(card.lines)["random numbers"]
    assert findings(card.to_dict(), "model")["forest (RandomForestClassifier)"][0] == "equal"


def test_what_is_another_each_time_is_named_with_how_much_it_differs(notebook: Notebook) -> None:
    card = notebook.done("%mlops reproduce lottery").value
    told = card.to_dict()
    assert told["outcome"] == "different"
    assert card.exit_code == 1
    outcome, figure = findings(told, "metric")["level"]
    assert outcome == "different"
    assert figure.startswith("recorded ")
    assert findings(told, "model")["lottery (Ridge)"][0] == "different"
    assert "80 of 80 rows differ, by up to" in findings(told, "predictions")["lottery"][1]
    assert "✗ different" in str(card)
    assert "results differ" in str(card).splitlines()[0]


def test_a_run_that_failed_fails_again_in_the_same_way(notebook: Notebook) -> None:
    told = notebook.done("%mlops reproduce broken").value.to_dict()
    assert findings(told, "error") == {"": ("equal", "KeyError again")}
    assert findings(told, "parameter")["depth"] == ("equal", "3")
    assert told["outcome"] == "equal"
    assert "private text" not in json.dumps(told)


def test_it_is_a_function_too_and_leaves_the_notebooks_names_alone(notebook: Notebook) -> None:
    before = set(notebook.shell.user_ns)
    steps: list[tuple[str, float]] = []
    with notebook.here():
        assert jupyter_mlops.reproduce("fitted", progress=lambda *step: steps.append(step)).is_equal
    assert steps[0][1] == 0
    assert steps[-1] == ("done", 1.0)
    assert "running cell 1 of 3 again in a clean process" in [text for text, _ in steps]
    assert set(notebook.shell.user_ns) == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%mlops reproduce fited", "Did you mean 'fitted'?"),
        ("%mlops reproduce stopped", "was interrupted"),
        ("%mlops reproduce fitted --timeout 0", "--timeout"),
        ("%mlops reproduce fitted --memory much", "not a size"),
    ],
)
def test_what_is_wrong_is_said_in_two_lines(notebook: Notebook, line: str, said: str) -> None:
    assert said in " ".join(notebook.run(line).refusal())


def test_a_run_of_plain_mlflow_has_no_code_to_run_again(notebook: Notebook) -> None:
    with notebook.here():
        notebook.shell.run_cell("%mlops track off")
        made = (
            "import mlflow\nfrom jupyter_mlops.settings import load_settings\n"
            "mlflow.set_tracking_uri(load_settings().tracking_uri)\n"
            "with mlflow.start_run(run_name='by hand'):\n    mlflow.log_metric('m', 1.0)"
        )
        environment = environment_of(notebook.folder)
        subprocess.run([sys.executable, "-c", made], cwd=notebook.folder, env=environment, check=True)
        notebook.shell.run_cell("%mlops track on")
    assert "was not made from a tracked cell" in notebook.run("%mlops reproduce 'by hand'").refusal()[0]


def test_from_a_shell_the_exit_code_says_how_it_went(notebook: Notebook, tmp_path: Path) -> None:
    key = os.environ["MLOPS_KEY_FILE"]
    equal = run_mlops(notebook.folder, "reproduce", "fitted", "--json", MLOPS_KEY_FILE=key)
    assert equal.returncode == 0, equal.stderr
    told = json.loads(equal.stdout)
    assert set(told) == {
        "run", "run_id", "outcome", "counts", "findings", "executions", "left_out", "random", "snapshots",
        "folder", "seconds",
    }  # fmt: skip
    assert told["counts"]["different"] == 0
    assert findings(told, "predictions")["ridge"][0] == "equal"
    words = ("reproduce", "fitted", "--json")
    somebody_else = run_mlops_here(notebook.folder, *words, MLOPS_KEY_FILE=str(tmp_path / "key"))
    assert somebody_else.returncode == 0, somebody_else.stderr
    outcome, why = findings(json.loads(somebody_else.stdout), "predictions")["ridge"]
    assert outcome == "not comparable"
    assert "was not pickled by you" in why
    different = run_mlops_here(notebook.folder, "reproduce", "lottery")
    assert different.returncode == 1
    assert "✗ different" in different.stdout
    assert run_mlops_here(notebook.folder, "reproduce", "nothing").returncode == 2


def test_ctrl_c_ends_it_and_leaves_nothing_behind(notebook: Notebook, tmp_path: Path) -> None:
    notebook.done(
        "%%mlops track --name slow\nif os.environ.get('SLOW'):\n    os.system('sleep 600')\n"
        "slow = Ridge().fit(X, y)"
    )
    with notebook.here():
        notebook.shell.run_cell("jupyter_mlops.runs()")  # brings it to the store
    asked = subprocess.Popen(
        [str(Path(sys.executable).with_name("mlops")), "reproduce", "slow"],
        cwd=notebook.folder,
        env=environment_of(notebook.folder, TMPDIR=str(tmp_path), SLOW="1"),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until(lambda: "sleep" in _below(asked.pid), "the cell runs again")
        below = _below(asked.pid)
        os.kill(asked.pid, signal.SIGINT)
        _, said = asked.communicate(timeout=90)
    finally:
        asked.kill()
    assert asked.returncode == 130
    assert "stopped" in said
    until(lambda: not any(map(is_running, below.values())), "the clean process and its child end")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("mlops-reproduce-")]


def _below(parent: int) -> dict[str, psutil.Process]:
    """The processes that it started, and theirs, by name."""
    found = {}
    for each in psutil.Process(parent).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # one that is over already
            found[each.name()] = each
    return found


def test_what_takes_too_long_is_ended(notebook: Notebook) -> None:
    notebook.done(
        "%%mlops track --name long\nif 'replay_worker' in ' '.join(__import__('sys').orig_argv):\n"
        "    time.sleep(600)\nlong = Ridge().fit(X, y)"
    )
    said = notebook.run("%mlops reproduce long --timeout 2").refusal()
    assert "still running after 2 seconds" in said[0]
    assert "--timeout" in said[1]


def test_names_of_runs_are_offered(notebook: Notebook) -> None:
    notebook.done("%mlops runs")
    assert "%mlops reproduce fitted" in notebook.complete("%mlops reproduce fi")
