"""From a tracked notebook to a served model and back, by requests alone: what the page's buttons send."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import psutil
import pytest
from jupyter_in_process import Server, running_server
from nbclient import NotebookClient
from tracking.waiting import until

from jupyter_mlops.lineage.replay import WORKER
from jupyter_mlops.server.checked import hold

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[2] / "example_notebooks" / "data"
CELLS = (
    "%load_ext jupyter_mlops\n%mlops track on",
    """import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
columns = ["Culmen Length (mm)", "Culmen Depth (mm)", "Body Mass (g)"]
penguins = pd.read_csv("penguins.csv").dropna(subset=[*columns, "Sex"]).query("Sex != '.'")
X, y = penguins[columns], penguins["Sex"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)""",
    """%%mlops track --name "first line" --hypothesis "bills tell"
first = LogisticRegression(C=0.01, max_iter=2000).fit(X_train, y_train)
accuracy = accuracy_score(y_test, first.predict(X_test))""",
    """%%mlops track --name "second line"
second = LogisticRegression(C=1.0, max_iter=2000).fit(X_train, y_train)
accuracy = accuracy_score(y_test, second.predict(X_test))""",
)
TARGET = "~/bundle"
"""Below the project's folder: a request knows no home folder."""
GATES = 'metrics: ["accuracy >= 0.999"]\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("clicks")
    project = home / "root/penguins"
    (project / ".mlops").mkdir(parents=True)
    shutil.copy(DATA / "penguins.csv", project)
    cells: list[Any] = [nbformat.v4.new_code_cell(cell) for cell in CELLS]  # type: ignore[no-untyped-call]
    notebook: Any = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JPY_SESSION_NAME", str(project / "lines.ipynb"))
        patch.delenv("MLOPS_PROJECT", raising=False)
        NotebookClient(notebook, resources={"metadata": {"path": str(project)}}).execute()
    with running_server(home, home / "root") as server:
        yield server


def asked(server: Server, path: str, kind: str) -> Any:
    answer = server.get(path)
    assert answer.status == 200, answer
    hold(answer.content, kind)
    return answer.content


