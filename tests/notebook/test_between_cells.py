"""Values that change between cells, and cells that run beside each other or inside each other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.lineage.replay import Terms, Wanted, replay
from jupyter_mlops.lineage.slice import Slice, slice_name

if TYPE_CHECKING:
    from pathlib import Path

    from tracked_shell import TrackedShell

MODEL = "from sklearn.dummy import DummyRegressor\nmodel = DummyRegressor().fit([[0.0]], [n])"


def kinds(record: CellRecord) -> dict[str, str]:
    return {name: write.kind for name, write in record.writes.items()}


def run_next(notebook: TrackedShell, source: str) -> tuple[CellRecord | None, CellRecord]:
    """Run one cell; returns the record of what happened before it, if there is one, and its own."""
    known = len(notebook.session.records)
    notebook.execute(source)
    *before, own = notebook.session.records[known:]
    return (before[0] if before else None), own


def test_a_binding_without_a_cell_is_recorded_as_such(notebook: TrackedShell) -> None:
    notebook.run("n = 1\nm = 2\ngone = 3")
    notebook.shell.user_ns["n"] = 10.5
    del notebook.shell.user_ns["gone"]
    outside, _ = run_next(notebook, "out = n + m")
    assert outside is not None
    assert (outside.kind, outside.count, outside.source) == ("outside", None, "")
    assert kinds(outside) == {"n": "bind", "gone": "delete"}
    assert CellRecord.from_dict(outside.to_dict()) == outside
    before, _ = run_next(notebook, "z = 1")
    assert before is None


def test_a_slice_that_needs_it_says_so_and_is_not_replayed(notebook: TrackedShell, tmp_path: Path) -> None:
    notebook.run("n = 1")
    notebook.shell.user_ns["n"] = 10.5
    notebook.execute(MODEL)
    code = slice_name(notebook.session.records, "model")
    assert [(cell.source, cell.outside) for cell in code.cells] == [("", ("n",)), (MODEL, ())]
    assert "\n# outside cells: n, changed by a callback, a thread or a task\n" in code.code
    assert Slice.from_json(code.to_json()) == code
    project = notebook.settings
    with pytest.raises(ReproduceError, match="n changed outside cells"):
        replay(code, Wanted("model", (), project.snapshots), Terms(project.project, tmp_path))


def test_a_slice_that_does_not_need_it_is_left_alone(notebook: TrackedShell) -> None:
    notebook.run("n = 1\nm = 2")
    notebook.shell.user_ns["m"] = 10.5
    notebook.execute("out = n")
    assert notebook.slice() == ["n = 1\nm = 2", "out = n"]


def test_a_silent_execution_that_changes_in_place_is_seen(notebook: TrackedShell) -> None:
    notebook.run("items = [1]\nother = []")
    notebook.shell.run_cell("items.append(2)", silent=True)
    assert run_next(notebook, "z = 1")[0] is None  # nobody asked for it yet
    outside, _ = run_next(notebook, "out = list(items)")
    assert outside is not None
    assert kinds(outside) == {"items": "change"}
    assert run_next(notebook, "out = list(items)")[0] is None


def test_a_thread_that_goes_on_after_its_cell_is_seen(notebook: TrackedShell) -> None:
    notebook.run("import threading\ngo, done, items = threading.Event(), threading.Event(), []")
    notebook.run(
        "def work():\n    go.wait()\n    items.append(1)\n    done.set()\n"
        "t = threading.Thread(target=work)\nt.start()"
    )
    notebook["go"].set()
    notebook["done"].wait(60)
    notebook["t"].join(60)
    outside, _ = run_next(notebook, "out = list(items)")
    assert outside is not None
    assert kinds(outside)["items"] == "change"


def test_untouched_values_need_no_second_look(notebook: TrackedShell) -> None:
    notebook.run("items = [1]")
    assert run_next(notebook, "items.append(2)")[0] is None


def test_a_value_of_an_untracked_time_does_not_change_again_when_a_thread_runs(
    notebook: TrackedShell,
) -> None:
    notebook.run("from concurrent.futures import ThreadPoolExecutor\nitems = [1]")
    notebook.run("pool = ThreadPoolExecutor(1)\npool.submit(int).result()")
    notebook.execute("%mlops track off")
    notebook.execute("items.append(2)")
    notebook.execute("%mlops track on")
    notebook.execute("z = 1")
    try:
        assert run_next(notebook, "out = list(items)")[0] is None
    finally:
        notebook["pool"].shutdown()


def test_cells_that_overlap_are_both_recorded_and_both_changed_what_changed(notebook: TrackedShell) -> None:
    notebook.run(
        "import threading\nstarted, go = threading.Event(), threading.Event()\nitems, fresh, n = [], 1000, []"
    )
    beside = threading.Thread(
        target=notebook.execute, args=("started.set()\ngo.wait(60)\nitems.append('beside')",)
    )
    beside.start()
    notebook["started"].wait(60)
    main = notebook.execute("items.append('main')\nfresh = 2000\nopen('t.txt', 'w').close()\ngo.set()")
    beside.join(60)
    assert main.success
    first, second = notebook.session.records[-2:]
    assert {first.source[:5], second.source[:5]} == {"items", "start"}
    for record in (first, second):
        assert "items" in record.writes
        assert "<file t.txt>" in record.writes
    notebook.run("out = (items, fresh, open('t.txt').read())")
    assert len(notebook.slice("out")) == 4


def test_options_and_numbers_of_cells_that_overlap_stay_apart(notebook: TrackedShell) -> None:
    notebook.run("import threading, jupyter_mlops\nstarted, go = threading.Event(), threading.Event()")
    text = "started.set()\ngo.wait(60)\njupyter_mlops.log(metrics={'beside': 1})"
    beside = threading.Thread(target=notebook.execute, args=(text,))
    beside.start()
    notebook["started"].wait(60)
    notebook.execute("%%mlops track --name main\njupyter_mlops.log(metrics={'main': 2})")
    notebook["go"].set()
    beside.join(60)
    runs = {record.run.name: record.run.metrics for record in notebook.session.records if record.run}
    assert runs["main"] == {"main": 2.0}
    assert {"beside": 1.0} in runs.values()


def test_a_cell_that_runs_a_cell_changes_what_that_one_changes(notebook: TrackedShell) -> None:
    notebook.run("items = []")
    notebook.run("items.append(len(items))")
    record = notebook.run("%rerun -l 1")
    assert kinds(record)["items"] == "change"
