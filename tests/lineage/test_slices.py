"""The cells behind a result: all it needs, nothing else, and the same result in a clean process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from clean_shell import in_a_clean_shell

from jupyter_mlops.lineage.slice import Slice, slice_cell, slice_name
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

# Cells in the order they ran; those that `out` does not need begin with "#-".
CASES = {
    "frames in a list": [
        "import pandas as pd\na = pd.DataFrame({'x': [1, 2]})\nb = pd.DataFrame({'x': [5]})",
        "both = [a, b]",
        "#-\na.describe()",
        "for frame in both:\n    frame['y'] = frame['x'] * 2",
        "out = a['y'].to_numpy()",
    ],
    "a view of an array": [
        "import numpy as np\ngrid = np.zeros((2, 3))",
        "row = grid[0]",
        "row += 1",
        "#-\ntotal = grid.sum()",
        "out = grid * 2",
    ],
    "a global generator": [
        "import numpy as np",
        "#-\nnoise = np.random.rand(3)",
        "np.random.seed(7)",
        "first = np.random.rand(3)",
        "#-\nz = 1",
        "out = np.random.rand(3)",
    ],
    "a generator of one's own": [
        "import numpy as np\nrng = np.random.default_rng(7)",
        "first = rng.normal(size=2)",
        "#-\nz = 1",
        "out = rng.normal(size=2)",
    ],
    "a helper that fills a global": [
        "seen = {}",
        "def see(key):\n    seen[key] = len(seen)",
        "see('a')",
        "#-\nlen(seen)",
        "see('b')",
        "out = dict(seen)",
    ],
    "a function that was defined anew later": [
        "def f(x):\n    return x + 1",
        "v = f(1)",
        "#-\ndef f(x):\n    return x + 2",
        "#-\nw = f(1)",
        "out = v",
    ],
    "a function that calls one with a global": [
        "def g(x):\n    return x * K",
        "def f(x):\n    return g(x) + 1",
        "#-\nK = 2",
        "K = 3",
        "out = f(2)",
    ],
    "a function used where it is defined": [
        "#-\nK = 2",
        "K = 3",
        "def f(x):\n    return x * K\nout = f(2)",
    ],
    "a cell that ran twice": [
        "n = [1]",
        "n.append(len(n))",
        "n.append(len(n))",
        "#-\nlen(n)",
        "out = list(n)",
    ],
    "a cell that ran again for the same": [
        "#-\ndata = [1, 2]",
        "#-\nbig = [d * 2 for d in data]",
        "data = [1, 2, 3]",
        "big = [d * 2 for d in data]",
        "out = sum(big)",
    ],
    "a loop variable is not handed on": [
        "items = [1, 2]",
        "#-\nfor i in items:\n    print(i)",
        "total = 0\nfor i in items:\n    total += i",
        "out = total",
    ],
    "a cell that failed half-way": [
        "items = []",
        "#-\nlate = 1",
        "items.append(1)\nraise ValueError('x')\nlate = 2",
        "out = list(items)",
    ],
    "a branch that was not taken": [
        "x = 1\nready = False",
        "#-\nif ready:\n    x = 2",
        "out = x",
    ],
    "a fit inside a helper, in a pipeline": [
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.pipeline import make_pipeline",
        "X = [[1.0], [2.0], [4.0]]",
        "scaler = StandardScaler()\npipe = make_pipeline(scaler)",
        "def train(m):\n    m.fit(X)",
        "#-\npipe.get_params()",
        "train(pipe)",
        "out = scaler.mean_",
    ],
    "a transformer that calls a notebook function": [
        "import numpy as np",
        "def shift(x):\n    return np.asarray(x) + SHIFT",
        "from sklearn.preprocessing import FunctionTransformer\nstep = FunctionTransformer(shift)",
        "SHIFT = 5",
        "out = step.fit_transform([[1.0]])",
    ],
    "magics with code": [
        "values = [3, 1, 2]",
        "%time values.sort()",
        "#-\n%timeit -n 1 -r 1 len(values)",
        "%%time\ntop = values[-1]",
        "out = top",
    ],
    "a closure that counts": [
        "def make(n):\n    def step():\n        n[0] += 1\n        return n[0]\n    return step",
        "step = make([0])",
        "step()",
        "#-\nz = 1",
        "out = step()",
    ],
    "random numbers drawn by the standard library": [
        "import random\nrandom.seed(3)",
        "deck = list(range(10))",
        "random.shuffle(deck)",
        "#-\nlen(deck)",
        "out = list(deck)",
    ],
    "a change before an alias was made": [
        "a = {'k': []}",
        "a['k'].append(1)",
        "b = a['k']",
        "b.append(2)",
        "#-\na.keys()",
        "out = a['k']",
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_slice_is_what_the_result_needs(notebook: TrackedShell, name: str) -> None:
    for source in CASES[name]:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == [s for s in CASES[name] if not s.startswith("#-")]
    assert digest(in_a_clean_shell(code)) == digest(notebook["out"])


SURROUNDINGS = {
    "current folder": ("import os\nos.chdir('deep')", "out = int(open('a.txt').read())"),
    "current folder by magic": ("%cd -q deep", "out = int(open('a.txt').read())"),
    "import path": ("import sys\nsys.path.append('deep')", "from only_in_deep import out"),
    "scikit-learn's settings": (
        "from sklearn import set_config\nset_config(transform_output='pandas')",
        "import sklearn.preprocessing as p\nout = type(p.StandardScaler().fit_transform([[1.0]])).__name__",
    ),
}


@pytest.mark.parametrize("what", SURROUNDINGS)
def test_a_cell_that_changed_its_surroundings_is_needed_by_those_after_it_only(
    notebook: TrackedShell, project: Settings, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    from sklearn import config_context

    monkeypatch.setattr("sys.path", [*sys.path])
    deep = project.project / "deep"
    deep.mkdir()
    (deep / "a.txt").write_text("7")
    (deep / "only_in_deep.py").write_text("out = 7")
    change, use = SURROUNDINGS[what]
    with config_context():
        for source in ("early = 1", change, "z = 2", use):
            notebook.run(source)
    assert notebook["out"] in {7, "DataFrame"}
    assert notebook.slice("out") == [change, use]
    assert notebook.slice("early") == ["early = 1"]


def test_an_older_version_has_its_own_slice(notebook: TrackedShell) -> None:
    for source in ("a = 1", "x = a", "b = 2", "x = b"):
        notebook.run(source)
    records = notebook.session.records
    assert [cell.source for cell in slice_name(records, "x", 1).cells] == ["a = 1", "x = a"]
    assert [cell.source for cell in slice_name(records, "x").cells] == ["b = 2", "x = b"]


@pytest.mark.parametrize(("name", "version"), [("y", None), ("x", 9)])
def test_a_name_that_was_never_written_has_no_slice(
    notebook: TrackedShell, name: str, version: int | None
) -> None:
    notebook.run("x = 1")
    with pytest.raises(KeyError):
        slice_name(notebook.session.records, name, version)


def test_the_slice_of_a_cell_ends_with_it(notebook: TrackedShell) -> None:
    for source in ("a = [1]", "n = len(a)", "a.append(2)"):
        notebook.run(source)
    records = notebook.session.records
    code = slice_cell(records, records[-2].serial)
    assert [cell.source for cell in code.cells] == ["a = [1]", "n = len(a)"]


def test_what_was_left_out_is_counted_without_cells_that_hold_no_code(notebook: TrackedShell) -> None:
    for source in ("a = 1", "# a note", "%mlops track status", "b = 2", "out = a"):
        notebook.run(source)
    assert slice_name(notebook.session.records, "out").left_out == 1


def test_a_slice_comes_back_from_its_text(notebook: TrackedShell) -> None:
    notebook.run("out = 1")
    notebook.execute("out.x = 2")
    notebook.run("out = [out]")
    code = slice_name(notebook.session.records, "out")
    assert Slice.from_json(code.to_json()) == code


def test_the_script_names_each_execution(notebook: TrackedShell) -> None:
    record = notebook.run("out = 1")
    code = slice_name(notebook.session.records, "out").code
    assert code == f"# Not run again yet.\n\n# In[{record.count}], execution {record.serial}\nout = 1\n"
