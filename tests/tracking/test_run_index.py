"""The index says what MLflow says, whatever happened in the store meanwhile, and whoever did it."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from mlflow.entities import Dataset, DatasetInput, Metric, Param

from jupyter_mlops.errors import NotFoundError, StoreError
from jupyter_mlops.tracking.read_runs import search_runs
from jupyter_mlops.tracking.run_index import open_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.run import Run
    from jupyter_mlops.tracking.run_table import RunTable

HOSTILE = ["<img onerror=alert(1)>", "'); DROP TABLE runs; --", "\u202eRTL", "😀", "nul\x00byte", "x" * 250]


def made(client: MlflowClient, number: int, experiment: str = "0", **tags: str) -> str:
    """A run with values of each kind."""
    run = client.create_run(experiment, 1000 * number, tags=tags, run_name=f"run {number}")
    run_id: str = run.info.run_id
    client.log_batch(
        run_id,
        metrics=[Metric(name, number / 7, 1000, 0) for name in ("auc", f"of {number}")],
        params=[Param("C", str(number)), Param("kind", "plain")],
    )
    client.log_inputs(run_id, [DatasetInput(Dataset("X", f"{number % 3:032x}", "mlops", "{}"))])
    client.set_terminated(run_id, end_time=1000 * number + 500)
    return run_id


def plain(table: RunTable) -> dict[str, object]:
    """A table as plain lists, with NaN as a word."""
    return {
        "names": list(table.names),
        "run_ids": list(table.run_ids),
        **{
            f"{group}.{name}": ["nan" if value != value else value for value in column]  # noqa: PLR0124
            for group in ("metrics", "params", "info")
            for name, column in getattr(table, group).items()
        },
    }


def told(runs: Sequence[Run]) -> dict[str, object]:
    """What MLflow says of runs, as plain lists in the same order."""

    def column(group: str, name: str, none: object) -> list[object]:
        values = [getattr(run, group).get(name, none) for run in runs]
        return ["nan" if value != value else value for value in values]  # noqa: PLR0124

    return {
        "names": [run.name for run in runs],
        "run_ids": [run.run_id for run in runs],
        **{
            f"{group}.{name}": column(group, name, none)
            for group, none in (("metrics", math.nan), ("params", None))
            for name in dict.fromkeys(name for run in runs for name in getattr(run, group))
        },
        "info.status": [run.status.lower() for run in runs],
        "info.hypothesis": [run.hypothesis for run in runs],
        "info.data": [
            ", ".join(f"{name}:{digest[:6]}" for name, digest in run.datasets) or None for run in runs
        ],
        "info.started": [run.started.strftime("%Y-%m-%d %H:%M:%S") for run in runs],
    }


def agrees(project: Settings) -> RunTable:
    """The index's table, which is what reading all runs through MLflow gives, in the same order."""
    table = open_index(project).table()
    expected = told(search_runs(project))
    assert plain(table) == expected
    assert list(plain(table)) == list(expected)
    return table


def test_it_follows_whatever_others_do_in_the_store(client: MlflowClient, project: Settings) -> None:
    first, second, third = (made(client, number, **{"mlops.kind": "cell"}) for number in (3, 1, 2))
    made(client, 4, **{"mlops.kind": "session"})
    assert list(agrees(project).names) == ["run 1", "run 2", "run 3"]
    client.log_metric(second, "auc", 0.99, step=5)
    client.log_metric(second, "late", math.nan)
    client.log_param(third, "added", "late")
    client.set_tag(first, "mlops.hypothesis", "less noise")
    client.update_run(first, name="renamed")
    client.log_inputs(first, [DatasetInput(Dataset("y", "f" * 32, "mlops", "{}"))])
    client.set_terminated(third, "FAILED")
    made(client, 9)
    assert list(agrees(project).names) == ["run 1", "run 2", "renamed", "run 9"]
    client.set_tag(first, "mlops.hypothesis", "more noise")
    client.delete_tag(second, "mlops.kind")
    client.delete_run(third)
    assert list(agrees(project).names) == ["run 1", "renamed", "run 9"]
    client.delete_tag(first, "mlops.hypothesis")
    client.restore_run(third)
    client.delete_run(second)
    agrees(project)
    client.set_experiment_tag("0", "unrelated", "x")
    agrees(project)


def test_a_run_that_takes_the_place_of_a_removed_one_is_not_taken_for_it(
    client: MlflowClient, project: Settings
) -> None:
    kept, removed = made(client, 1), made(client, 2)
    agrees(project)
    with closing(sqlite3.connect(project.project / "mlflow.db")) as store, store:  # as `mlflow gc` does
        for table in ("latest_metrics", "metrics", "params", "tags", "runs"):
            store.execute(f"DELETE FROM {table} WHERE run_uuid = ?", (removed,))  # noqa: S608
        store.execute("DELETE FROM inputs WHERE destination_id = ?", (removed,))
    made(client, 2)
    client.log_metric(kept, "auc", 0.5, step=3)
    agrees(project)
    with closing(sqlite3.connect(project.project / "mlflow.db")) as store:
        store.execute("DELETE FROM metrics WHERE rowid < 3")
        store.execute("DELETE FROM latest_metrics WHERE rowid < 3")
        store.commit()
        store.execute("VACUUM")  # gives rows other numbers
    client.log_metric(kept, "new", 0.25)
    agrees(project)


