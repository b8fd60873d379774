"""Others write the store, die while they do, or open the index at the same time."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlflow.entities import Dataset, DatasetInput
from new_store import empty_project
from privileges import without_privileges

from benchmarks.many_runs import make_runs
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.run_index import open_index

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient

    from jupyter_mlops.settings import Settings


def in_a_process(source: str, *words: object, **how: Any) -> subprocess.Popen[str]:
    """Runs with the project that the environment names."""
    command = [sys.executable, "-c", textwrap.dedent(source), *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how)


def test_what_is_in_the_log_beside_the_file_counts(client: MlflowClient, project: Settings) -> None:
    database = project.project / "mlflow.db"
    (run_id,) = make_runs(project.tracking_uri, 1, metrics=2)
    with closing(sqlite3.connect(database)) as store:
        store.execute("PRAGMA journal_mode = wal")
        assert len(open_index(project)) == 1
        for number in range(3):
            store.execute("UPDATE runs SET name = ? WHERE run_uuid = ?", (f"name {number}", run_id))
            store.commit()
            assert database.with_name("mlflow.db-wal").stat().st_size
            assert list(open_index(project).table().names) == [f"name {number}"]


def test_a_writer_that_died_is_undone(client: MlflowClient, project: Settings) -> None:
    make_runs(project.tracking_uri, 5, metrics=2)
    assert len(open_index(project)) == 5
    dying = in_a_process(
        """
        import os, sqlite3, sys
        store = sqlite3.connect(sys.argv[1])
        store.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
        store.execute("UPDATE runs SET name = 'half', artifact_uri = ?", ("x" * 9000,))
        store.execute("UPDATE latest_metrics SET value = 7")
        os._exit(1)
        """,
        project.project / "mlflow.db",
    )
    dying.wait()
    assert (project.project / "mlflow.db-journal").stat().st_size
    assert set(open_index(project).table().names) == {f"run-{number:05d}" for number in range(5)}


def test_a_store_that_nobody_can_write_is_read_and_not_edited(project: Settings, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    made = [theirs / "plain" / "mlflow.db", theirs / "logged" / "mlflow.db"]
    for database in made:
        database.parent.mkdir(parents=True)
        database.write_bytes((empty_project() / "mlflow.db").read_bytes())
        make_runs(f"sqlite:///{database}", 2, metrics=2)
    with closing(sqlite3.connect(made[1])) as store:
        store.execute("PRAGMA journal_mode = wal")
    for path in (*made, *(database.parent for database in made)):
        path.chmod(path.stat().st_mode & ~0o222)
    looking = in_a_process(
        """
        import sys
        from jupyter_mlops.errors import StoreError
        from jupyter_mlops.settings import load_settings
        from jupyter_mlops.tracking.run_edits import rename
        from jupyter_mlops.tracking.run_index import open_index
        for path in sys.argv[1:]:
            uri = f"sqlite:///{path}"
            index = open_index(load_settings(), uri=uri)
            print(len(index))
            try:
                rename(load_settings(), index.run_id_of("last"), "secret name", uri=uri)
            except StoreError as error:
                print("cannot be used" in str(error))
        """,
        *made,
        preexec_fn=without_privileges,
        stderr=subprocess.STDOUT,
    )
    assert looking.communicate(timeout=120)[0] == "2\nTrue\n2\nTrue\n"


def test_processes_that_open_it_while_runs_arrive_all_end_with_all(
    client: MlflowClient, project: Settings
) -> None:
    looking = [
        in_a_process(
            """
            from jupyter_mlops.settings import load_settings
            from jupyter_mlops.tracking.run_index import open_index
            counts = [0]
            while counts[-1] < 60:
                table = open_index(load_settings()).table()
                assert all(column.shape == (len(table),) for column in table.metrics.values())
                counts.append(len(table))
                if len(counts) == 2:
                    print("looks", flush=True)
            assert counts == sorted(counts)
            print(counts[-1])
            """
        )
        for _ in range(2)
    ]
    for process in looking:
        assert process.stdout is not None
        assert process.stdout.readline() == "looks\n"
    for _ in range(12):
        make_runs(project.tracking_uri, 5, metrics=3)
        open_index(project)
    told = [process.communicate(timeout=120)[0].strip() for process in looking]
    assert told == ["60", "60"]
    assert len(open_index(project)) == 60


def test_neither_a_look_nor_a_quiet_project_needs_mlflow(client: MlflowClient, project: Settings) -> None:
    make_runs(project.tracking_uri, 3, metrics=2)
    sync(project)
    looked = in_a_process(
        """
        import json, sys
        import jupyter_mlops
        found = jupyter_mlops.runs().to_dict()["runs"]
        heavy = {"mlflow", "pandas", "sqlalchemy", "sklearn", "scipy", "plotly"} & set(sys.modules)
        print(json.dumps([len(found), sorted(heavy)]))
        """
    )
    assert json.loads(looked.communicate(timeout=120)[0]) == [3, []]


def test_a_place_that_cannot_be_written_is_done_without(
    client: MlflowClient, project: Settings, tmp_path: Path
) -> None:
    make_runs(project.tracking_uri, 3, metrics=2)
    project.index.write_text("in the way")
    for _ in range(2):
        assert len(open_index(project)) == 3


def test_after_any_changes_it_says_what_a_new_index_says(
    client: MlflowClient, project: Settings, tmp_path: Path
) -> None:
    draw = random.Random(7)
    run_ids = make_runs(project.tracking_uri, 12, metrics=3, params=2)
    anew = replace(project, project=tmp_path / "another project")
    for step in range(70):
        change, run_id = draw.choice("mmmppttndrgiiw"), draw.choice(run_ids)
        is_active = client.get_run(run_id).info.lifecycle_stage == "active"
        if change == "w":
            run_ids += make_runs(project.tracking_uri, 1, metrics=2)
        elif change == "g" and len(run_ids) > 8:
            run_ids.remove(run_id)
            client._tracking_client.store._hard_delete_run(run_id)  # as `mlflow gc` does
        elif change == "r":
            client.restore_run(run_id)
        elif change == "d":
            client.delete_run(run_id)
        elif not is_active:
            continue
        elif change == "m":
            client.log_metric(run_id, draw.choice(["test_auc", "valid_auc", "new"]), draw.random(), step=step)
        elif change == "p":
            client.log_param(run_id, f"p{step}", step)
        elif change == "t":
            client.set_tag(
                run_id, draw.choice(["mlops.archived", "mlops.hypothesis"]), draw.choice(["true", "x"])
            )
        elif change == "n":
            client.update_run(run_id, name=f"name {step}")
        elif change == "i":
            client.log_inputs(run_id, [DatasetInput(Dataset(f"d{step % 3}", f"{step:032x}", "mlops", "{}"))])
        if draw.random() < 0.4:
            kept, read = (
                open_index(each, uri=project.tracking_uri, refresh=each is anew) for each in (project, anew)
            )
            assert [*kept.newest(99), *kept.table(archived=True).names] == [
                *read.newest(99),
                *read.table(archived=True).names,
            ]
