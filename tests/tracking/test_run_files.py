"""What runs hold as files: figures, the notebook as it was, the cells so far, uncommitted changes."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import KernelManager
from stored_runs import stored_runs
from waiting import until

from jupyter_mlops.notebook.session import close_session
from jupyter_mlops.tracking.project import sync
from jupyter_mlops.tracking.read_runs import figure_names, find_run, run_figures
from jupyter_mlops.tracking.session_files import notebook_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import MlflowClient
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHOW = f"from IPython.display import display\ndisplay({{'image/png': {PNG!r}}}, raw=True)\n"
TRACK = """
%load_ext jupyter_mlops
from jupyter_mlops.notebook.session import open_session
from jupyter_mlops.settings import load_settings
session = open_session(get_ipython(), load_settings())
session.start()
"""


@pytest.fixture
def run_in_kernel(project: Settings) -> Iterator[Any]:
    """Runs a cell in a real kernel with tracking on, and gives what it displayed."""
    manager = KernelManager()
    manager.start_kernel(cwd=str(project.project), env={**os.environ})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def run(source: str) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] in {"display_data", "execute_result"}:
                shown.append(message["content"]["data"])

        reply = client.execute_interactive(source, timeout=120, output_hook=note)
        assert reply["content"]["status"] == "ok", reply["content"]
        return shown

    run(TRACK)
    run.manager = manager  # type: ignore[attr-defined]
    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def closed_session(client: MlflowClient, project: Settings) -> Any:
    """The session's run; what its kernel wrote at its very end is brought at the second look."""

    def is_closed() -> bool:
        sync(project)
        return stored_runs(client, "session")[0].info.status != "RUNNING"

    until(is_closed, "closing the session")
    return stored_runs(client, "session")[0]


def artifacts(client: MlflowClient, run: Any, folder: str = "") -> dict[str, bytes]:
    """All files of a run, or those below a folder, by name."""
    listed = client.list_artifacts(run.info.run_id, folder or None)
    found: dict[str, bytes] = {}
    for item in listed:
        if item.is_dir:
            found |= artifacts(client, run, item.path)
        else:
            found[item.path] = Path(client.download_artifacts(run.info.run_id, item.path)).read_bytes()
    return found


def test_figures_of_a_real_kernel_are_files_of_the_run(
    run_in_kernel: Any, client: MlflowClient, project: Settings
) -> None:
    run_in_kernel("import matplotlib.pyplot as plt, plotly.graph_objects as go")
    (other,) = run_in_kernel("_ = plt.plot([9, 8])")
    shown = run_in_kernel(
        "%%mlops track --name drawn\nn = 1\n_ = plt.plot([1, 2]); plt.show()\n"
        "go.Figure(go.Scatter(x=[1], y=[2])).show()\n_ = plt.plot([3, 4])"
    )
    assert len(shown) == 3, "the last one is published when the cell is over"
    run_in_kernel("session.end()")
    session = closed_session(client, project)
    (run,) = stored_runs(client, "cell")
    files = artifacts(client, run, "figures")
    assert sorted(files) == [f"figures/{name}" for name in ("1.png", "2.html", "2.plotly.json", "3.png")]
    assert files["figures/1.png"] == base64.b64decode(shown[0]["image/png"])
    assert files["figures/3.png"] == base64.b64decode(shown[2]["image/png"])
    assert json.loads(files["figures/2.plotly.json"]) == shown[1]["application/vnd.plotly.v1+json"]
    assert b"Plotly.newPlot" in files["figures/2.html"]
    assert artifacts(client, session, "figures") == {
        "figures/In3-1.png": base64.b64decode(other["image/png"])
    }