def test_runs_are_chosen_by_experiment_and_archived_ones_are_left_out(
    client: MlflowClient, project: Settings
) -> None:
    other, gone = client.create_experiment("other"), client.create_experiment("gone")
    made(client, 1), made(client, 2, other), made(client, 3, gone)
    old = made(client, 4, other, **{"mlops.archived": "true"})
    client.delete_experiment(gone)
    index = open_index(project)
    assert index.experiments == ["Default", "other"]
    assert list(index.table().names) == ["run 1", "run 2"]
    assert index.table().info["experiment"] == ["Default", "other"]
    assert list(index.table(["other"], archived=True).names) == ["run 2", "run 4"]
    assert "experiment" not in index.table(["other"]).info
    assert list(index.table(run_ids=[old]).names) == ["run 4"]
    assert index.run_id_of("run 4") == old
    assert [run.name for run in index.newest(5, "other")] == ["run 2"]
    with pytest.raises(NotFoundError, match="Did you mean 'other'"):
        index.table(["othr"])


def test_the_newest_runs_are_those_that_mlflow_tells(client: MlflowClient, project: Settings) -> None:
    for number in range(5):
        made(client, number, **{"mlops.kind": "cell", "user.who": "ann", "else": "x"})
    for limit in (1, 3, 10):
        expected = search_runs(project, limit=limit)
        found = open_index(project).newest(limit)
        for mine, theirs in zip(found, expected, strict=True):
            assert mine.tags == {"mlops.kind": "cell", "user.who": "ann"}
            mine.tags.clear(), theirs.tags.clear()
        assert found == expected


def test_names_are_texts_and_nothing_else(client: MlflowClient, project: Settings) -> None:
    for number, name in enumerate(HOSTILE):
        run = client.create_run("0", number + 1, run_name=name, tags={"mlops.hypothesis": name})
        client.log_param(run.info.run_id, "value", name)
    open_index(project)
    client.create_experiment("another, so that what was kept is loaded and looked at")
    table = agrees(project)
    assert list(table.params["value"]) == HOSTILE
    index = open_index(project)
    assert [index.run_id_of(name) for name in HOSTILE] == list(table.run_ids)


def test_infinity_is_what_was_logged(client: MlflowClient, project: Settings) -> None:
    run = client.create_run("0")
    client.log_metric(run.info.run_id, "up", math.inf)
    client.log_metric(run.info.run_id, "down", -math.inf)
    table = open_index(project).table()
    assert (table.metrics["up"][0], table.metrics["down"][0]) == (math.inf, -math.inf)


def test_what_was_kept_and_is_broken_is_made_anew(client: MlflowClient, project: Settings) -> None:
    made(client, 1)
    agrees(project)
    (kept,) = project.index.glob("*/*")
    whole = kept.read_bytes()
    for broken in (b"", b"no index", whole[: len(whole) // 2], whole.replace(b"run 1", b"run 7")):
        kept.write_bytes(broken)
        agrees(project)
        assert kept.read_bytes() != broken


def test_an_unchanged_store_is_not_read_again(client: MlflowClient, project: Settings) -> None:
    made(client, 1)
    open_index(project)
    (kept,) = project.index.glob("*/*")
    before = kept.stat().st_mtime_ns
    assert len(open_index(project)) == 1
    assert kept.stat().st_mtime_ns == before


def test_a_store_of_others_is_read_where_it_is_and_left_as_it_is(
    client: MlflowClient, project: Settings, tmp_path: Path
) -> None:
    made(client, 1)
    theirs = tmp_path / "their store #1 100%.db"
    theirs.write_bytes((project.project / "mlflow.db").read_bytes())
    before = theirs.read_bytes()
    made(client, 2)
    assert list(open_index(project, uri=f"sqlite:///{theirs}").table().names) == ["run 1"]
    assert list(open_index(project).table().names) == ["run 1", "run 2"]
    assert theirs.read_bytes() == before
    missing = f"sqlite:///{tmp_path}/none.db"
    with pytest.raises(StoreError, match="there is no tracking store"):
        open_index(project, uri=missing)
    assert not (tmp_path / "none.db").exists()


def test_a_project_without_a_store_has_no_runs_and_gets_none(project: Settings) -> None:
    assert len(open_index(project).table()) == 0
    assert list(project.project.iterdir()) == []


def test_a_file_that_is_no_database_is_told(project: Settings) -> None:
    (project.project / "mlflow.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"sqlite:.* cannot be used"):
        open_index(project)