@pytest.mark.timeout(900)  # eight commands, each in a process of its own
def test_a_notebook_becomes_a_served_model_by_requests_alone(server: Server) -> None:
    page = asked(server, "runs?folder=penguins&notebook=penguins/lines.ipynb", "RunPage")
    while page["waiting"]:  # the kernel's last runs are brought by a process of their own
        page = asked(server, "runs?folder=penguins&notebook=penguins/lines.ipynb", "RunPage")
    assert [run["name"] for run in page["runs"]] == ["second line", "first line"]
    assert asked(server, "runs?folder=penguins&notebook=penguins/other.ipynb", "RunPage")["total"] == 0
    assert asked(server, "runs?folder=penguins&search=BILLS", "RunPage")["runs"] == page["runs"][1:]
    assert asked(server, "runs?folder=penguins&offset=1&limit=1", "RunPage")["runs"] == page["runs"][1:]
    first = page["runs"][1]
    assert asked(server, f"runs/{first['id']}?folder=penguins", "RunCard")["params"]["C"] == "0.01"

    seen: list[str] = []
    started = server.post(
        "jobs?folder=penguins", {"verb": "promote", "model": "first line", "name": "sex"}
    ).content
    hold(started, "Job")
    job = started
    while job["status"] in {"waiting", "running"}:
        before, job = job, server.get(f"jobs/{started['id']}?wait=20&seen={job['changes']}").content
        assert job["changes"] >= before["changes"]
        seen.append(job["said"])
    assert job["status"] == "done", job
    assert any(seen)
    assert asked(server, "gates?folder=penguins&name=sex&version=1", "GateList")["gates"]

    (server.root / "penguins/gates.yaml").write_text(GATES)
    refused = server.job({"verb": "promote", "model": "second line", "name": "sex"}, "penguins")
    assert refused["status"] == "refused"
    assert refused["result"]["moved"] is False
    again = {"verb": "promote", "model": f"sex/{refused['result']['version']}", "name": None}
    over = server.job(again | {"reason": "the threshold is a wish"}, "penguins")
    assert over["status"] == "done", over
    versions = asked(server, "models?folder=penguins", "ModelList")["versions"]
    assert {each["version"]: each["aliases"] for each in versions} == {"1": [], "2": ["champion"]}

    exported = server.job({"verb": "export", "model": "sex@champion", "target": TARGET}, "penguins")
    assert exported["status"] == "done", exported
    occupied = server.job({"verb": "export", "model": "sex@champion", "target": TARGET}, "penguins")
    assert (occupied["status"], occupied["problem"]["kind"]) == ("failed", "BadInputError")
    (bundle,) = asked(server, "bundles?folder=penguins", "BundleList")["bundles"]
    assert (bundle["path"], bundle["digest"]) == (TARGET, exported["result"]["digest"])
    assert bundle["shown_at"] == f"penguins/{TARGET}"

    served = server.job({"verb": "serve", "model": TARGET}, "penguins")
    assert served["status"] == "done", served
    (running,) = asked(server, "servers?folder=penguins", "ServerList")["servers"]
    assert running["engine"] == bundle["engine"]
    assert 0 < time.time() - running["started"] < 600
    rows = json.loads((server.root / "penguins" / TARGET / "example.json").read_text())
    request = urllib.request.Request(
        f"{running['url']}/invocations",
        json.dumps({"dataframe_records": rows[:2]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=90) as answer:
        assert len(json.load(answer)["predictions"]) == 2
    (alarm,) = asked(server, "alarms?folder=penguins", "AlarmList")["alarms"]
    assert (alarm["name"], alarm["verdict"]) == ("sex", "ok")
    assert asked(server, f"servers/{running['port']}/log?folder=penguins", "ServerLog")["text"]
    assert server.delete(f"servers/{running['port']}?folder=penguins").status == 204
    assert asked(server, "servers?folder=penguins", "ServerList")["servers"] == []

    seen_back = asked(server, "moves?folder=penguins&name=sex", "MoveList")["back"]
    assert seen_back == {"before": "2", "after": "1"}
    step = {"verb": "rollback", "model": "sex", "to": 1, "reason": "the first was fine"}
    back = server.job(step, "penguins")
    assert (back["status"], back["result"]["version"]) == ("done", "1")
    told = asked(server, "moves?folder=penguins&name=sex", "MoveList")
    assert [move["after"] for move in told["moves"]] == ["1", "2", "1"]
    assert told["back"] is None


def started(jupyter: psutil.Process, words: str) -> psutil.Process:
    """The process with these words in its command line, as soon as it runs."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for process in jupyter.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if words in " ".join(process.cmdline()):
                    return process
        time.sleep(0.01)
    raise AssertionError(f"nothing ran with {words}")


def names_with(words: str, folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if words in each.name]


@pytest.mark.timeout(600)
def test_a_job_that_is_cancelled_leaves_no_process_and_no_half_bundle(server: Server) -> None:
    jupyter = psutil.Process(server.pid)
    replay = server.post("jobs?folder=penguins", {"verb": "reproduce", "run": "first line"}).content
    clean = started(jupyter, WORKER)
    clean.suspend()  # it cannot end before it is cancelled
    export = {"verb": "export", "model": "sex", "target": "half"}
    half = server.post("jobs?folder=penguins", export).content
    assert server.post("jobs?folder=penguins", export).content["kind"] == "BusyError"
    exporting = started(jupyter, "jupyter_mlops.cli export")
    end = time.monotonic() + 120
    while not names_with("half", server.root / "penguins") and time.monotonic() < end:
        time.sleep(0.01)
    exporting.suspend()  # it has begun to write
    assert names_with("half", server.root / "penguins")
    processes = [clean, clean.parent(), exporting]
    for job in (replay, half):
        assert server.delete(f"jobs/{job['id']}?folder=").status == 404
        assert server.get(f"jobs/{job['id']}").content["status"] == "running"
    with ThreadPoolExecutor() as pool:
        for job in (replay, half):
            pool.submit(server.delete, f"jobs/{job['id']}?folder=penguins")
            path = f"jobs/{job['id']}"
            until(lambda path=path: server.get(path).content["said"] == "stopping", "it is asked to stop")
        exporting.resume()
    for job in (replay, half):
        assert server.wait(job["id"])["status"] == "cancelled"
    assert psutil.wait_procs(processes, 30)[1] == []
    assert names_with("half", server.root / "penguins") == []
