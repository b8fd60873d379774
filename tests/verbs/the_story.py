"""One story: census rows, two tracked runs, two promoted versions of one model."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from notebook_in_process import Cell, Notebook

from jupyter_mlops import cli

if TYPE_CHECKING:
    import pandas as pd

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"

LOAD = """
import pandas as pd
names = ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
         "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country",
         "income"]
people = pd.read_csv("adult.csv", header=None, names=names, skipinitialspace=True, na_values="?", nrows=3000)
"""

SPLIT = """
from sklearn.model_selection import train_test_split
X, y = people.drop(columns="income"), (people["income"] == ">50K").astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
"""

TOOLS = """
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

def prepared(model):
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, model)
"""

LINE = """%%mlops track --name "plain line" --hypothesis "a line is enough" --tag team=census
C = 0.5
line = prepared(LogisticRegression(C=C, max_iter=500))
line.fit(X_train, y_train)
auc = roc_auc_score(y_test, line.predict_proba(X_test)[:, 1])
accuracy = accuracy_score(y_test, line.predict(X_test))
"""

TREE = """%%mlops track --name tree --hypothesis "steps beat a line"
depth = 6
tree = prepared(DecisionTreeClassifier(max_depth=depth, random_state=0))
tree.fit(X_train, y_train)
auc = roc_auc_score(y_test, tree.predict_proba(X_test)[:, 1])
accuracy = accuracy_score(y_test, tree.predict(X_test))
"""


@dataclass
class Story:
    """A project with its two versions of `income`, and what was said while it was made."""

    folder: Path
    cells: dict[str, Cell] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def texts(self) -> dict[str, str]:
        """The ``text/plain`` of every result."""
        return {
            line: cell.value._repr_mimebundle_()["text/plain"]
            for line, cell in self.cells.items()
            if hasattr(cell.value, "_repr_mimebundle_") and isinstance(cell.value._repr_mimebundle_(), dict)
        }

    @property
    def environment(self) -> dict[str, str]:
        """For a process that works in this project."""
        return environment_of(self.folder)

    def mlops(self, *words: str, timeout: float = 280) -> subprocess.CompletedProcess[str]:
        """The console script, in a process of its own."""
        return run_mlops(self.folder, *words, timeout=timeout)

    def frame(self) -> pd.DataFrame:
        """Rows the models were not trained on, missing cells among them."""
        held: pd.DataFrame = self.values["X_test"]
        return held


def environment_of(folder: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "MLOPS_"))}
    return {**kept, "MLOPS_PROJECT": str(folder), "MLOPS_PIPELINE": "off", **more}


def run_mlops(
    folder: Path, *words: str, timeout: float = 280, **more: str
) -> subprocess.CompletedProcess[str]:
    """The ``mlops`` console script as people start it."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("mlops")), *words],
        cwd=folder,
        env=environment_of(folder, **more),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def run_mlops_here(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, for what follows a real one: each takes seconds to import MLflow."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        environment = environment_of(folder, **more)
        patch.chdir(folder)
        for name in [name for name in os.environ if name.startswith(("MLFLOW_", "MLOPS_"))]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        code = cli.run(list(words))
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def census_notebook(folder: Path, *, background: bool = False) -> Notebook:
    """A tracked notebook with the census rows split; `background` as of `Notebook`."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ADULT, folder / "adult.csv")
    notebook = Notebook(folder, background=background)
    for source in ("%mlops track on", LOAD, SPLIT, TOOLS):
        notebook.done(source)
    return notebook


def tell(folder: Path, *, background: bool = False) -> Story:
    """Track, look, promote twice, look again; `background` as of `Notebook`."""
    notebook = census_notebook(folder, background=background)
    (folder / "gates.yaml").write_text("champion: {level: warn}\n")  # the second model is the worse one
    story = Story(folder)
    try:
        for source in (LINE, TREE):
            notebook.done(source)
        for verb in (
            "runs", "compare", "show", 'show "plain line" --code', "drift X_train X_test",
            "promote line --as income", "promote tree --as income", "models", "models income --history",
            "track status", "export income@champion bundle",
        ):  # fmt: skip
            story.cells[verb] = notebook.done(f"%mlops {verb}")
        for name in ("line", "tree", "X_train", "X_test", "y_test"):
            story.values[name] = notebook[name]
    finally:
        notebook.close()
    return story
