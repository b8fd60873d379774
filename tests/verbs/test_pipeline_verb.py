"""The code behind a model becomes a project that a colleague can run, and that gives the same result."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from the_story import TREE

if TYPE_CHECKING:
    from notebook_in_process import Notebook

RUFF = str(Path(sys.executable).with_name("ruff"))
OWN_MODULE = """
import numpy as np

def squeezed(values):
    return np.log1p(values)
"""
CLEAN = """
from helpers import squeezed
hours = "hours-per-week"
limit = 60

def capped(values):
    return values.clip(upper=limit)

busy = X_train.copy()
busy[hours] = capped(busy[hours])
for column in ["age", "education-num"]:
    busy[column] = squeezed(busy[column])
features = [hours, "age", "education-num"]
"""
FIT = """%%mlops track --name busy
from sklearn.ensemble import RandomForestClassifier
trees = 10
forest = RandomForestClassifier(trees)
forest.fit(busy[features], y_train)
import jupyter_mlops
jupyter_mlops.log(metrics={"right": forest.score(busy[features], y_train)})
"""


@pytest.fixture(scope="module")
def project(notebook: Notebook) -> Path:
    """The project behind the tree of the story."""
    notebook.done(TREE)
    made = notebook.done("%mlops pipeline tree income --no-index")
    assert "income is a project of 5 steps" in made.said
    return notebook.folder / "income"


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A program in a project's folder, where this package's own settings mean nothing."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "MLOPS_P"))}
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return subprocess.run(
        [sys.executable, *words], cwd=project, env=kept, capture_output=True, text=True, check=False
    )


def test_steps_are_typed_functions_with_the_notebooks_own_lines(project: Path) -> None:
    text = (project / "income" / "pipeline.py").read_text()
    for line in (
        "def load(*, names: list[str], data: str) -> pd.DataFrame:",
        "def prepare(people: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:",
        "def train(X_train: pd.DataFrame, y_train: pd.Series, *, depth: int) -> Pipeline:",
        "def evaluate(X_test: pd.DataFrame, y_test: pd.Series, tree: Pipeline) -> tuple[float, float]:",
        "def prepared(model):",
        "    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
    ):
        assert f"{line}\n" in text
    assert "depth: 6" in (project / "params.yaml").read_text()


def test_it_is_clean_by_ruff(project: Path) -> None:
    for words in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run([RUFF, *words, "."], cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_its_own_test_passes(project: Path) -> None:
    done = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:nbval")
    assert "1 passed" in done.stdout, done.stdout


def test_mlflow_runs_it_and_the_run_has_what_the_notebooks_had(project: Path, notebook: Notebook) -> None:
    told = notebook.done("%mlops show tree").value.to_dict()
    words = ["-m", "mlflow", "run", ".", "--env-manager=local", "-P", "depth=6"]
    done = run(project, *words)
    assert done.returncode == 0, done.stderr
    read = """
import json, mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
run = mlflow.search_runs(search_all_experiments=True, output_format="list")[0]
model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
data = [each.dataset.name for each in run.inputs.dataset_inputs]
print(json.dumps([run.data.metrics, run.data.params, data, model.metadata.signature.inputs.input_names()]))
"""
    metrics, params, data, columns = json.loads(run(project, "-c", read).stdout.splitlines()[-1])
    assert metrics == pytest.approx(told["metrics"])
    assert params["depth"] == "6"
    assert params["max_depth"] == told["params"]["max_depth"]
    assert data == ["data"]
    assert columns == list(notebook["X_train"].columns)


def test_it_is_made_again_unless_somebody_has_changed_it(project: Path, notebook: Notebook) -> None:
    shutil.copytree(project, notebook.folder / "changed")
    with (notebook.folder / "changed" / "income" / "pipeline.py").open("a") as file:
        file.write("# mine\n")
    what, fix = notebook.run("%mlops pipeline tree changed --no-index").refusal()
    assert "income/pipeline.py" in what
    assert "Name another folder" in fix
    (notebook.folder / "other").mkdir()
    (notebook.folder / "other" / "file").touch()
    assert "no pipeline project" in notebook.run("%mlops pipeline tree other").refusal()[0]
    assert "no model" in notebook.run("%mlops pipeline X_train made").refusal()[0]


@pytest.mark.parametrize("name", ["two-words", "class", "json", "mlflow"])
def test_a_name_that_can_be_no_package_is_refused(project: Path, notebook: Notebook, name: str) -> None:
    assert "cannot be called" in notebook.run(f"%mlops pipeline tree made --name {name}").refusal()[0]
    assert not (notebook.folder / "made").exists()


def test_without_a_seed_with_a_module_and_with_functions_that_read_parameters(
    project: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(notebook.folder)
    (notebook.folder / "helpers.py").write_text(OWN_MODULE)
    for source in (CLEAN, FIT):
        notebook.done(source)
    made: Any = notebook.done("%mlops pipeline busy busy --no-index").value
    told = made.to_dict()
    assert told["params"]["limit"] == 60
    assert told["params"]["trees"] == 10
    figures = {each["what"]: each["figure"] for each in told["checked"]}
    assert figures["fitted state"].startswith("equal")
    assert figures["right"].endswith("again")
    done = subprocess.run([RUFF, "check", "--no-cache", "."], cwd=notebook.folder / "busy", check=False)
    assert done.returncode == 0
    again = run(notebook.folder / "busy", "-m", "busy", "run", "--no-track", "--param", "limit=40")
    assert again.returncode == 0, again.stderr
    assert "prepare" in again.stdout
