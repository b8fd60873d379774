"""Places that take no files: cells run, one quiet line comes, the status and the doctor say what to do."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from privileges import without_privileges
from stored_runs import names, stored_runs

import jupyter_mlops
from jupyter_mlops.errors import StoreError
from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.tracking.client import connect
from jupyter_mlops.tracking.project import sync, waiting_runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

# Runs the cells it is given and prints what each one printed and whether it went well.
NOTEBOOK = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
config.InteractiveShell.colors = "nocolor"
shell = InteractiveShell.instance(config=config)
said = []
for cell in json.load(sys.stdin):
    with capture_output() as captured:
        result = shell.run_cell(cell, store_history=True)
    said.append([result.success, captured.stdout + captured.stderr, str(result.result)])
print(json.dumps(said), file=sys.__stdout__)
"""


@contextlib.contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """What a write meets on a full disk: it stops half-way. Python ignores the signal that comes too."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def run_cells(project: Settings, *cells: str) -> list[tuple[bool, str, str]]:
    """Success, output and value of each cell, run by somebody for whom read-only is read-only."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
        preexec_fn=without_privileges,
        cwd=project.project,
        env={**os.environ, "IPYTHONDIR": str(project.project.parent / "ipython")},
    )
    answers: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return [(ok, printed, value) for ok, printed, value in answers]


def found(asked: Any) -> dict[str, tuple[str, str]]:
    return {what: (outcome, figure) for outcome, what, figure in asked.checks}


