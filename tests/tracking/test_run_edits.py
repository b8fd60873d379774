"""What people change at runs is in MLflow at once, and in the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import BadInputError, NotFoundError, StoreError
from jupyter_mlops.tracking.run_edits import archive, delete, rename, set_hypothesis, undelete
from jupyter_mlops.tracking.run_index import open_index

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings


@pytest.fixture
def run_id(client: MlflowClient) -> str:
    made: str = client.create_run("0", run_name="before").info.run_id
    return made


def test_a_name_and_a_hypothesis_are_mlflows_own(
    client: MlflowClient, project: Settings, run_id: str
) -> None:
    rename(project, run_id, "  Größe 4 <b>😀</b> ")
    set_hypothesis(project, run_id, "less noise\r\nhelps")
    run = client.get_run(run_id)
    assert run.info.run_name == run.data.tags["mlflow.runName"] == "Größe 4 <b>😀</b>"
    assert run.data.tags["mlops.hypothesis"] == run.data.tags["mlflow.note.content"] == "less noise\nhelps"
    table = open_index(project).table()
    assert (list(table.names), list(table.info["hypothesis"])) == (
        ["Größe 4 <b>😀</b>"],
        ["less noise\nhelps"],
    )
    for _ in range(2):
        set_hypothesis(project, run_id, "")
    assert set(client.get_run(run_id).data.tags) == {"mlflow.runName"}
    assert list(open_index(project).table().info["hypothesis"]) == [None]


def test_archived_and_deleted_runs_come_back(client: MlflowClient, project: Settings, run_id: str) -> None:
    other = client.create_run("0", run_name="other").info.run_id
    archive(project, [run_id, other], True)
    assert len(open_index(project)) == 0
    archive(project, [run_id], False)
    archive(project, [run_id], False)
    assert list(open_index(project).table().run_ids) == [run_id]
    delete(project, [run_id, other])
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert len(open_index(project)) == 0
    with pytest.raises(BadInputError, match="does not change this run"):
        rename(project, run_id, "x")
    undelete(project, [run_id, other])
    assert list(open_index(project).table().run_ids) == [run_id]


@pytest.mark.parametrize("name", ["", "  ", "x" * 251, "two\nlines", "\x1b[31m", "\ud800"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(
    client: MlflowClient, project: Settings, run_id: str, name: str
) -> None:
    with pytest.raises(BadInputError, match="run"):
        rename(project, run_id, name)
    assert client.get_run(run_id).info.run_name == "before"


def test_a_hypothesis_has_an_end(project: Settings, run_id: str) -> None:
    with pytest.raises(BadInputError, match="at most 5,000 characters"):
        set_hypothesis(project, run_id, "x" * 5001)
    with pytest.raises(BadInputError, match="control characters"):
        set_hypothesis(project, run_id, "a\x00b")


def test_what_is_gone_or_away_is_told(project: Settings, run_id: str) -> None:
    for change in (
        lambda: rename(project, "0" * 32, "x"),
        lambda: archive(project, ["0" * 32], False),
        lambda: delete(project, ["0" * 32]),
    ):
        with pytest.raises(NotFoundError, match="not in the store any more"):
            change()
    with pytest.raises(StoreError, match="cannot be used"):
        rename(project, run_id, "x", uri="http://127.0.0.1:1")
