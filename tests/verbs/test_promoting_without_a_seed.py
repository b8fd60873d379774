"""A model whose code sets no seed is made again from the recorded states of the random generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from notebook_in_process import Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTS = """
import random
import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
data = load_iris(as_frame=True).frame

def features(frame):
    return frame.drop(columns="target"), frame["target"]
"""


@pytest.fixture(scope="module")
def unseeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("unseeded"))
    made.done("%mlops track on")
    made.done(IMPORTS)
    yield made
    made.close()


def checks(notebook: Notebook, line: str) -> dict[str, tuple[str, str]]:
    card = notebook.done(line).value
    return {what: (outcome, figure) for outcome, what, figure in card.checks}


def test_global_generators_are_set_back_to_where_they_were(unseeded: Notebook) -> None:
    unseeded.done("rows = data.sample(frac=0.9)\ndepth = random.choice([2, 3, 4])")
    unseeded.done("X_train, X_test, y_train, y_test = train_test_split(*features(rows))")
    unseeded.done(
        "forest = RandomForestClassifier(n_estimators=5, max_depth=depth).fit(X_train, y_train)\n"
        "accuracy = forest.score(X_test, y_test)"
    )
    found = checks(unseeded, "%mlops promote forest --as forest")
    assert found["fitted state"] == ("passed", "equal, by content digest")
    assert found["accuracy"][0] == found["predictions"][0] == "passed"
    outcome, figure = found["random numbers"]
    assert outcome == "passed"
    assert "no seed" in figure
    assert "numpy.random from In[4] on" in figure
    assert "random from In[4] on" in figure


def test_a_generator_in_a_variable_is_set_back_too(unseeded: Notebook) -> None:
    unseeded.done("rng = np.random.default_rng()")
    unseeded.done("train = data.iloc[rng.permutation(len(data))[:100]]\nX, y = features(train)")
    unseeded.done("tree = RandomForestClassifier(3, random_state=0).fit(X, y)\nfit = tree.score(X, y)")
    found = checks(unseeded, "%mlops promote tree --as tree")
    assert found["fitted state"][0] == "passed"
    assert "rng from In[" in found["random numbers"][1]


def test_seeded_code_is_not_said_to_need_anything(unseeded: Notebook) -> None:
    unseeded.done(
        "np.random.seed(4)\nX, y = features(data.sample(100))\nseeded = RandomForestClassifier(3).fit(X, y)"
    )
    assert "random numbers" not in checks(unseeded, "%mlops promote seeded --as seeded")


def test_a_seed_that_is_another_each_time_is_told(unseeded: Notebook) -> None:
    unseeded.done("import os\nnp.random.seed(int.from_bytes(os.urandom(2), 'big'))")
    unseeded.done("X, y = features(data.sample(100))\nclock = RandomForestClassifier(3).fit(X, y)")
    outcome, figure = checks(unseeded, "%mlops promote clock --as clock")["random numbers"]
    assert outcome == "warned"
    assert "the code alone gives others; set back: numpy.random before In[" in figure