def test_the_figures_of_a_killed_kernel_are_not_lost(
    run_in_kernel: Any, client: MlflowClient, project: Settings
) -> None:
    run_in_kernel("%matplotlib inline\nimport matplotlib.pyplot as plt")
    (shown,) = run_in_kernel("%%mlops track --name 'last words'\nn = 1\n_ = plt.plot([1, 2])")
    run_in_kernel.manager.signal_kernel(9)
    run_in_kernel.manager.provisioner.process.wait(timeout=90)
    session = closed_session(client, project)
    (run,) = stored_runs(client, "cell")
    assert artifacts(client, run, "figures") == {"figures/1.png": base64.b64decode(shown["image/png"])}
    assert session.info.status == "KILLED"
    assert len(artifacts(client, session)["mlops/cells.jsonl"].splitlines()) == 3


def test_what_is_cleared_or_updated_counts_as_it_was_last(
    run_in_kernel: Any, client: MlflowClient, project: Settings
) -> None:
    run_in_kernel(
        "%%mlops track --name loop\nfrom IPython.display import display, clear_output\n"
        "show = lambda text, **more: display({'image/svg+xml': f'<svg>{text}</svg>'}, raw=True, **more)\n"
        "for step in range(3):\n    clear_output(wait=True)\n    show(step)\n"
        "show('a', display_id='here')\nshow('b', display_id='here', update=True)"
    )
    sync(project)
    files = artifacts(client, stored_runs(client, "cell")[0], "figures")
    assert files == {"figures/1.svg": b"<svg>2</svg>", "figures/2.svg": b"<svg>b</svg>"}