def test_a_full_disk_costs_one_line_and_no_cell_and_what_waited_is_written_when_there_is_room(
    notebook: TrackedShell, client: MlflowClient, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.run("a = [1]")
    journal = notebook.session.journal.path
    capsys.readouterr()
    with no_file_longer_than(journal.stat().st_size + 20):
        for number in range(3):
            assert notebook.execute(f"%%mlops track --name full{number}\na.append({number})").success
        said = capsys.readouterr().out
        assert said.count("mlops:") == 1
        assert "could not be recorded: the journal" in said
        problem = jupyter_mlops.track("status").problem or ""
        assert "cannot be written" in problem
        assert "Free space" in problem
        assert waiting_runs(project) == 0
        asked = jupyter_mlops.doctor()
        assert not asked.is_well
        assert found(asked)["this notebook"] == ("failed", "3 cells only in memory")
    asked = jupyter_mlops.doctor()
    assert found(asked)["this notebook"] == ("warned", "3 cells written that waited")
    notebook.run("out = a")
    assert jupyter_mlops.track("status").problem is None
    assert notebook.slice() == ["a = [1]", "a.append(0)", "a.append(1)", "a.append(2)", "out = a"]
    serials = [event["serial"] for event in read_journal(journal) if event["type"] == "cell"]
    assert serials == list(range(1, len(serials) + 1))
    with no_file_longer_than(journal.stat().st_size):
        notebook.execute("b = 1")
    assert capsys.readouterr().out.count("mlops:") == 1  # it is a new trouble, so it is said anew
    sync(project)
    assert names(client) == ["full0", "full1", "full2"]


def test_cells_that_waited_for_room_are_written_when_the_kernel_ends(
    notebook: TrackedShell, project: Settings
) -> None:
    journal = notebook.session.journal.path
    with no_file_longer_than(journal.stat().st_size + 20):
        notebook.execute("last = 1")
    notebook.close()
    events = list(read_journal(journal))
    assert [event.get("source") for event in events[-2:]] == ["last = 1", None]
    assert events[-1]["type"] == "end"


def test_a_disk_that_is_full_half_way_through_mlflow_makes_no_run_twice(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("from sklearn.linear_model import Ridge")
    for name in ("first", "second"):
        notebook.run(f"%%mlops track --name {name}\nmodel = Ridge().fit([[0.0], [1.0]], [0.0, 1.0])")
    database = (project.project / "mlflow.db").stat().st_size
    for size in (0, 100, 1000, 3000, 10000, database, database + 8192, database + 20000):
        with no_file_longer_than(size), contextlib.suppress(StoreError):
            sync(project)
    sync(project)
    assert names(client) == ["first", "second"]
    assert {run.info.status for run in stored_runs(client, "cell")} == {"FINISHED"}
    assert len(stored_runs(client, "session")) == 1


def test_a_snapshot_that_found_no_room_is_called_digest_only_and_leaves_nothing_half(
    notebook: TrackedShell, project: Settings
) -> None:
    notebook.run("import numpy as np, pandas as pd")
    with no_file_longer_than(5000):
        notebook.run("big = pd.DataFrame({'x': np.random.default_rng(0).normal(size=5000)})")
        notebook.session.keeper.drain()
        problem = jupyter_mlops.track("status").problem or ""
    assert "digest only" in problem
    notebook.run("small = pd.DataFrame({'x': [1.0, 2.5]})")
    notebook.session.keeper.drain()
    store = SnapshotStore(project.snapshots)
    assert notebook.session.records[-2].writes["big"].digest not in store
    assert notebook.session.records[-1].writes["small"].digest in store
    assert store.verify().ok
    assert not list(project.snapshots.rglob(".writing-*"))


def test_a_damaged_database_is_named_and_its_runs_wait_for_a_whole_one(
    notebook: TrackedShell, empty_store: Path, project: Settings
) -> None:
    database = project.project / "mlflow.db"
    database.write_bytes(b"no database " * 1000)
    notebook.run("%%mlops track --name kept\nn = 1")
    with pytest.raises(StoreError, match="cannot be used"):
        sync(project)
    assert waiting_runs(project) == 1
    assert "1 run waits" in (jupyter_mlops.track("status").problem or "")
    asked = jupyter_mlops.doctor()
    assert found(asked)["MLflow store"] == ("failed", "cannot be used")
    assert "bring it back from a copy" in asked.note
    shutil.copy(empty_store, database)
    sync(project)
    assert names(connect(project)) == ["kept"]


def test_after_the_database_was_removed_the_same_process_goes_on_with_a_new_one(
    notebook: TrackedShell, client: MlflowClient, empty_store: Path, project: Settings
) -> None:
    notebook.run("%%mlops track --name gone\nn = 1")
    sync(project)
    assert names(client) == ["gone"]
    (project.project / "mlflow.db").unlink()
    notebook.run("%%mlops track --name new\nn = 2")
    sync(project)
    assert names(connect(project)) == ["new"]
    shutil.copy(empty_store, project.project / "mlflow.db")
    notebook.run("%%mlops track --name replaced\nn = 3")
    sync(project)
    assert names(connect(project)) == ["replaced"]
    notebook.close()
    sync(project)
    assert waiting_runs(project) == 0


def test_in_a_read_only_project_cells_run_and_one_line_says_what_to_do(project: Settings) -> None:
    project.project.chmod(0o500)
    try:
        on, cell, tracked, status, asked = run_cells(
            project,
            "%load_ext jupyter_mlops\n%mlops track on",
            "x = 6 * 7",
            "%%mlops track --name lost\nprint(x)",
            "%mlops track status",
            "%mlops doctor",
        )
    finally:
        project.project.chmod(0o700)
    assert on[0]
    assert "cannot be written" in on[2]
    assert cell == (True, "", "None")
    assert tracked[0]
    assert "42" in tracked[1]
    assert tracked[1].count("mlops:") == 1
    assert status[0]
    assert "cannot be written: Permission denied" in asked[2]
    assert list(project.project.iterdir()) == []


def test_folders_that_become_read_only_keep_the_journal_and_the_rest_comes_later(
    client: MlflowClient, project: Settings
) -> None:
    track = (
        "%load_ext jupyter_mlops\nimport os, pandas as pd\n"
        "from jupyter_mlops.notebook.session import open_session, current_session\n"
        "from jupyter_mlops.settings import load_settings\n"
        "open_session(get_ipython(), load_settings()).start()"
    )
    lock = "for folder, _, _ in list(os.walk('.mlops')): os.chmod(folder, 0o500)"
    free = "for folder, _, _ in list(os.walk('.mlops')): os.chmod(folder, 0o700)"
    said = run_cells(
        project,
        track,
        "before = pd.DataFrame({'x': [1.5]}); current_session().keeper.drain()",
        lock,
        "%%mlops track --name kept\nframe = pd.DataFrame({'x': [2.5]}); n = 1",
        "current_session().keeper.drain()",
        "%mlops track status",
        "%mlops doctor",
        free,
        "after = 1",
    )
    assert all(ok for ok, _, _ in said), said
    assert "digest only" in said[5][2]
    assert "cannot be written: Permission denied" in said[6][2]
    sync(project)
    assert names(client) == ["kept"]
    assert waiting_runs(project) == 0


def test_what_mlflow_refuses_of_a_run_does_not_hold_up_the_others(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("import jupyter_mlops")
    notebook.run("%%mlops track --name odd\njupyter_mlops.log(params={'../depth': 1, 'a' * 400: 2})")
    notebook.run("%%mlops track --name fine\nn = 1")
    sync(project)
    assert waiting_runs(project) == 0
    assert names(client) == ["odd", "fine"]
    odd = stored_runs(client, "cell")[0]
    assert odd.info.status == "FINISHED"
    assert "mlops/record.json" in odd.data.tags["mlops.incomplete"]
