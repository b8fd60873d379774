"""A project's folder is put in place whole, and nobody's work is written over."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.pipeline.place import check_place, put_in_place


def make(place: Path, text: str) -> None:
    with put_in_place(check_place(place)) as fresh:
        (fresh / "made").mkdir()
        (fresh / "made" / "pipeline.py").write_text(text)


def test_an_unchanged_project_is_replaced_and_what_others_put_there_stays(tmp_path: Path) -> None:
    make(tmp_path / "made", "one = 1\n")
    (tmp_path / "made" / "mlflow.db").write_text("runs")
    (tmp_path / "made" / ".cache").mkdir()
    (tmp_path / "made" / ".cache" / "load.pkl").write_text("kept")
    make(tmp_path / "made", "two = 2\n")
    assert (tmp_path / "made" / "made" / "pipeline.py").read_text() == "two = 2\n"
    assert (tmp_path / "made" / "mlflow.db").read_text() == "runs"
    assert (tmp_path / "made" / ".cache" / "load.pkl").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_changed_file_is_named_and_nothing_is_touched(tmp_path: Path) -> None:
    make(tmp_path / "made", "one = 1\n")
    (tmp_path / "made" / "made" / "pipeline.py").write_text("mine = 1\n")
    with pytest.raises(BadInputError, match=r"made/pipeline\.py in .* was changed"):
        make(tmp_path / "made", "two = 2\n")
    assert (tmp_path / "made" / "made" / "pipeline.py").read_text() == "mine = 1\n"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    make(tmp_path / "made", "one = 1\n")
    with pytest.raises(FileNotFoundError), put_in_place(tmp_path / "made") as fresh:
        (fresh / "half").rename(fresh / "away" / "half")
    assert (tmp_path / "made" / "made" / "pipeline.py").read_text() == "one = 1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_what_a_killed_process_left_is_removed_or_put_back(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    ).stdout.strip()
    mark = f".made.{gone}@{platform.node()}.abcdef12"
    (tmp_path / f"{mark}.new.making").mkdir()
    (tmp_path / f"{mark}.old.making").mkdir()
    (tmp_path / f"{mark}.old.making" / ".pipeline.json").write_text('{"files": {}}')
    (tmp_path / f"{mark}.old.making" / "mlflow.db").write_text("runs")
    make(tmp_path / "made", "one = 1\n")
    assert (tmp_path / "made" / "mlflow.db").read_text() == "runs"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.parametrize("place", [".", "..", "~"])
def test_folders_that_people_live_in_are_refused(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(BadInputError, match="current or the home folder"):
        check_place(Path(place))
