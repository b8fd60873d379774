"""The notebook's door: help, completion, and errors in two lines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from verbs.notebook_in_process import Notebook

from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs import VERBS
from jupyter_mlops.verbs.known import remember

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = ["plain line", "tree", 'the "best" one']
MODELS = ["income", "income@champion", "two words"]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook that tracks nothing; its tracking server does not exist, so asking it would fail."""
    made = Notebook(tmp_path_factory.mktemp("magic"), MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    made.done(
        "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
        "people, persons, number = pd.DataFrame({'a': [1]}), pd.DataFrame({'a': [2]}), 3\n"
        "model = LinearRegression()"
    )
    with made.here():
        remember(load_settings(), "runs", RUNS)
        remember(load_settings(), "models", MODELS)
    yield made
    made.close()


def test_bare_and_with_help_the_magic_lists_its_verbs(notebook: Notebook) -> None:
    bare, asked = notebook.done("%mlops"), notebook.done("%mlops --help")
    assert bare.value is None
    assert bare.printed == asked.printed
    assert all(verb in bare.printed for verb in VERBS)


def test_a_question_mark_shows_the_help(notebook: Notebook) -> None:
    shown = notebook.shell.inspector.info(
        notebook.shell.find_line_magic("mlops"), oname="mlops", detail_level=0
    )
    assert "%mlops VERB --help" in shown["docstring"]
    assert all(f"%mlops {verb}" in shown["docstring"] for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(notebook: Notebook, verb: str) -> None:
    said = notebook.done(f"%mlops {verb} --help")
    assert said.value is None
    assert f"%mlops {verb}" in said.printed


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%mlops ", list(VERBS)),
        ("%mlops pro", ["promote"]),
        ("%mlops promote ", ["model", '"plain line"', "tree", "'the \"best\" one'"]),
        ("%mlops promote mo", ["model"]),
        ("%mlops promote model --ali", ["--alias"]),
        ("%mlops promote model --serialization ", ["skops", "cloudpickle"]),
        ("%mlops drift ", ["people", "persons"]),
        ("%mlops drift people per", ["persons"]),
        ("%mlops show t", ["tree", "'the \"best\" one'"]),
        ("%mlops show pl", ['"plain line"']),
        ('%mlops show "plain l', ['"plain line"']),
        ("%mlops show 'pl", ["'plain line'"]),
        ('%mlops show "', ['"plain line"', '"tree"', '"the "best" one"']),
        ("%mlops export in", ["income", "income@champion"]),
        ("%mlops serve income@ch", ["income@champion"]),
        ("%mlops rollback two", ['"two words"']),
        ("%mlops serve --", ["--port", "--stop", "--json", "--help"]),
        ("%%mlops track --na", ["--name"]),
        ("served = %mlops serve inc", ["income", "income@champion"]),
    ],
)
def test_the_tab_key_offers_just_what_fits(notebook: Notebook, line: str, offered: list[str]) -> None:
    with_quote = re.match(r"(.*\s)([\"'].*)$", line)
    stem = with_quote[1] if with_quote else line[: line.rindex(" ") + 1]
    assert sorted(notebook.complete(line)) == sorted(stem + each for each in offered)


def test_a_quote_that_the_editor_closed_is_not_closed_twice(notebook: Notebook) -> None:
    line = '%mlops show "plain l"'
    assert notebook.complete(line, at=len(line) - 1) == ['%mlops show "plain line"']


def test_other_lines_are_left_to_ipython(notebook: Notebook) -> None:
    assert notebook.complete("peop") == ["people"]
    assert "%mlops" in notebook.complete("%mlo")


@pytest.mark.parametrize(
    "line",
    [
        '%mlops "',
        "%mlops show \\",
        "%mlops nothing ",
        "%mlops drift nothing.csv ",
        "%mlops --",
        "%%mlops ",
        "%mlops",
    ],
)
def test_completion_of_odd_input_is_silent(
    notebook: Notebook, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.complete(line)
    printed = capsys.readouterr()
    assert printed.out + printed.err == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%mlops promte model", "Did you mean 'promote'?"),
        ("%mlops runs --limti 3", "--limit"),
        ('%mlops show "plain', "a quote is not closed"),
        ("%mlops promote number --as x", "not a scikit-learn model"),
        ("%mlops promote model --as x", "has not been fitted yet"),
        ("%mlops promote", "MODEL"),
        ("%mlops promote tree", "--as"),
        ("%mlops promote tree --as x --unverified", "needs a reason"),
        ("%mlops promote tree --as a/b", "a model name"),
        ("%mlops promote tree --as x --alias v2", "an alias"),
        ("%mlops drift peple persons", "Did you mean 'people'?"),
        ("%mlops drift people number", "not a data frame"),
        ("%mlops drift people nothing.csv", "there is no file 'nothing.csv'"),
        ("%mlops track on extra", "extra"),
        ("%mlops track onn", "Did you mean 'on'?"),
        ("%mlops track on --name x", "belong to one cell"),
        ("%%mlops runs\n1 + 1", "only `track` works on a whole cell"),
        ("%%mlops track --tag team\nran = True", "has no value"),
        ("%%mlops track --tag\nran = True", "--tag"),
        ("%%mlops track on\nran = True", "'on'"),
        ("%mlops models --history", "needs a model's name"),
        ("%mlops serve --port 99999", "--port"),
        ("%mlops serve --port http", "--port"),
    ],
)
def test_a_mistake_is_explained_in_two_lines(notebook: Notebook, source: str, said: str) -> None:
    lines = notebook.run(source).refusal()
    assert said in "\n".join(lines)
    assert "ran" not in notebook.shell.user_ns


def test_a_result_is_what_the_function_returns_and_json_shows_its_data(notebook: Notebook) -> None:
    report = notebook.done("%mlops drift people persons --json")
    assert json.loads(repr(report.value))["current_rows"] == 1
    assert notebook.done("result = %mlops drift people persons").value is None
    assert notebook["result"].current_rows == 1


def test_dollar_signs_and_braces_in_values_stay_the_users(notebook: Notebook) -> None:
    lines = notebook.run("%mlops drift {people} $number").refusal()
    assert "{people}" in lines[0]


def test_the_extension_can_be_loaded_again_and_taken_away(notebook: Notebook) -> None:
    notebook.done("%reload_ext jupyter_mlops")
    notebook.done("%unload_ext jupyter_mlops")
    assert "not found" in notebook.run("%mlops runs").printed
    notebook.done("%load_ext jupyter_mlops")
    notebook.done("%mlops --help")
