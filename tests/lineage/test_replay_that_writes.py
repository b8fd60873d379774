"""A replay whose cells write files: they find what the notebook had, and the user's files stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.mirror import SliceFile, files_of, mirror
from jupyter_mlops.lineage.replay import Replayed, Terms, Wanted, replay
from jupyter_mlops.lineage.slice import Slice, slice_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracked_shell import TrackedShell

MODEL = "from sklearn.dummy import DummyRegressor\nmodel = DummyRegressor().fit([[0.0], [1.0]], [1.0, score])"


@pytest.fixture
def again(notebook: TrackedShell, tmp_path: Path) -> Callable[..., Replayed]:
    """Run the cells in the notebook, then the slice of its model in a clean process."""

    def start(*sources: str, before: Callable[[], object] = lambda: None) -> Replayed:
        for source in (*sources, MODEL):
            notebook.run(source)
        before()
        code = slice_name(notebook.session.records, "model")
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        project = notebook.settings.project
        wanted = Wanted("model", ("score",), notebook.settings.snapshots)
        return replay(code, wanted, Terms(project, scratch))

    return start


CASES = {
    "a file": ["open('t.txt', 'w').write('7');", "score = float(open('t.txt').read())"],
    "a file in a folder that a cell makes": [
        "import os\nos.makedirs('a/b')",
        "open('a/b/t.txt', 'w').write('7');",
        "score = float(open('a/b/t.txt').read())",
    ],
    "a file beside the notebook's folder": [
        "import os\nos.makedirs('deep')",
        "os.chdir('deep')",
        "open('../t.txt', 'w').write('7');",
        "score = float(open('../t.txt').read())",
    ],
    "Parquet": [
        "import pandas as pd\npd.DataFrame({'a': [7.0]}).to_parquet('t.parquet')",
        "score = pd.read_parquet('t.parquet')['a'].sum()",
    ],
    "a shell command": ["!echo 7 > n.txt", "score = float(open('n.txt').read())"],
    "a database": [
        "import sqlite3\ncon = sqlite3.connect('x.db')\ncon.execute('create table t (a int)');",
        "con.execute('insert into t values (7)'); con.commit()",
        "score = float(con.execute('select a from t').fetchone()[0])",
    ],
    "files beside the one that is written": [
        "open('t.txt', 'w').write('7');",
        "import pathlib\nscore = float(open('t.txt').read())",
        "score += len(list(pathlib.Path('lots').rglob('*.txt')))",
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_it_gives_the_same_and_the_users_files_stay(
    again: Callable[..., Replayed], notebook: TrackedShell, name: str
) -> None:
    project = notebook.settings.project
    (project / "data.txt").write_text("7")
    (project / "lots" / "of").mkdir(parents=True)
    (project / "lots" / "of" / "a.txt").write_text("a")
    kept: dict[str, bytes] = {}

    def look() -> None:
        kept.update({str(p): p.read_bytes() for p in project.rglob("*") if p.is_file()})

    assert again(*CASES[name], before=look).metrics["score"] == notebook["score"]
    assert {p: b for p, b in kept.items() if ".mlops" not in p} == {
        str(p): p.read_bytes() for p in project.rglob("*") if p.is_file() and ".mlops" not in p.parts
    }


def test_a_file_whose_older_content_is_lost_is_named(
    again: Callable[..., Replayed], notebook: TrackedShell
) -> None:
    (notebook.settings.project / "data.txt").write_text("7")
    replayed = again("open('data.txt', 'a').write('0');", "score = float(open('data.txt').read())")
    assert replayed.changed_files == ("data.txt",)
    assert (notebook.settings.project / "data.txt").read_text() == "70"


def test_a_file_that_changed_since_is_named(again: Callable[..., Replayed], notebook: TrackedShell) -> None:
    data = notebook.settings.project / "data.txt"
    data.write_text("7")
    replayed = again("score = float(open('data.txt').read())", before=lambda: data.write_text("8"))
    assert replayed.changed_files == ("data.txt",)


def test_a_file_that_is_gone_is_named_in_the_error(
    again: Callable[..., Replayed], notebook: TrackedShell
) -> None:
    data = notebook.settings.project / "data.txt"
    data.write_text("7")
    with pytest.raises(ReproduceError, match="FileNotFoundError") as caught:
        again("score = float(open('data.txt').read())", before=data.unlink)
    assert caught.value.fix.startswith("data.txt is not what the notebook read")


def test_an_absolute_path_of_the_users_is_refused(
    again: Callable[..., Replayed], notebook: TrackedShell
) -> None:
    place = notebook.settings.project / "t.txt"
    with pytest.raises(ReproduceError, match=r"In\[\d+\] writes files") as caught:
        again(f"open({str(place)!r}, 'w').write('7');", "score = float(open('t.txt').read())")
    assert "relative" in caught.value.fix
    assert place.read_text() == "7"


def test_a_slice_that_writes_nothing_runs_in_the_folder_itself(tmp_path: Path) -> None:
    assert mirror(tmp_path, [SliceFile("a.txt", False, False)], tmp_path / "scratch") == tmp_path


def test_a_slice_knows_its_files_and_keeps_them_as_text(notebook: TrackedShell) -> None:
    (notebook.settings.project / "in.txt").write_text("7")
    notebook.run("n = open('in.txt').read()\nopen('t.txt', 'w').write(n);")
    notebook.run("open('t.txt', 'a').write('1');")
    notebook.run("out = open('t.txt').read()")
    code = slice_name(notebook.session.records, "out")
    assert [(file.path, file.is_made, file.is_written) for file in code.files] == [
        ("in.txt", False, False),
        ("t.txt", True, True),
    ]
    assert code.files[0].digest is not None
    assert Slice.from_json(code.to_json()).files == code.files
    assert files_of([]) == ()
