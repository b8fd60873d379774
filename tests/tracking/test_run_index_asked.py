"""The index of a store that only MLflow can read: all at first, then what is new, and the rest by turns."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from jupyter_mlops.errors import StoreError
from jupyter_mlops.tracking.run_edits import rename
from jupyter_mlops.tracking.run_index import RunIndex, open_index
from jupyter_mlops.tracking.run_index.asked import Asking
from jupyter_mlops.tracking.run_index.opening import silent

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.run_index.known import Known

LONG_AGO = 1_000_000_000_000
TURN = 2


def made(client: MlflowClient, number: int, *, end: bool = True) -> str:
    started = LONG_AGO + number // 3 * 1000  # three at the same time
    run_id: str = client.create_run("0", started, run_name=f"run {number}").info.run_id
    client.log_batch(run_id, metrics=[Metric("auc", number, 0, 0)], params=[Param("C", str(number))])
    if end:
        client.set_terminated(run_id, end_time=started + 500)
    return run_id


def names(known: Known) -> list[str]:
    return list(RunIndex(known).table().names)


def test_news_are_seen_at_once_and_the_rest_by_turns(client: MlflowClient) -> None:
    asking = Asking(client, silent, turn=TURN)
    run_ids = [made(client, number) for number in range(11)]
    under_way = made(client, 11, end=False)
    known = asking.everything()
    assert set(names(known)) == {f"run {number}" for number in range(12)}

    new = made(client, 40)
    client.log_metric(under_way, "auc", 0.5, step=1)
    late = client.create_run("0", 5).info.run_id  # brought from elsewhere with its old time
    client.set_terminated(late, end_time=6)
    known = asking.news(known)
    table = RunIndex(known).table(run_ids=[new, under_way])
    assert list(table.metrics["auc"]) == [40.0, 0.5]
    client.set_terminated(under_way)
    known = asking.news(known)
    assert RunIndex(known).table(run_ids=[under_way]).info["status"] == ["finished"]

    client.update_run(run_ids[4], name="renamed")
    client.log_metric(run_ids[0], "late", 1.0)
    client.delete_run(run_ids[7])
    client._tracking_client.store._hard_delete_run(run_ids[2])  # as `mlflow gc` does
    for _ in range(14 // TURN + 1):
        known = asking.news(known)
    kept = {f"run {number}" for number in (0, 1, 3, 5, 6, 8, 9, 10, 11, 40)} | {"renamed"}
    assert set(names(known)) == {*kept, client.get_run(late).info.run_name}
    assert RunIndex(known).table(run_ids=[run_ids[0]]).metrics["late"][0] == 1.0


def test_a_folder_of_runs_is_read_and_not_made(
    project: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "their runs"
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        theirs = MlflowClient(folder.as_uri())
        run_id = made(theirs, 1)
    for uri in (str(folder), folder.as_uri()):
        assert list(open_index(project, uri=uri).table().metrics["auc"]) == [1.0]
    theirs.log_metric(run_id, "auc", 2.0, step=1)
    index = open_index(project, uri=folder.as_uri())
    assert list(index.table().metrics["auc"]) == [2.0]
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        rename(project, run_id, "by us", uri=folder.as_uri())
    assert open_index(project, uri=folder.as_uri()).run_id_of("by us") == run_id
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match="there is no tracking store"):
        open_index(project, uri=folder.as_uri())
    assert not folder.exists()


def test_a_server_that_is_away_is_told_without_its_password(project: Settings) -> None:
    for scheme in ("http", "postgresql"):
        with pytest.raises(StoreError, match="cannot be used") as caught:
            open_index(project, uri=f"{scheme}://ann:secret@127.0.0.1:1/db")
        assert "secret" not in str(caught.value)
