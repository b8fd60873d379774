"""A promotion that was killed half-way: `doctor` names it and takes it back, and the next one works."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

import jupyter_mlops
from jupyter_mlops.notebook.owner import describe_owner
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.registering import registering
from jupyter_mlops.tracking.client import connect, experiment_id

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings

KILLED = """
    import os
    from pathlib import Path
    from jupyter_mlops.registry.registering import registering
    from jupyter_mlops.settings import load_settings
    with registering(load_settings(), "income", {run!r}, Path({folder!r}), "promoted/killed", {{}}):
        os._exit(9)
"""


@pytest.fixture
def run(project: Settings) -> str:
    """A run of the project's store."""
    client = connect(project)
    return str(client.create_run(experiment_id(client, project)).info.run_id)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Files of a model."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    return folder


def kill_half_way(run: str, model: Path) -> None:
    code = textwrap.dedent(KILLED.format(run=run, folder=str(model)))
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 9


def test_doctor_takes_back_what_a_killed_promotion_left(project: Settings, run: str, model: Path) -> None:
    kill_half_way(run, model)
    client: MlflowClient = connect(project)
    assert [version.version for version in client.search_model_versions("name='income'")] == [1]
    assert client.list_artifacts(run, "promoted/killed")
    found = {check["check"]: check for check in jupyter_mlops.doctor().to_dict()["checks"]}
    assert found["registered models"]["outcome"] == "warned"
    assert (
        "1 version of income, not registered to the end: taken back" in found["registered models"]["figure"]
    )
    assert client.search_registered_models() == []
    assert not client.list_artifacts(run, "promoted/killed")
    assert "registered models" not in str(jupyter_mlops.doctor())


def test_doctor_brings_a_move_that_was_cut_short_to_its_end(project: Settings, run: str, model: Path) -> None:
    with registering(project, "income", run, model, "promoted/one", {}) as made:
        flag = {
            "owner": {**describe_owner(), "pid": 2**22 + 1},
            "move": {"alias": "champion", "before": None, "after": made.version, "who": "ann", "when": "then",
                     "why": "hers"},
        }  # fmt: skip
        client: MlflowClient = connect(project)
        client.set_registered_model_tag("income", "mlops.moving.gone", json.dumps(flag))
        client.set_registered_model_alias("income", "champion", made.version)
    assert "a move of an alias of income was cut short: brought to its end" in str(jupyter_mlops.doctor())
    (move,) = jupyter_mlops.models("income", moves=True).to_dict()["moves"]
    assert (move["who"], move["after"]) == ("ann", "1")
    assert "cut short" not in str(jupyter_mlops.doctor())


def test_the_next_promotion_takes_it_back_as_well(project: Settings, run: str, model: Path) -> None:
    kill_half_way(run, model)
    with registering(project, "income", run, model, "promoted/next", {}) as made:
        move_alias(project, "income", made.version, why="better", expected=None)
    client: MlflowClient = connect(project)
    assert [version.tags["mlops.path"] for version in client.search_model_versions()] == ["promoted/next"]
    assert not client.list_artifacts(run, "promoted/killed")
