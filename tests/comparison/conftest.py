"""Census rows in a tracked notebook, told once: runs on other data, with other code and other parameters."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from verbs.notebook_in_process import Notebook

from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.tracking.read_runs import find_run

if TYPE_CHECKING:
    from jupyter_mlops.tracking.read_runs import Run

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"

CELLS = """
import jupyter_mlops
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_squared_error, roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split
------
names = ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
         "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country",
         "income"]
people = pd.read_csv("adult.csv", header=None, names=names, skipinitialspace=True, nrows=2000)
X, y = people[["age", "education-num", "hours-per-week"]], (people["income"] == ">50K").astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
------
%%mlops track --name first --tag team=census
C = 1.0
model = LogisticRegression(C=C, max_iter=500).fit(X_train, y_train)
proba = model.predict_proba(X_test)[:, 1]
auc = roc_auc_score(y_test, proba)
accuracy = accuracy_score(y_test, model.predict(X_test))
score = model.score(X_test, y_test)
loss = round(log_loss(y_test, proba), 4)
said = model.predict(X_test)
f1, error = f1_score(y_test, said), mean_squared_error(y_test, proba) ** 0.5
------
first_proba = proba
------
X_train = X_train.drop(X_train.index[[3, 5, 9]])
X_train = X_train.assign(age=X_train["age"] * 2)
y_train = y_train.drop(y_train.index[[3, 5, 9]])
------
%%mlops track --name second --tag team=census
C = 0.001
# a comment changes nothing
model = LogisticRegression(C=C,
                           max_iter=500).fit(X_train, y_train)
model.coef_ = model.coef_ / 2
proba = model.predict_proba(X_test)[:, 1]
auc = roc_auc_score(y_test, proba)
accuracy = accuracy_score(y_test, model.predict(X_test))
score = model.score(X_test, y_test)
loss = round(log_loss(y_test, proba), 4)
said = model.predict(X_test)
f1, error = f1_score(y_test, said), mean_squared_error(y_test, proba) ** 0.5
------
second_proba = proba
------
X_other, y_other = X_test.iloc[:300], y_test.iloc[:300]
------
%%mlops track --name third
depth = 3
guess = LogisticRegression(C=0.1).fit(X_train, y_train)
proba = guess.predict_proba(X_other)[:, 1]
auc = roc_auc_score(y_other, proba)
"""


@pytest.fixture(scope="package")
def census(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """The notebook after its runs ``first``, ``second`` and ``third``; tests only read its project."""
    made = Notebook(tmp_path_factory.mktemp("census"))
    shutil.copy(ADULT, made.folder)
    made.done("%mlops track on")
    for cell in CELLS.split("------\n"):
        made.done(cell.strip())
    made.done("at_once = jupyter_mlops.compare('first', 'second').diff('first', 'second')")
    made.close()  # what waits to be stored is stored
    return made


@pytest.fixture
def settings(census: Notebook) -> Settings:
    """Of the notebook's project."""
    return Settings(census.folder, local_uri(census.folder))


@pytest.fixture
def first(settings: Settings) -> Run:
    """On the data as they were read."""
    return find_run(settings, "first")


@pytest.fixture
def second(settings: Settings) -> Run:
    """Another C; three rows dropped, a column scaled, a statement more."""
    return find_run(settings, "second")


@pytest.fixture
def third(settings: Settings) -> Run:
    """Measured on fewer rows, under other names."""
    return find_run(settings, "third")
