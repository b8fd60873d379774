"""From a cell to a served model, and back."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from the_story import tell

import jupyter_mlops
from jupyter_mlops.errors import BadInputError, NotFoundError, ServeError
from jupyter_mlops.verbs.serve import servers, stop

if TYPE_CHECKING:
    from pathlib import Path

    from the_story import Story


def test_a_cell_becomes_a_run_with_its_name_hypothesis_parameters_metrics_and_tags(at_story: Story) -> None:
    run = jupyter_mlops.show("plain line").to_dict()
    assert run["hypothesis"] == "a line is enough"
    assert run["tags"] == {"team": "census"}
    assert run["status"] == "finished"
    assert run["params"]["C"] == "0.5"
    assert 0.8 < run["metrics"]["auc"] < 1
    assert {found["name"] for found in run["data"]} >= {"X_train", "X_test"}


def test_runs_and_compare_tell_both_runs_with_full_figures(at_story: Story) -> None:
    listed = jupyter_mlops.runs().to_dict()["runs"]
    compared = jupyter_mlops.compare(sort="auc").to_dict()["runs"]
    assert [run["name"] for run in listed] == ["plain line", "tree"]
    assert sorted(run["id"] for run in compared) == sorted(run["id"] for run in listed)
    assert compared[0]["metrics"]["auc"] == max(run["metrics"]["auc"] for run in listed)


def test_the_code_behind_a_run_is_shown_without_what_it_did_not_need(at_story: Story) -> None:
    code = jupyter_mlops.show("plain line", code=True).code
    assert "line.fit(X_train, y_train)" in code
    assert "read_csv" in code
    assert "tree.fit" not in code
    assert "%mlops" not in code


def test_two_promotions_make_two_verified_versions_and_the_newer_is_champion(at_story: Story) -> None:
    first, second = jupyter_mlops.models("income").to_dict()["versions"]
    assert (first["version"], first["aliases"], first["verified"]) == ("1", [], True)
    assert (second["version"], second["aliases"], second["run"]) == ("2", ["champion"], "tree")
    moves = jupyter_mlops.models("income", moves=True).to_dict()["moves"]
    assert [(move["before"], move["after"]) for move in moves[:2]] == [(None, "1"), ("1", "2")]


def test_a_rollback_steps_back_says_what_changes_and_stops_at_the_first_champion(at_story: Story) -> None:
    try:
        card = jupyter_mlops.rollback("income", reason="tree is odd")
        assert card.to_dict()["version"] == "1"
        assert "auc" in dict(card.lines)
        with pytest.raises(NotFoundError, match="no champion before version 1"):
            jupyter_mlops.rollback("income")
        assert jupyter_mlops.models("income", moves=True).to_dict()["moves"][-1]["why"] == "tree is odd"
    finally:
        jupyter_mlops.rollback("income", to=2)
    with pytest.raises(BadInputError, match="champion already"):
        jupyter_mlops.rollback("income", to=2)


def test_an_export_is_refused_where_something_is_and_byte_identical_when_forced(at_story: Story) -> None:
    bundle = at_story.folder / "bundle"
    before = contents(bundle)
    assert {"bundle.json", "serve.py", "model.json", "Dockerfile", "MODEL_CARD.md"} <= before.keys()
    with pytest.raises(BadInputError, match="already exists"):
        jupyter_mlops.export("income@champion", bundle)
    assert contents(bundle) == before
    jupyter_mlops.export("income@champion", bundle, force=True)
    assert contents(bundle) == before


def test_a_folder_that_is_no_bundle_is_never_replaced(at_story: Story, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInputError, match="not a bundle"):
        jupyter_mlops.export("income", tmp_path, force=True)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_version_goes_into_the_same_bundle_as_challenger(at_story: Story, tmp_path: Path) -> None:
    card = jupyter_mlops.export("income@champion", tmp_path / "both", challenger="income/1")
    assert card.to_dict()["challenger"] == "1"
    own = json.loads((tmp_path / "both" / "challenger" / "bundle.json").read_text())
    assert (own["name"], own["version"]) == ("income", "1")
    with pytest.raises(BadInputError, match="cannot be its own challenger"):
        jupyter_mlops.export("income@champion", tmp_path / "same", challenger="income@champion")


def test_a_served_model_answers_what_the_notebooks_model_predicts(at_story: Story) -> None:
    served = jupyter_mlops.serve("income@champion")
    try:
        rows = at_story.frame()
        assert ask(served.url, rows) == at_story.values["tree"].predict(rows).tolist()
        assert [found["name"] for found in servers().to_dict()["servers"]] == ["income"]
        busy = int(served.url.rpartition(":")[2])
        with pytest.raises(ServeError, match="busy"):
            jupyter_mlops.serve("income@champion", port=busy)
    finally:
        stop()
    assert servers().to_dict() == {"servers": []}


def test_the_first_version_can_still_be_served_beside_an_exported_folder(at_story: Story) -> None:
    try:
        old, exported = jupyter_mlops.serve("income/1"), jupyter_mlops.serve("bundle")
        rows = at_story.frame().head(50)
        assert ask(old.url, rows) == at_story.values["line"].predict(rows).tolist()
        assert ask(exported.url, rows) == at_story.values["tree"].predict(rows).tolist()
    finally:
        stop()


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("incme", "Did you mean 'income'?"),
        ("income@challenger", "@champion, /1 to /2"),
        ("income/9", "@champion, /1 to /2"),
        ("a@b@c", "does not name a registered model"),
    ],
)
def test_an_unknown_model_alias_or_version_is_answered_with_what_there_is(
    at_story: Story, reference: str, said: str
) -> None:
    with pytest.raises((NotFoundError, BadInputError)) as caught:
        jupyter_mlops.export(reference, "elsewhere")
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2


def test_results_say_the_same_when_the_notebook_is_run_again_and_another_process_brings_its_runs(
    story: Story, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = tell(tmp_path_factory.mktemp("again"), background=True)
    assert len(story.texts) >= 9
    assert again.texts == story.texts


def ask(url: str, rows: Any) -> list[Any]:
    """One real request."""
    body = json.dumps({"dataframe_split": json.loads(rows.to_json(orient="split"))}).encode()
    request = urllib.request.Request(f"{url}/invocations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: list[Any] = json.load(answer)["predictions"]
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
