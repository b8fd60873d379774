"""Servers as people have them: a root behind a link, what others left in a project, files elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psutil
from jupyter_in_process import Server, held_jobs, running_server

from benchmarks.many_runs import make_runs
from jupyter_mlops.lineage.clean_process import is_running
from jupyter_mlops.server.checked import hold

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    "<script>alert(1)</script>",
    "\u202etxt.exe",
    "a\nb\t\x7f",
    "'; DROP TABLE runs --",
    "\U0001f4a9" * 50,
)
BROKEN = ("", "[]", "null", "[" * 50_000, '{"name": 1}', '{"files": ["/etc/passwd"]}', "\0")


def test_a_root_behind_a_link_with_what_others_left_in_it(tmp_path: Path, empty_store: Path) -> None:
    disk, root = tmp_path / "disk", tmp_path / "shown"
    project = disk / "project"
    (project / ".mlops/servers").mkdir(parents=True)
    root.symlink_to(disk)
    shutil.copy(empty_store, project / "mlflow.db")
    runs = make_runs(f"sqlite:///{project}/mlflow.db", len(NAMES), 3, 3)
    with closing(sqlite3.connect(project / "mlflow.db")) as store, store:
        store.executemany("UPDATE runs SET name = ? WHERE run_uuid = ?", zip(NAMES, runs, strict=True))
        tag = "INSERT OR REPLACE INTO tags (key, value, run_uuid) VALUES ('mlflow.source.name', ?, ?)"
        store.execute(tag, (f"{root}/project/of.ipynb", runs[0]))
    leave_behind(project)

    options = [f"--ServerApp.preferred_dir={root}/project"]
    held = held_jobs(tmp_path / "held")
    with running_server(tmp_path, root, options=options, PYTHONPATH=held) as server:
        answer = server.get("runs?folder=project")
        assert [run["name"] for run in answer.content["runs"]] == list(reversed(NAMES))
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["Cache-Control"] == "no-store"
        of = server.get("runs?folder=project&notebook=project/of.ipynb").content
        assert [run["id"] for run in of["runs"]] == [runs[0]]
        assert server.get("runs?folder=project&notebook=../of.ipynb").status == 400
        assert server.get("runs?folder=project&search=%3Cscript").content["total"] == 1

        listed = server.get("servers?folder=project").content
        assert listed == {"servers": []}
        assert server.get("alarms?folder=project").content == {"alarms": []}
        bundles = server.get("bundles?folder=project").content
        hold(bundles, "BundleList")
        assert [each["path"] for each in bundles["bundles"]] == ["whole"]

        ended_with_the_server = nothing_heavy_and_all_its_processes(server)
    until = time.monotonic() + 60
    while any(is_running(each) for each in ended_with_the_server) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [each for each in ended_with_the_server if is_running(each)]


def leave_behind(project: Path) -> None:
    """What is no bundle and no server, and one bundle."""
    for number, text in enumerate(BROKEN):
        (project / f".mlops/servers/server-{number}.json").write_text(text)
        (project / f"broken-{number}").mkdir()
        (project / f"broken-{number}/bundle.json").write_text(text)
    (project / "large").mkdir()
    (project / "large/bundle.json").write_text(" " * (2 << 20) + "{}")
    (project / "waits").mkdir()
    os.mkfifo(project / "waits/bundle.json")
    (project / "whole").mkdir()
    manifest = {"name": "<b>", "version": "1", "files": {"bundle.json": {}}, "digest": "0" * 64}
    (project / "whole/bundle.json").write_text(json.dumps(manifest))


def nothing_heavy_and_all_its_processes(server: Server) -> list[psutil.Process]:
    """Jupyter's own process has loaded nothing that weighs; a job and a worker run beside it."""
    started = server.post("jobs?folder=project", {"verb": "reproduce", "run": "held"}).content
    while server.get(f"jobs/{started['id']}").content["status"] == "waiting":
        pass
    jupyter = psutil.Process(server.pid)
    (job,) = [each for each in jupyter.children() if "reproduce" in each.cmdline()]
    job.suspend()  # so that it does not end when it is asked to
    asked = time.monotonic()
    assert server.get(f"jobs/{started['id']}?wait=25&seen=0").content["changes"] > 0
    assert time.monotonic() - asked < 20  # a change that was missed is told at once
    loaded = {each.path for each in jupyter.memory_maps()}
    for library in ("numpy", "pandas", "sklearn", "sqlalchemy", "scipy"):
        assert not [path for path in loaded if f"/{library}/" in path]
    children = jupyter.children(recursive=True)
    assert len(children) >= 2
    return children


READS_ONLY = """
from jupyter_server.auth import Authorizer

class ReadsOnly(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "jupyter-mlops" or action == "read"
"""


def test_who_may_only_look_and_files_on_no_disk(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/reads_only.py").write_text(READS_ONLY)
    options = [
        "--ServerApp.contents_manager_class=jupyter_server.services.contents.manager.ContentsManager",
        "--ServerApp.authorizer_class=reads_only.ReadsOnly",
    ]
    path = os.pathsep.join(filter(None, [str(tmp_path / "modules"), os.environ.get("PYTHONPATH")]))
    with running_server(tmp_path, tmp_path / "root", options=options, PYTHONPATH=path) as server:
        for place in ("runs", "models", "bundles", "jobs", "servers"):
            answer = server.get(place)
            assert (answer.status, answer.content["kind"]) == (422, "NotOnDiskError")
            hold(answer.content, "Problem")
        refused = [server.post("jobs", {"verb": "reproduce", "run": "x"}), server.delete("servers/8080")]
        assert [each.status for each in refused] == [403, 403]
        hold(refused[0].content, "Problem")
