"""The verbs in a shell: text for people, `--json` for programs, exit codes for both."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from the_story import run_mlops

import jupyter_mlops
from jupyter_mlops.cli import run
from jupyter_mlops.verbs import VERBS

if TYPE_CHECKING:
    from pathlib import Path

    from the_story import Story


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """The JSON of a verb, asked through the shell's door in this process."""
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_script_lists_models_as_json_in_a_process_of_its_own(story: Story) -> None:
    asked = story.mlops("models", "--json")
    assert asked.returncode == 0, asked.stderr
    assert asked.stderr == ""
    assert [found["version"] for found in json.loads(asked.stdout)["versions"]] == ["1", "2"]


def test_text_in_a_shell_has_the_ids_that_a_saved_notebook_leaves_out(
    at_story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "show", "tree")["id"]
    assert run(["runs"]) == run(["show", "tree"]) == 0
    listed, card = capsys.readouterr().out.split("tree\n  status")
    assert found[:8] in listed
    assert found in card
    assert found[:8] not in str(jupyter_mlops.runs())


def test_every_reading_verb_answers_in_json(at_story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    listed = told(capsys, "runs")["runs"]
    assert [found["name"] for found in listed] == ["plain line", "tree"]
    assert told(capsys, "show", "tree") == listed[1] | {"figures": []}
    assert told(capsys, "show", "tree", "--code")["code"].count("tree.fit") == 1
    best = told(capsys, "compare", "--sort", "auc", "--filter", "auc > 0")["runs"][0]
    assert best["metrics"]["auc"] == max(found["metrics"]["auc"] for found in listed)
    assert told(capsys, "models", "income", "--history")["moves"][0]["after"] == "1"
    assert told(capsys, "serve") == {"servers": []}
    assert told(capsys, "track")["is_on"] is False


def test_export_and_rollback_answer_in_json(
    at_story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported = told(capsys, "export", "income/1", str(tmp_path / "first"))
    assert exported["version"] == "1"
    assert (tmp_path / "first" / "bundle.json").is_file()
    assert told(capsys, "rollback", "income")["version"] == "1"
    assert told(capsys, "rollback", "income@champion", "--to", "2")["version"] == "2"


def test_drift_between_files_ends_with_0_1_or_2(
    at_story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = at_story.frame()
    rows.to_csv(tmp_path / "before.csv", index=False)
    rows.assign(age=rows["age"] + 30).to_parquet(tmp_path / "after.parquet")
    before, after = str(tmp_path / "before.csv"), str(tmp_path / "after.parquet")
    assert told(capsys, "drift", before, before)["dataset_verdict"] == "ok"
    assert told(capsys, "drift", before, after, code=1)["dataset_verdict"] == "drift"
    assert "no file" in told(capsys, "drift", before, str(tmp_path / "none.csv"), code=2)["what"]
    assert told(capsys, "drift", before, after, "--columns", "sex,race")["dataset_verdict"] == "ok"


def test_drift_tells_its_exit_code_to_the_shell(story: Story, tmp_path: Path) -> None:
    for name, least in (("before", 0), ("after", 20)):
        lines = ["n", *(str(least + number % 40) for number in range(300))]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    assert run_mlops(tmp_path, "drift", "before.csv", "after.csv").returncode == 1


def test_a_run_is_promoted_from_the_shell_with_the_model_that_its_replay_made(story: Story) -> None:
    done = story.mlops("promote", "plain line", "--as", "from the shell", "--alias", "challenger", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    promoted = json.loads(done.stdout)
    assert promoted["verified"] is True
    assert promoted["run"] == "plain line"
    found = json.loads(story.mlops("models", "from the shell", "--json").stdout)["versions"]
    assert found[0]["aliases"] == ["challenger"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["promte"], "Did you mean 'promote'?"),
        (["runs", "--limt", "3"], "--limit"),
        (["runs", "--limit", "many"], "--limit"),
        (["promote", "tree"], "--as"),
        (["show", "plain lin"], "Did you mean 'plain line'?"),
        (["promote", "nothing", "--as", "x"], "there is no run 'nothing'"),
        (["rollback", "incom"], "Did you mean 'income'?"),
        (["export", "income", "bundle"], "already exists"),
        (["serve", "income/77"], "/1 to /"),
        (["serve", "--stop", "nobody"], "nobody"),
        (["compare", "--sort", "aucc"], "Did you mean 'auc'?"),
        (["compare", "--filter", "auc >"], "filter"),
        (["runs", "--experiment", "notebook"], "Did you mean 'notebooks'?"),
        (["models", "--history"], "models NAME --history"),
        (["drift", "people", "people"], "'people' is no file"),
        (["track", "on"], "notebook"),
    ],
)
def test_what_is_wrong_is_said_in_two_lines_with_code_2(
    at_story: Story, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert len(lines) == 2, printed.err
    assert lines[0].startswith("mlops: ")
    assert said in printed.err
    assert run([*words, "--json"]) == 2
    assert set(json.loads(capsys.readouterr().out)) == {"error", "what", "fix"}


def test_hints_in_a_shell_name_the_shells_command(
    at_story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rollback", "nobody"]) == 2
    assert "`mlops models`" in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_offers_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"mlops {verb}" in text
    assert "--json" in text


def test_a_server_started_in_a_shell_outlives_it_and_says_where_it_is(story: Story) -> None:
    started = story.mlops("serve", "income/1")
    try:
        assert started.returncode == 0, started.stderr
        running = json.loads(story.mlops("serve", "--json").stdout)["servers"]
        assert running[0]["url"] in started.stdout
        command = next(line for line in started.stdout.splitlines() if "curl " in line)
        answered = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=90, check=True
        )
        assert len(json.loads(answered.stdout)["predictions"]) == 1
    finally:
        stopped = story.mlops("serve", "--stop")
    assert stopped.stdout.startswith("1 server stopped")
