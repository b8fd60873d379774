"""When recording fails, the user's cells run as ever, and one quiet line says so."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.notebook.notices import PROBLEM_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings


def run_five(notebook: TrackedShell, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run five cells after the trouble began; returns the lines that were printed."""
    capsys.readouterr()
    for number in range(5):
        result = notebook.execute(f"x{number} = {number}")
        assert result.success
        assert notebook[f"x{number}"] == number
    return capsys.readouterr().out.splitlines()


def test_the_journal_folder_is_removed(
    notebook: TrackedShell, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.run("a = 1")
    shutil.rmtree(project.home)
    lines = run_five(notebook, capsys)
    assert len(lines) == 1
    assert "could not be recorded" in lines[0]
    assert not project.journals.exists()


def test_a_removed_journal_begins_anew_when_tracking_is_turned_on_again(
    notebook: TrackedShell, project: Settings
) -> None:
    notebook.run("a = [1]")
    shutil.rmtree(project.home)
    notebook.execute("b = a")
    notebook.track()
    notebook.run("out = b")
    events = [list(read_journal(path)) for path in project.journals.glob("*.jsonl")]
    assert len(events) == 1
    assert events[0][0]["type"] == "session"
    assert [event["source"] for event in events[0][1:]] == ["", "a = [1]", "b = a", "out = b"]


def test_the_journal_folder_becomes_a_file(
    notebook: TrackedShell, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.run("a = 1")
    shutil.rmtree(project.home)
    project.home.write_text("not a folder")
    assert len(run_five(notebook, capsys)) == 1
    status = notebook.execute("status = %mlops track on")
    assert status.success
    assert "cannot be written" in notebook["status"].problem


def test_a_list_with_its_own_ideas_is_looked_at_as_a_list(notebook: TrackedShell) -> None:
    notebook.run(
        "class Broken(list):\n    def __iter__(self):\n        raise OSError('the database is gone')\n"
    )
    notebook.run("inner = [1]\nbroken = Broken([inner])")
    assert set(notebook.run("inner.append(2)").writes) == {"inner", "broken"}


def test_a_cell_that_could_not_be_recorded_is_not_lost(
    notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebook.shell, "transform_cell", broken_transformer(notebook.shell.transform_cell))
    notebook.execute("x = 1\n")  # with no more than the code in it, it would not be asked again
    assert "RuntimeError" in capsys.readouterr().out
    monkeypatch.undo()
    notebook.execute("out = x")
    assert notebook.slice() == ["x = 1", "out = x"]
    assert "RuntimeError" in (notebook.session.notices.details or "")


def broken_transformer(transform: Callable[[str], str]) -> Callable[[str], str]:
    """An input transformer of another extension that fails when it is asked outside a cell."""
    asked = iter(range(1000))

    def change(cell: str) -> str:
        if next(asked) % 2:
            raise RuntimeError("not now")
        return transform(cell)

    return change


def test_a_problem_of_the_projection_is_said_once_until_it_is_over(
    notebook: TrackedShell, project: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project.journals / PROBLEM_FILE
    said = []
    for count in (1, 2, None, 1):
        if count is None:
            file.unlink()
        else:
            file.write_text(json.dumps({"problem": f"the store is away; {count} wait."}))
        notebook.run("x = 1")
        said.append(capsys.readouterr().out.count("mlops:"))
    assert said == [1, 0, 0, 1]


def test_the_kernel_ends_in_good_order_without_its_journal(notebook: TrackedShell, project: Settings) -> None:
    session = notebook.session
    shutil.rmtree(project.home)
    session.end()
    assert not project.journals.exists()


def test_a_session_can_be_ended_twice(notebook: TrackedShell) -> None:
    notebook.run("import numpy as np\nkept = np.ones(3)")
    session = notebook.session
    session.end()
    session.end()
    assert not session.is_on
