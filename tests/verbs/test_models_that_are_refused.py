"""Models that cannot be promoted: why, in two lines, and nothing is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import jupyter_mlops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notebook_in_process import Notebook

SMALL = """
from sklearn.linear_model import LinearRegression
small = X_train[["age", "education-num", "hours-per-week"]].head(200)
gains = X_train["capital-gain"].head(200)
"""


@pytest.fixture(scope="module")
def small(notebook: Notebook) -> Notebook:
    notebook.done(SMALL)
    return notebook


@pytest.fixture(autouse=True)
def _nothing_is_registered(small: Notebook) -> Iterator[None]:
    yield
    with small.here():
        assert jupyter_mlops.models().to_dict() == {"versions": []}


def refused(notebook: Notebook, name: str, *options: str) -> str:
    return "\n".join(notebook.run(f"%mlops promote {name} --as refused {' '.join(options)}").refusal())


def test_a_name_that_is_no_variable_and_no_run(small: Notebook) -> None:
    small.done("right_name = LinearRegression().fit(small, gains)")
    said = refused(small, "rihgt_name")
    assert "Did you mean 'right_name'?" in said
    assert "a run by name or id" in said


def test_a_variable_that_is_no_model(small: Notebook) -> None:
    assert "holds a value of type DataFrame" in refused(small, "small")


def test_a_model_that_was_never_fitted(small: Notebook) -> None:
    small.done("unfitted = LinearRegression()")
    assert "has not been fitted yet" in refused(small, "unfitted")


def test_a_transformer_that_predicts_nothing(small: Notebook) -> None:
    small.done("scaler = StandardScaler().fit(small)")
    assert "has no predict()" in refused(small, "scaler")


def test_a_model_whose_cell_failed(small: Notebook) -> None:
    failed = small.run("broken = LinearRegression().fit(small, gains)\nraise RuntimeError('after the fit')")
    assert failed.error is not None
    assert "ended with RuntimeError" in refused(small, "broken")


def test_a_model_that_was_changed_after_its_run(small: Notebook) -> None:
    small.done("touched = LinearRegression().fit(small, gains)")
    small.shell.user_ns["touched"].coef_ = small.shell.user_ns["touched"].coef_ * 2
    assert "was changed after it" in refused(small, "touched")


def test_a_model_that_was_fitted_while_tracking_was_off(small: Notebook) -> None:
    small.done("%mlops track off")
    small.done("unseen = LinearRegression().fit(small.head(100), gains.head(100))")
    small.done("%mlops track on")
    said = refused(small, "unseen")
    assert "not made in a tracked cell" in said
    assert "%mlops track on" in said


def test_a_model_fitted_on_an_array_without_column_names(small: Notebook) -> None:
    small.done("import numpy as np\ntable = np.arange(40.0).reshape(20, 2)")
    small.done("nameless = LinearRegression().fit(table, np.arange(20))")
    assert "no stored frame with named columns" in refused(small, "nameless")


def test_columns_that_a_request_could_not_name(small: Notebook) -> None:
    small.done("odd = small.set_axis([0, 1, 2], axis='columns')")
    small.done("odd_model = LinearRegression().fit(odd, gains)")
    assert "3 column names are not strings" in refused(small, "odd_model")


def test_a_column_that_mixes_types(small: Notebook) -> None:
    small.done(
        "mixed = pd.DataFrame({'kind': pd.Series(['a', 1, 'b', 2] * 50, dtype=object)})\n"
        "from sklearn.dummy import DummyClassifier\n"
        "mixed_model = DummyClassifier().fit(mixed, [0, 1] * 100)"
    )
    assert "mix types: kind" in refused(small, "mixed_model")


def test_a_run_that_made_no_model_and_one_that_failed(small: Notebook) -> None:
    small.done("%%mlops track --name only-a-number\nanswer = 6 * 7 / 1.5")
    assert "made no model" in refused(small, "only-a-number")
    small.run("%%mlops track --name fell\nfallen = LinearRegression().fit(small, gains)\n1 / 0")
    assert "ended with ZeroDivisionError" in refused(small, "fell")


def test_a_cell_that_writes_a_file_by_its_absolute_path(small: Notebook) -> None:
    place = str(small.folder / "note.txt")
    small.done(
        f"writer = LinearRegression().fit(small, gains)\nwith open({place!r}, 'w') as note: note.write('x')"
    )
    said = refused(small, "writer")
    assert "writes files" in said
    assert "in a cell of their own" in said


def test_training_that_gives_another_result_each_time(small: Notebook) -> None:
    small.done(
        "import os\nshift = int.from_bytes(os.urandom(4), 'big')\n"
        "chance = LinearRegression().fit(small, gains + shift)\nlevel = float(chance.intercept_)"
    )
    said = refused(small, "chance")
    assert "did not reproduce in a clean process: level: recorded" in said
    assert "--unverified --reason" in said


def test_a_type_that_nobody_has_reviewed(small: Notebook) -> None:
    small.done(
        "from functools import partial\nfrom sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import FunctionTransformer\n"
        "cut = FunctionTransformer(partial(pd.DataFrame.clip, lower=0))\n"
        "partly = make_pipeline(cut, LinearRegression()).fit(small, gains)"
    )
    said = refused(small, "partly")
    assert "functools.partial" in said
    assert "--serialization cloudpickle" in said


def test_a_run_that_did_not_make_the_model(small: Notebook) -> None:
    small.done("%%mlops track --name another\nanother = LinearRegression().fit(small, -gains)")
    assert "is not one that made this model" in refused(small, "right_name", "--run", "another")
    assert "there is no run 'nothing'" in refused(small, "right_name", "--run", "nothing")


@pytest.mark.parametrize("name", ["a/b", "a:b", "a@b", "100%", '"a  b "', ".."])
def test_names_that_a_registry_refuses(small: Notebook, name: str) -> None:
    said = "\n".join(small.run(f"%mlops promote right_name --as {name}").refusal())
    assert "a model name has" in said


@pytest.mark.parametrize("alias", ["latest", "v3", '"two words"', "a/b"])
def test_aliases_that_a_registry_refuses(small: Notebook, alias: str) -> None:
    assert "an alias is one word" in refused(small, "right_name", "--alias", alias)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("small", "small.head(0)", "has no rows"),
        ("small", "small.set_axis(['a', 'a', 'b'], axis='columns')", "several columns of one name"),
        ("small", "gains", "is a Series, not a data frame"),
        ("small", "pd.DataFrame({'other': [1]})", "no column in common"),
    ],
)
def test_frames_that_cannot_be_compared(small: Notebook, first: str, second: str, said: str) -> None:
    small.done(f"left, right = {first}, {second}")
    assert said in "\n".join(small.run("%mlops drift left right").refusal())


def test_a_run_that_made_two_models(small: Notebook) -> None:
    small.done(
        "%%mlops track --name twins\n"
        "one = LinearRegression().fit(small, gains)\ntwo = DecisionTreeClassifier().fit(small, gains)"
    )
    assert "made several models: one, two" in refused(small, "twins")
