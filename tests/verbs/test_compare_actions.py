"""What the comparison's view asks to do with a run, on runs of a tracked notebook."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from notebook_in_process import Notebook
from the_story import ADULT, LOAD

from jupyter_mlops.errors import BadInputError, MlopsError
from jupyter_mlops.verbs.compare_actions import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
SPLIT = """
people = people[["age", "education-num", "hours-per-week", "income"]].head(400)
X_train, X_test = people.iloc[:300, :3], people.iloc[300:, :3]
y_train, y_test = people.income[:300], people.income[300:]
"""
TREE = """
from sklearn.tree import DecisionTreeClassifier
tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)
accuracy = tree.score(X_test, y_test)
"""
COUNT = "%%mlops track --name count\nn = len(people)"
PLAIN = "import mlflow\nmlflow.MlflowClient().create_run('0', run_name='bare').info.run_id"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Notebook, Any]]:
    """A notebook with a tracked run and one that only MLflow knows, and the comparison of both."""
    folder = tmp_path_factory.mktemp("actions")
    shutil.copyfile(ADULT, folder / "adult.csv")
    notebook = Notebook(folder)
    cells = ("%mlops track on", LOAD, SPLIT, f"%%mlops track --name tree{TREE}", COUNT, "%mlops runs", PLAIN)
    for cell in cells:
        notebook.done(cell)
    yield notebook, notebook.done("%mlops compare").value
    notebook.close()


def ask(compared: tuple[Notebook, Any], what: str, run: str = "tree", **fields: Any) -> Any:
    """As the widget does when its view asks; what was told on the way is in `ask.told`."""
    notebook, comparison = compared
    told: list[str] = []
    question = {"row": comparison.table.names.index(run), **fields}
    with notebook.here():
        answer = comparison._answers[what]({**comparison.arguments_of(question), "tell": told.append})
    return {**answer, "told": told}


def test_what_cannot_be_done_is_said_before(compared: tuple[Notebook, Any]) -> None:
    tree, bare = ask(compared, "actions"), ask(compared, "actions", "bare")
    assert tree["problems"] == {
        "restore": "",
        "reproduce": "",
        "promote": "",
        "export": "No version of a model was registered from it: promote it first.",
    }
    assert {each["name"] for each in tree["values"]} == {"X_train", "y_train", "X_test", "y_test"}
    assert tree["values"][0]["variable"].isidentifier()
    assert bare["problems"]["restore"] == "None of its data was kept."
    assert bare["problems"]["reproduce"] == "Its code was not recorded, so it cannot be made again."


def test_a_value_comes_back_as_a_variable_and_never_over_another(compared: tuple[Notebook, Any]) -> None:
    notebook, _ = compared
    done = ask(compared, "act", action="restore", value="X_test", variable="back")
    assert (done["command"], done["ok"]) == ("%mlops restore tree:X_test --as back", True)
    assert done["text"].startswith("back is restored")
    assert notebook["back"].equals(notebook["X_test"])
    with pytest.raises(BadInputError, match="the variable people exists and has other content"):
        ask(compared, "act", action="restore", value="X_test", variable="people")
    ask(compared, "act", action="restore", value="X_test", variable="people", force=True)
    assert notebook["people"].equals(notebook["X_test"])


def test_a_model_is_reproduced_promoted_and_exported(compared: tuple[Notebook, Any]) -> None:
    notebook, comparison = compared
    again = ask(compared, "act", "count", action="reproduce")
    assert "count: all" in again["text"]
    assert any("running cell" in text and "%" in text for text in again["told"])
    made = ask(compared, "act", action="promote", name="income")
    assert made["command"] == "%mlops promote tree --as income"
    possible = ask(compared, "actions")
    assert (possible["models"], possible["versions"]) == (["income"], ["income/1"])
    out = ask(compared, "act", action="export", version="income/1", folder="bundle")
    assert (notebook.folder / "bundle" / "serve.py").is_file(), out["text"]
    with pytest.raises(MlopsError, match="exist"):
        ask(compared, "act", action="export", version="income/1", folder="bundle")
    comparison.selected = [comparison.table.run_ids[comparison.table.names.index("tree")]]
    with notebook.here():
        assert comparison.restore("X_test").equals(notebook["X_test"])


def test_typed_words_are_words_and_what_is_missing_is_said(compared: tuple[Notebook, Any]) -> None:
    with pytest.raises(BadInputError, match="a field is empty"):
        ask(compared, "act", action="promote", name=" ")
    with pytest.raises(BadInputError, match="is not the name of a variable"):
        ask(compared, "act", action="restore", value="X_test", variable="a; b")
    with pytest.raises(BadInputError, match="cannot be done"):
        ask(compared, "act", action="forget")
    assert words_of("a 'b'", {"action": "promote", "name": "x y"}) == ["promote", "a 'b'", "--as", "x y"]


def test_methods_act_on_exactly_one_selected_run(compared: tuple[Notebook, Any]) -> None:
    _, comparison = compared
    comparison.selected = list(comparison.table.run_ids)
    with pytest.raises(BadInputError, match="3 runs are selected"):
        comparison.reproduce()