def test_a_figure_that_was_not_kept_is_named_with_the_reason(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    huge = "display({'image/svg+xml': '<svg>' + 'x' * (5 << 20)}, raw=True)\n"
    notebook.run(
        "%%mlops track --name some\n" + SHOW + huge + SHOW + "display({'image/gif': b'gone'}, raw=True)"
    )
    gone = notebook.session.records[-1].figures[-1]
    (project.figures / gone.file_name).write_bytes(b"damaged")
    sync(project)
    run = find_run(project, "some")
    names, missing = figure_names(run)
    assert names == ["1.png", "3.png"]
    assert missing == {"larger than 4 MB": 1, "its file is gone": 1}
    assert run_figures(project, run) == {"1.png": PNG, "3.png": PNG}


def test_a_run_without_figures_has_nothing_of_them(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("%%mlops track --name none\nx = 1\nprint(x)")
    sync(project)
    run = find_run(project, "none")
    assert figure_names(run) == ([], {})
    assert run_figures(project, run) == {}


def test_the_cells_can_be_read_while_the_session_goes_on(
    notebook: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    notebook.run("a = 1")
    notebook.run("%%mlops track --name first\nb = 2")
    sync(project)
    (session,) = stored_runs(client, "session")
    sent = artifacts(client, session)["mlops/cells.jsonl"].splitlines()
    assert [json.loads(line)["source"] for line in sent] == [
        record.source for record in notebook.session.records
    ]
    notebook.run("%%mlops track --name second\nc = 3")
    sync(project)
    assert len(artifacts(client, session)["mlops/cells.jsonl"].splitlines()) == len(sent) + 1


def written_notebook(folder: Path) -> Path:
    cell = {"cell_type": "code", "source": "df", "metadata": {}, "id": "a", "execution_count": 1}
    picture = {"a.png": {"image/png": "AAAA"}}
    content = {
        "cells": [
            {**cell, "outputs": [{"output_type": "stream", "name": "stdout", "text": "private"}]},
            {"cell_type": "markdown", "source": "# Title", "metadata": {}, "id": "b", "attachments": picture},
        ],
        "metadata": {"widgets": {"state": "private"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "work.ipynb"
    path.write_text(json.dumps(content), "utf-8")
    return path


@pytest.fixture
def ended(untracked: TrackedShell) -> Any:
    """A session with one run, which has ended; `begin` is called with it before the first cell."""

    def run(begin: Any = lambda session: None) -> None:
        begin(untracked.track())
        untracked.run("%%mlops track --name one\nx = 1")
        close_session()
        sync(untracked.settings)

    return run


def test_the_notebook_as_it_was_is_kept_with_the_session(
    ended: Any, client: MlflowClient, project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written_notebook(project.project)
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    ended()
    (session,) = stored_runs(client, "session")
    assert artifacts(client, session)["notebook/work.ipynb"] == path.read_bytes()
    assert session.data.tags["mlflow.source.name"] == str(path)


@pytest.mark.parametrize("promise", [{"keep_data": False}, {"mask": ["email"]}])
def test_the_notebook_is_kept_without_outputs_where_none_are_to_be_kept(
    ended: Any,
    client: MlflowClient,
    project: Settings,
    monkeypatch: pytest.MonkeyPatch,
    promise: dict[str, Any],
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(written_notebook(project.project)))
    commit(project.project)
    (project.project / "code.py").write_text("a = 'private'\n")
    ended(lambda session: session.promise(**promise))
    (session,) = stored_runs(client, "session")
    files = artifacts(client, session)
    assert not [name for name, content in files.items() if b"private" in content]
    assert [cell["source"] for cell in json.loads(files["notebook/work.ipynb"])["cells"]] == ["df", "# Title"]
    assert "git/diff.patch" not in files


def test_the_notebook_that_vs_code_tells_is_found(
    untracked: TrackedShell, client: MlflowClient, project: Settings
) -> None:
    untracked.shell.user_ns["__vsc_ipynb_file__"] = str(written_notebook(project.project))
    untracked.track()
    untracked.run("%%mlops track --name one\nx = 1")
    sync(project)
    assert "notebook/work.ipynb" in artifacts(client, stored_runs(client, "session")[0])


@pytest.mark.parametrize("told", ["gone.ipynb", "console-1-5f0c", "notes.txt", "broken.ipynb"])
def test_a_notebook_that_cannot_be_found_or_read_is_no_matter(
    ended: Any, client: MlflowClient, project: Settings, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    (project.project / "notes.txt").write_text("notes")
    (project.project / "broken.ipynb").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("JPY_SESSION_NAME", told)
    ended()
    (session,) = stored_runs(client, "session")
    assert session.info.status == "FINISHED"
    assert not artifacts(client, session, "notebook")


def test_a_notebook_of_another_form_is_not_taken_without_its_outputs(tmp_path: Path) -> None:
    path = tmp_path / "odd.ipynb"
    for text in ("[]", "{}", '{"cells": [1]}', "no JSON", '{"cells": null}'):
        path.write_text(text)
        assert notebook_text(path, with_outputs=False) is None


def git(*words: str) -> str:
    own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *own, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path) -> None:
    (folder / "code.py").write_text("a = 1\n")
    (folder / "old.ipynb").write_text('{"cells": []}')
    git("init", "-q")
    git("add", "code.py", "old.ipynb")
    git("commit", "-q", "-m", "first")


def test_uncommitted_changes_are_kept_as_a_patch_that_applies(
    ended: Any, client: MlflowClient, project: Settings, tmp_path: Path
) -> None:
    commit(project.project)
    (project.project / "code.py").write_text("a = 2\n")
    (project.project / "old.ipynb").write_text('{"cells": ["private"]}')
    ended()
    (session,) = stored_runs(client, "session")
    patch = artifacts(client, session)["git/diff.patch"]
    assert b"private" not in patch, "outputs of notebooks are left out"
    (tmp_path / "diff.patch").write_bytes(patch)
    git("checkout", "-q", "--", "code.py")
    git("apply", str(tmp_path / "diff.patch"))
    assert (project.project / "code.py").read_text() == "a = 2\n"


def test_a_clean_folder_has_no_patch(ended: Any, client: MlflowClient, project: Settings) -> None:
    commit(project.project)
    ended()
    (session,) = stored_runs(client, "session")
    assert not artifacts(client, session, "git")
    assert session.data.tags["mlops.git.dirty"] == "false"


def test_of_a_very_large_change_the_summary_is_kept(
    ended: Any, client: MlflowClient, project: Settings
) -> None:
    commit(project.project)
    (project.project / "code.py").write_text("b = 'x'\n" * 300_000)
    ended()
    patch = artifacts(client, stored_runs(client, "session")[0])["git/diff.patch"]
    assert len(patch) < 1000
    assert b"larger than 1 MB" in patch
    assert b"code.py" in patch
