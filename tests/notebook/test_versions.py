"""What a cell read, bound and changed, decided by the content of the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

    from jupyter_mlops.lineage.record import CellRecord


def kinds(record: CellRecord) -> dict[str, str]:
    return {name: write.kind for name, write in record.writes.items()}


def run_all(notebook: TrackedShell, *sources: str) -> CellRecord:
    return [notebook.run(source) for source in sources][-1]


def test_a_cell_that_runs_again_makes_a_new_version_of_the_same_content(notebook: TrackedShell) -> None:
    first, second = notebook.run("x = [1, 2]"), notebook.run("x = [1, 2]")
    assert kinds(second) == {"x": "bind"}
    assert second.writes["x"].version == first.writes["x"].version + 1
    assert second.writes["x"].digest == first.writes["x"].digest
    assert not second.reads


def test_looking_changes_nothing(notebook: TrackedShell) -> None:
    record = run_all(
        notebook, "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})", "df.describe()\nlen(df)"
    )
    assert kinds(record) == {}
    assert set(record.reads) >= {"df"}


@pytest.mark.parametrize(
    ("before", "cell", "changed"),
    [
        ("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})", "df.loc[0, 'a'] = 9", {"df"}),
        ("import pandas as pd\ndf = pd.DataFrame({'a': [1]})\nother = df", "df['b'] = 1", {"df", "other"}),
        ("import numpy as np\na = np.zeros(5)\nv = a[1:3]", "v += 1", {"a"}),
        ("import numpy as np\na = np.zeros((2, 2))\nv = a.ravel()", "v[0] = 9", {"a", "v"}),
        ("import pandas as pd\na = pd.DataFrame({'x': [1]})\nb = pd.DataFrame({'x': [2]})\nboth = [a, b]",
         "for frame in both:\n    frame['y'] = frame['x']", {"a", "b", "both"}),
        ("cache = {}\ndef put(key):\n    cache[key] = 1", "put('x')", {"cache"}),
        ("def put(into, key):\n    into[key] = 1\ncache = {}", "put(cache, 'x')", {"cache"}),
        ("def make(n):\n    def step():\n        n[0] += 1\n    return step\nf = make([0])", "f()", {"f"}),
        ("cfg = {'m': {'C': 1}}\nsub = cfg['m']", "sub['C'] = 5", {"cfg", "sub"}),
        ("items = []\nadd = items.append", "add(1)", {"add", "items"}),
        ("class Sum:\n    t = 0\n    def add(self, k):\n        self.t += k\ns = Sum()", "s.add(5)", {"s"}),
        ("class Cfg:\n    lr = 1", "Cfg.lr = 2", {"Cfg"}),
        ("import types\nbox = types.SimpleNamespace()\nitems = []\nbox.items = items", "box.items.append(1)",
         {"box", "items"}),
        ("from collections import deque\nq = deque([1, 2])", "q.popleft();", {"q"}),
        ("g = (i for i in range(9))", "next(g)", {"g"}),
        ("cache = {}\ndef put(k):\n    cache[k] = 1\nverbs = {'put': put}", "verbs['put']('x')", {"cache"}),
        ("import functools as t\ns = []\n@t.lru_cache\ndef see(x):\n    s.append(x)", "see(1)", {"s"}),
    ],
)  # fmt: skip
def test_a_change_in_place_is_seen_under_every_name(
    notebook: TrackedShell, before: str, cell: str, changed: set[str]
) -> None:
    record = run_all(notebook, before, cell)
    assert {name for name, kind in kinds(record).items() if kind == "change"} >= changed
    assert set(record.reads) >= changed


def test_a_fit_changes_the_pipeline_and_the_step_it_was_given(notebook: TrackedShell) -> None:
    record = run_all(
        notebook,
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "from sklearn.linear_model import Ridge\n"
        "scaler = StandardScaler()\npipe = make_pipeline(scaler, Ridge())",
        "pipe.fit([[1.0], [2.0]], [1.0, 2.0]);",
    )
    assert kinds(record) == {"pipe": "change", "scaler": "change"}


def test_an_equal_value_under_the_same_name_in_place_is_no_change(notebook: TrackedShell) -> None:
    record = run_all(notebook, "cfg = {'a': 1}", "cfg['a'] = 1")
    assert kinds(record) == {}


def test_what_a_function_uses_is_read(notebook: TrackedShell) -> None:
    run_all(notebook, "K = 2", "def g(x):\n    return x * K", "def f(x):\n    return g(x) + 1")
    assert set(notebook.run("out = f(2)").reads) == {"f", "g", "K"}


def test_names_of_attributes_are_not_read(notebook: TrackedShell) -> None:
    run_all(notebook, "real = 1", "def f(x):\n    return x.real")
    assert set(notebook.run("out = f(2)").reads) == {"f"}


def test_private_names_are_the_users_too(notebook: TrackedShell) -> None:
    run_all(notebook, "_rate = 3", "_")
    assert set(notebook.run("out = _rate * 2").reads) == {"_rate"}


def test_attributes_of_a_class_are_not_names_of_the_notebook(notebook: TrackedShell) -> None:
    record = run_all(notebook, "lr = 1", "class Cfg:\n    lr = 2")
    assert kinds(record) == {"Cfg": "bind"}


def test_a_failing_cell_wrote_what_it_got_to(notebook: TrackedShell) -> None:
    notebook.run("items = []\nlate = 1")
    record = notebook.run("early = 2\nitems.append(1)\nraise ValueError('x')\nlate = 3")
    assert (record.status, record.error) == ("error", "ValueError")
    assert kinds(record) == {"early": "bind", "items": "change"}


def test_an_error_that_was_swallowed_leaves_the_older_value_in_place(notebook: TrackedShell) -> None:
    notebook.run("x = [1]")
    record = notebook.run("import contextlib\nwith contextlib.suppress(ValueError):\n    x = [int('no')]")
    assert kinds(record) == {"contextlib": "bind"}
    assert notebook.slice("x") == ["x = [1]"]


def test_a_deleted_name_ends(notebook: TrackedShell) -> None:
    record = run_all(notebook, "x = 1", "del x")
    assert kinds(record) == {"x": "delete"}
    assert kinds(notebook.run("x = 2")) == {"x": "bind"}


def test_what_cannot_be_looked_into_is_assumed_changed_by_those_that_touch_it(
    notebook: TrackedShell,
) -> None:
    notebook.run("import threading\nlock = threading.Lock()\nother = threading.Lock()")
    record = notebook.run("lock.locked()")
    assert kinds(record) == {"lock": "change"}


def test_drawing_random_numbers_changes_hidden_state_and_a_seed_starts_it_anew(
    notebook: TrackedShell,
) -> None:
    notebook.run("import random\nimport numpy as np")
    drawn = notebook.run("a = np.random.rand(3)")
    seeded = notebook.run("np.random.seed(0)\nrandom.seed(1)")
    shuffled = notebook.run("random.shuffle([1, 2, 3])")
    assert (kinds(drawn)[NUMPY_RANDOM], NUMPY_RANDOM in drawn.reads) == ("change", True)
    assert kinds(seeded) == {NUMPY_RANDOM: "bind", PYTHON_RANDOM: "bind"}
    assert not {NUMPY_RANDOM, PYTHON_RANDOM} & set(seeded.reads)
    assert kinds(shuffled) == {PYTHON_RANDOM: "change"}
    assert kinds(notebook.run("y = 1")) == {"y": "bind"}


def test_top_level_await_is_recorded(notebook: TrackedShell) -> None:
    record = notebook.run("import asyncio\nasync def f():\n    return 5\nx = await f()")
    assert record.status == "ok"
    assert set(kinds(record)) == {"asyncio", "f", "x"}


def test_cells_that_a_cell_runs_are_part_of_it(notebook: TrackedShell) -> None:
    record = notebook.run("get_ipython().run_cell('inner = 1')\nouter = 2")
    assert kinds(record) == {"inner": "bind", "outer": "bind"}


def test_cells_before_tracking_are_taken_from_the_history(untracked: TrackedShell) -> None:
    for source in (
        "import numpy as np",
        "a = np.zeros(5)\nunused = 1",
        "v = a[1:3]",
        "v += 1",
        "tmp = a * 2",
        "b = tmp.sum()",
        "del tmp",
        "1 / 0",
    ):
        untracked.execute(source)
    untracked.track()
    untracked.run("out = b + 1")
    kept = untracked.slice("out")
    assert {"a = np.zeros(5)\nunused = 1", "v = a[1:3]", "v += 1", "tmp = a * 2", "b = tmp.sum()"} <= set(
        kept
    )
    records = untracked.session.records
    assert not any(record.exact for record in records[:-1])
    assert records[-1].exact
    failed = next(record for record in records if record.source == "1 / 0")
    assert (failed.status, failed.error) == ("error", "ZeroDivisionError")


def test_our_own_lines_before_tracking_assume_nothing(untracked: TrackedShell) -> None:
    session = untracked.track()
    assert [(record.source, kinds(record)) for record in session.records] == [("", {})]


def test_cells_between_off_and_on_are_caught_up(notebook: TrackedShell) -> None:
    notebook.run("x = [1]")
    notebook.session.stop()
    notebook.execute("x.append(2)")
    notebook.session.start()
    notebook.run("out = list(x)")
    assert notebook.slice() == ["x = [1]", "x.append(2)", "out = list(x)"]


def test_an_object_that_raises_when_looked_at_does_not_disturb(notebook: TrackedShell) -> None:
    notebook.run(
        "class Shy:\n"
        "    def __getattribute__(self, name):\n        raise RuntimeError('do not look')\n"
        "    __class__ = property(lambda self: 1 / 0)\n"
    )
    record = notebook.run("shy = Shy()\nx = 1")
    assert set(kinds(record)) == {"shy", "x"}
    assert kinds(notebook.run("y = [shy]"))["y"] == "bind"
