"""Promotion with gates: who becomes champion, who does not, and what is kept of the decision."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from the_story import LINE, TREE, census_notebook, run_mlops, run_mlops_here

from jupyter_mlops.drift import compare_profiles
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.registry.history import history
from jupyter_mlops.registry.version_profile import profile_of_version
from jupyter_mlops.registry.versions import fetch_files, find_version, list_versions
from jupyter_mlops.settings import load_settings
from jupyter_mlops.snapshot.shared import project_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notebook_in_process import Notebook

    from jupyter_mlops.settings import Settings


STRICT = 'metrics: ["auc >= 0.999"]\nchampion: {level: off}\n'


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """Two tracked models; the line is champion."""
    made = census_notebook(tmp_path_factory.mktemp("gated") / "project")
    for source in (LINE, TREE, "%mlops promote line --as income"):
        made.done(source)
    yield made
    made.close()


@pytest.fixture(scope="module")
def settings(notebook: Notebook) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_PROJECT", str(notebook.folder))
        return load_settings()


def champion(settings: Settings) -> str:
    return find_version(settings, "income@champion").version


def test_the_first_one_is_judged_on_the_rows_its_notebook_measured_it_by(
    notebook: Notebook, settings: Settings, tmp_path: Path
) -> None:
    version = find_version(settings, "income@champion")
    counts = json.loads(version.tags["mlops.gates"])
    assert counts["failed"] == 0
    assert counts["passed"] >= 4
    files = fetch_files(settings, version, tmp_path) / "mlops"
    kept = json.loads((files / "evidence.json").read_text())
    assert kept["task"] == "classification"
    assert (kept["training"]["said"], kept["holdout"]["said"]) == ("X_train", "X_test")
    store = project_store(settings)
    held = notebook.shell.user_ns
    assert store.get(kept["holdout"]["features"]).equals(held["X_test"])
    assert store.get(kept["holdout"]["target"]).equals(held["y_test"])
    profile = profile_of_version(settings, "income", "champion")
    assert set(profile.columns) == {*held["X_train"].columns, "income", "prediction", "score"}
    answered = profile_frame(
        held["X_train"].assign(
            income=held["y_train"],
            prediction=held["line"].predict(held["X_train"]),
            score=held["line"].predict_proba(held["X_train"])[:, 1],
        )
    )
    assert compare_profiles(profile, answered).columns["effect"].max() < 0.01
    assert profile_of_version(settings, "income").to_json() == profile.to_json()
    with pytest.raises(NotFoundError, match="has no /99"):
        profile_of_version(settings, "income", "99")
    gates = {gate["name"]: gate["outcome"] for gate in json.loads((files / "gates.json").read_text())}
    assert gates["reproduced"] == "passed"
    assert gates["champion"] == "skipped"


def test_who_fails_a_gate_is_registered_and_not_champion_until_somebody_says_why(
    notebook: Notebook, settings: Settings
) -> None:
    before = len(list_versions(settings, "income"))
    (notebook.folder / "strict.yaml").write_text(STRICT)
    card = notebook.done("%mlops promote tree --as income --gate strict.yaml").value
    assert card.title.endswith("is registered; champion stays version 1: a gate failed")
    assert card.exit_code == 1
    assert champion(settings) == "1"
    number = card.data["version"]
    assert len(list_versions(settings, "income")) == before + 1
    assert f"%mlops promote income/{number} --reason" in card.note
    again = notebook.done(f"%mlops promote income/{number} --gate strict.yaml").value
    assert not again.data["moved"]
    told = notebook.done(
        f'%mlops promote income/{number} --gate strict.yaml --reason "the pilot" --approve-by Ada'
    ).value
    assert told.exit_code == 0
    assert champion(settings) == number
    move = history(settings, "income")[-1]
    assert (move.before, move.after, move.why, move.approved_by) == ("1", number, "the pilot", "Ada")
    assert "auc" in move.gates
    assert len(list_versions(settings, "income")) == before + 1
    notebook.done("%mlops rollback income --to 1")


def test_an_approval_that_the_project_asks_for_can_be_given_later(
    notebook: Notebook, settings: Settings
) -> None:
    rules = notebook.folder / "gates.yaml"
    rules.write_text("approval: {required: true}\nchampion: {level: off}\n")
    try:
        card = notebook.done("%mlops promote line --as income").value
        assert not card.data["moved"]
        assert card.note.endswith("--approve-by WHO")
        told = notebook.done(f"%mlops promote income/{card.data['version']} --approve-by Grace").value
        assert told.data["moved"]
        assert champion(settings) == card.data["version"]
    finally:
        rules.unlink()
        notebook.done("%mlops rollback income --to 1")


def test_the_challenger_needs_no_gates_and_a_shell_learns_the_decision(
    notebook: Notebook, settings: Settings
) -> None:
    (notebook.folder / "strict.yaml").write_text(STRICT)
    notebook.done("%mlops promote tree --as income --alias challenger --gate strict.yaml")
    assert champion(settings) == "1"
    asked = run_mlops(notebook.folder, "promote", "income@challenger", "--gate", "strict.yaml", "--json")
    assert asked.returncode == 1, asked.stderr
    failed = [gate for gate in json.loads(asked.stdout)["gates"] if gate["outcome"] == "failed"]
    assert ["auc" in gate["name"] for gate in failed] == [True]
    (notebook.folder / "lax.yaml").write_text("champion: {level: off}\n")
    asked = run_mlops_here(notebook.folder, "promote", "income@challenger", "--gate", "lax.yaml")
    assert asked.returncode == 0, asked.stderr
    assert champion(settings) != "1"
    notebook.done("%mlops rollback income --to 1")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%mlops promote income/1", "is champion already"),
        ("%mlops promote income/99", "has no /99"),
        ("%mlops promote income/1 --as other", "a version of income already"),
        ("%mlops promote line", "needs a name"),
        ("%mlops promote line --as income --gate wrong.yaml", "metrix"),
        ("%mlops promote line --as income --gate gone.yaml", "gone.yaml"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_registered(
    notebook: Notebook, settings: Settings, line: str, says: str
) -> None:
    (notebook.folder / "wrong.yaml").write_text('metrix: ["auc >= 0.9"]\n')
    before = len(list_versions(settings, "income"))
    assert says in " ".join(notebook.run(line).refusal())
    assert len(list_versions(settings, "income")) == before


def test_the_rules_can_name_the_rows_to_judge_by(notebook: Notebook) -> None:
    rules = notebook.folder / "other.yaml"
    rules.write_text("champion: {level: off}\nholdout: {features: 'X_test[:200]', target: 'y_test[:200]'}\n")
    card = notebook.done("%mlops promote line --as income --alias trial --gate other.yaml").value
    assert ("hold-out", "X_test[:200], 200 rows") in card.lines
    rules.write_text("holdout: {features: X_nowhere, target: y_test}\n")
    refused = notebook.run("%mlops promote line --as income --alias trial --gate other.yaml")
    assert "X_nowhere" in " ".join(refused.refusal())
    rules.write_text("holdout: {features: 'print(1)', target: y_test}\n")
    refused = notebook.run("%mlops promote line --as income --alias trial --gate other.yaml")
    assert "does not name data" in " ".join(refused.refusal())


def test_a_project_and_the_lineage_go_with_the_version(
    notebook: Notebook, settings: Settings, tmp_path: Path
) -> None:
    card = notebook.done("%mlops promote line --as income --alias trial --project").value
    version = find_version(settings, f"income/{card.data['version']}")
    files = fetch_files(settings, version, tmp_path) / "mlops"
    assert ("pipeline", "5 steps: load, prepare, split, train, evaluate") in card.lines
    assert "def train(" in (files / "pipeline" / "income" / "pipeline.py").read_text()
    assert "data: adult.csv\n" in (files / "pipeline" / "params.yaml").read_text()
    assert not list(files.rglob("__pycache__"))
    lineage = json.loads((files / "lineage.json").read_text())
    assert lineage["run"]["name"] == "plain line"
    assert "# Model card: income" in (files / "model_card.md").read_text()


def test_the_difference_is_drawn_and_said(notebook: Notebook) -> None:
    (notebook.folder / "lax.yaml").write_text("champion: {not_worse_by: 0.2}\n")
    card = notebook.done("%mlops promote tree --as income --alias trial --gate lax.yaml").value
    html = card._repr_mimebundle_()["text/html"]
    assert "Against version 1, the champion" in html
    assert 'role="img"' in html
    (figure,) = [figure for _, what, figure in card.checks if what == "champion"]
    assert "champion 0." in figure
    listed = notebook.done("%mlops models income").value
    assert "trial" in listed.data["versions"][-1]["aliases"]
