"""Which files a cell read, made, changed and removed, and what was in them."""

from __future__ import annotations

import tempfile
import threading
from typing import TYPE_CHECKING

import pytest
from xxhash import xxh3_128_hexdigest

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.notebook import files_used, opened

if TYPE_CHECKING:
    from tracked_shell import TrackedShell


def files(record: CellRecord) -> dict[str, str]:
    return {use.path: use.mode for use in record.files}


def test_a_record_names_its_files_with_their_digests(notebook: TrackedShell) -> None:
    (notebook.settings.project / "in.txt").write_text("7")
    record = notebook.run("n = open('in.txt').read()\nopen('deep.txt', 'w').write(n * 2);")
    assert files(record) == {"in.txt": "read", "deep.txt": "written"}
    assert {use.path: use.digest for use in record.files} == {
        "in.txt": xxh3_128_hexdigest(b"7"),
        "deep.txt": xxh3_128_hexdigest(b"77"),
    }
    assert record.reads["<file in.txt>"] == 0
    assert record.writes["<file deep.txt>"].kind == "bind"


def test_files_survive_the_journal(notebook: TrackedShell) -> None:
    record = notebook.run("open('a.txt', 'w').close()")
    assert CellRecord.from_dict(record.to_dict()) == record
    old = record.to_dict()
    del old["files"]
    assert CellRecord.from_dict(old).files == ()


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("open('a.txt', 'a').write('x');", "change"),
        ("open('a.txt', 'r+').write('x');", "change"),
        ("open('a.txt', 'w').write('x');", "bind"),
        ("import os\nos.truncate('a.txt', 0)", "change"),
        ("import os\nos.remove('a.txt')", "delete"),
        ("import pathlib\npathlib.Path('a.txt').unlink()", "delete"),
        ("!rm a.txt", "delete"),
        ("open('a.txt').read()", None),
    ],
)
def test_how_a_file_is_opened_says_whether_the_older_content_matters(
    notebook: TrackedShell, cell: str, kind: str | None
) -> None:
    notebook.run("open('a.txt', 'w').write('one');")
    record = notebook.run(cell)
    write = record.writes.get("<file a.txt>")
    assert (write.kind if write else None) == kind
    assert ("<file a.txt>" in record.reads) == (kind != "bind")


def test_files_that_came_and_went_are_not_told(notebook: TrackedShell) -> None:
    record = notebook.run(
        "import os, tempfile\nwith tempfile.NamedTemporaryFile('w') as f:\n    f.write('x')\n"
        "open('t', 'w').close()\nos.remove('t')"
    )
    assert files(record) == {}


def test_files_of_python_of_the_system_and_of_ours_are_not_told(notebook: TrackedShell) -> None:
    record = notebook.run(
        "import wave, os, zoneinfo\nzoneinfo.ZoneInfo('UTC')\nopen('/proc/self/stat').read();"
    )
    assert files(record) == {}
    assert (
        files(
            notebook.run(
                "import os, pathlib\n[p.read_bytes() for p in pathlib.Path('.mlops').rglob('*.jsonl')];"
            )
        )
        == {}
    )


def test_files_of_ours_are_not_told_where_a_child_process_may_have_used_any(notebook: TrackedShell) -> None:
    record = notebook.run("!echo x > mlflow.db; echo y > own.txt")
    assert files(record) == {"own.txt": "written"}


def test_a_file_that_was_not_there_is_no_file(notebook: TrackedShell) -> None:
    assert files(notebook.run("try:\n    open('none.txt')\nexcept FileNotFoundError:\n    pass")) == {}


def test_a_file_opened_before_the_cell_changed_its_folder_is_where_it_was(notebook: TrackedShell) -> None:
    (notebook.settings.project / "deep").mkdir()
    record = notebook.run(
        "import os\nopen('a.txt', 'w').close()\nos.chdir('deep')\nopen('b.txt', 'w').close()"
    )
    assert files(record) == {"a.txt": "written", "deep/b.txt": "written"}


def test_a_thread_is_heard_too(notebook: TrackedShell) -> None:
    record = notebook.run(
        "from threading import Thread\nt = Thread(target=open, args=('a.txt', 'w'))\nt.start()\nt.join()"
    )
    assert files(record) == {"a.txt": "written"}


def test_large_files_are_told_apart_by_size_and_time(
    notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_used, "LARGE_BYTES", 100)
    record = notebook.run("open('big.txt', 'w').write('x' * 101);")
    assert str(record.files[0].digest).startswith("size 101, changed ")


def test_a_loop_over_the_same_files_costs_no_memory(notebook: TrackedShell) -> None:
    heard = opened.listen()
    try:
        with tempfile.NamedTemporaryFile() as file:
            for _ in range(50):
                open(file.name).close()  # noqa: PTH123
        assert len([event for event in heard.events if event.path == file.name]) <= 3
    finally:
        opened.stop(heard)


def test_nothing_is_noted_while_no_cell_runs(notebook: TrackedShell) -> None:
    heard = opened.listen()
    opened.stop(heard)
    beside = threading.Thread(target=lambda: open("a.txt", "w").close())  # noqa: PTH123
    beside.start()
    beside.join()
    notebook.run("x = 1")
    assert heard.events == []


def test_an_unseen_cell_is_assumed_to_have_changed_the_files_it_names(untracked: TrackedShell) -> None:
    untracked.execute("open('t.txt', 'w').write('1');")
    untracked.execute("z = 1")
    untracked.track()
    untracked.run("out = open('t.txt').read()")
    assert untracked.slice("out") == ["open('t.txt', 'w').write('1');", "out = open('t.txt').read()"]


def test_a_folder_tree_that_is_removed_leaves_no_names_relative_to_its_own_folders(
    notebook: TrackedShell,
) -> None:
    notebook.run("import os, shutil\nos.makedirs('a/b/c')\nopen('a/b/c/d.txt', 'w').close()")
    record = notebook.run("shutil.rmtree('a')")
    touched = {name for name in (*record.reads, *record.writes) if name.startswith("<file")}
    assert touched <= {f"<file {path}>" for path in ("a", "a/b", "a/b/c", "a/b/c/d.txt")}


def test_what_our_own_verbs_do_with_files_is_not_the_cells_doing(notebook: TrackedShell) -> None:
    notebook.run("import pandas as pd\ndf = pd.DataFrame({'a': [1.5, 2.5]})")
    record = notebook.run("%mlops restore df@1 old.csv")
    assert (notebook.settings.project / "old.csv").is_file()
    assert "old.csv" not in files(record)
    assert files(notebook.run("again = open('old.csv').read()")) == {"old.csv": "read"}


def test_a_library_that_asks_for_the_number_of_cores_reads_no_file_of_the_cells(
    notebook: TrackedShell,
) -> None:
    notebook.run("open('a.txt', 'w').write('x');")
    looks = "import subprocess\nsubprocess.run(['/usr/bin/uname', '-m'], capture_output=True);"
    assert not notebook.run(looks).files
    assert files(notebook.run("subprocess.run(['ls'], capture_output=True);")) == {"a.txt": "read"}
    assert files(notebook.run("subprocess.run('uname; cat a.txt', shell=True, capture_output=True);")) == {
        "a.txt": "read"
    }
