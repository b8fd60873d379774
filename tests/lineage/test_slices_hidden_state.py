"""Hidden state: variables of the environment, what earlier cells showed, settings, classes and modules."""

from __future__ import annotations

import decimal
import os
import sys
import warnings
from typing import TYPE_CHECKING

import pytest
from clean_shell import forget_modules, in_a_clean_shell, needed

from jupyter_mlops.lineage.slice import slice_name
from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracked_shell import TrackedShell

# Cells in the order they ran, the first is In[2]; those that `out` does not need begin with "#-".
ENVIRONMENT = {
    "set and read": [
        "import os\nos.environ['K_A'] = '3'",
        "#-\nos.environ['K_B'] = '4'",
        "out = os.environ['K_A']",
    ],
    "overwritten": [
        "import os",
        "#-\nos.environ['K_A'] = '3'",
        "os.environ['K_A'] = '4'",
        "out = os.getenv('K_A')",
    ],
    "set by a magic, read in a function": [
        "import os\ndef f():\n    return os.environ.get('K_A', '0')",
        "%env K_A=5",
        "#-\nimport json",
        "out = f()",
    ],
    "under a name made of parts": [
        "import os\nkey = 'K_' + 'A'",
        "os.environ[key] = 'x'",
        "#-\nz = 1",
        "out = os.environ[key]",
    ],
    "removed": [
        "import os\nos.environ['K_A'] = 'x'",
        "del os.environ['K_A']",
        "#-\nz = 1",
        "out = 'K_A' in os.environ",
    ],
    "read by a child process": ["%env K_A=5", "#-\nz = 1", "got = !echo $K_A", "out = got[0]"],
    "nobody reads it": ["#-\nimport os\nos.environ['K_A'] = '1'", "import json", "out = json.dumps(1)"],
}
SHOWN = {
    "the last value": ["a = 5", "a * 2", "#-\nz = 1", "out = _ + 1"],
    "the one before it": ["a = 5", "a * 2", "#-\na * 3", "out = __ + 1"],
    "by number": ["a = 5", "a * 2", "#-\na * 3", "out = _3 + Out[3]"],
    "changed in place": ["[1, 2]", "_.append(3)", "#-\nz = 1", "out = list(_)"],
    "changed under its name": [
        "items = [1]\nitems",
        "items.append(2)",
        "#-\nlen(items)",
        "out = list(_2)",
    ],
    "over several lines": ["a = 5\n(a\n + 2)", "#-\nz = 1", "out = _"],
    "timed": ["a = 2", "%time a * 4", "#-\nz = 1", "out = _"],
    "a variable of that name is not it": ["#-\n5", "n = 0\nfor _ in range(3):\n    n += _", "out = n"],
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_slice_holds_the_cells_that_set_the_variables_it_reads(notebook: TrackedShell, name: str) -> None:
    before = dict(os.environ)
    try:
        for source in ENVIRONMENT[name]:
            notebook.run(source)
        code = slice_name(notebook.session.records, "out")
        assert [cell.source for cell in code.cells] == needed(ENVIRONMENT[name])
        os.environ.pop("K_A", None)
        assert in_a_clean_shell(code) == notebook["out"]
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_values_of_the_environment_are_not_recorded(notebook: TrackedShell) -> None:
    try:
        notebook.run("import os\nos.environ['K_A'] = 'open' + 'sesame'")
        notebook.run("os.environ['K_A']")
    finally:
        os.environ.pop("K_A", None)
    assert "opensesame" not in notebook.session.journal.path.read_text()


@pytest.mark.parametrize("name", SHOWN)
def test_a_slice_holds_the_cells_that_showed_what_it_reads(notebook: TrackedShell, name: str) -> None:
    for source in SHOWN[name]:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    kept = {cell.serial for cell in code.cells}
    records = notebook.session.records[-len(SHOWN[name]) :]
    assert [r.source for r in records if r.serial in kept] == needed(SHOWN[name])
    assert digest(in_a_clean_shell(code)) == digest(notebook["out"])


def test_what_was_shown_gets_a_name_in_the_script(notebook: TrackedShell) -> None:
    notebook.run("a = 5\na * 2  # twice")
    notebook.run("_ + 1")
    notebook.run("out = _ + Out[2] + len(In[2])  # _ is the last")
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == [
        "a = 5\nshown_2 = (a * 2)\nshown_2",
        "shown_3 = (shown_2 + 1)\nshown_3",
        "out = shown_3 + shown_2 + len('a = 5\\na * 2  # twice')  # _ is the last",
    ]
    namespace: dict[str, object] = {}
    exec(code.code, namespace)  # noqa: S102 - plain Python is what it must be
    assert namespace["out"] == notebook["out"]


# What libraries and classes keep for everybody; see `CASES`.
SHARED_STATE = {
    "a method that was replaced": [
        "class A:\n    def f(self):\n        return 1\na = A()",
        "A.f = lambda self: 2",
        "#-\nz = 1",
        "out = a.f()",
    ],
    "an attribute set on a library's module": [
        "import math\nold = math.floor",
        "math.tau2 = 5",
        "#-\nz = 1",
        "out = math.tau2",
    ],
    "a display option, for a text": [
        "import pandas as pd",
        "pd.set_option('display.max_rows', 4)",
        "df = pd.DataFrame({'a': range(20)})",
        "#-\nz = 1",
        "out = repr(df)",
    ],
    "a display option as an attribute": [
        "import pandas as pd",
        "pd.options.display.precision = 2",
        "#-\nz = 1",
        "out = repr(pd.Series([1.23456]))",
    ],
    "a warning that is an error": [
        "import warnings",
        "warnings.simplefilter('error')",
        "def f():\n    warnings.warn('x')",
        "#-\nz = 1",
        "try:\n    f()\n    out = 0\nexcept UserWarning:\n    out = 1",
    ],
    "a setting of matplotlib": [
        "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt",
        "plt.rcParams['lines.linewidth'] = 7",
        "#-\nz = 1",
        "fig, ax = plt.subplots()\nline, = ax.plot([1, 2])\nout = line.get_linewidth()\nplt.close(fig)",
    ],
    "a decimal context": [
        "import decimal",
        "decimal.getcontext().prec = 3",
        "#-\nz = 1",
        "out = str(decimal.Decimal(1) / 3)",
    ],
    "floating-point errors that raise": [
        "import numpy as np",
        "np.seterr(divide='raise');",
        "#-\nz = 1",
        "try:\n    np.float64(1) / 0\n    out = 0\nexcept FloatingPointError:\n    out = 1",
    ],
    "how NumPy prints": [
        "import numpy as np",
        "np.set_printoptions(precision=2)",
        "#-\nz = 1",
        "out = repr(np.array([1.23456]))",
    ],
    "a weak reference": [
        "import weakref\nclass N:\n    pass\nn = N(); n.v = 1\nr = weakref.ref(n)",
        "n.v = 5",
        "#-\nz = 1",
        "out = r().v",
    ],
    "a view of a dict": [
        "d = {'a': 1}\nk = d.keys()",
        "d['b'] = 2",
        "#-\nz = 1",
        "out = list(k)",
    ],
    "a chain of dicts": [
        "from collections import ChainMap\na = {}; b = {'x': 1}\ncm = ChainMap(a, b)",
        "b['x'] = 2",
        "#-\nz = 1",
        "out = cm['x']",
    ],
    "a module made by hand": [
        "import types\nm = types.ModuleType('m')\nm.x = []",
        "m.x.append(1)",
        "#-\nz = 1",
        "out = m.x",
    ],
    "the recursion limit": [
        "import sys",
        "sys.setrecursionlimit(4321)",
        "#-\nz = 1",
        "out = sys.getrecursionlimit()",
    ],
    "an instance that its class holds": [
        (
            "class S:\n    inst = None\n    @classmethod\n    def get(cls):\n"
            "        if cls.inst is None:\n            cls.inst = cls()\n"
            "            cls.inst.v = 0\n        return cls.inst"
        ),
        "S.get().v += 1",
        "#-\nz = 1",
        "out = S.get().v",
    ],
    "a registry in a metaclass": [
        (
            "class M(type):\n    seen = []\n    def __new__(m, n, b, d):\n"
            "        c = super().__new__(m, n, b, d)\n        M.seen.append(n)\n        return c"
        ),
        "class A(metaclass=M):\n    pass",
        "#-\nz = 1",
        "out = list(M.seen)",
    ],
    "a mutable default": [
        "def f(x, acc=[]):\n    acc.append(x)\n    return list(acc)",
        "f(1)",
        "#-\nz = 1",
        "out = f(2)",
    ],
    "a second fit that goes on": [
        (
            "from sklearn.ensemble import RandomForestClassifier\n"
            "X = [[0.], [1.], [2.], [3.]]; y = [0, 0, 1, 1]\n"
            "m = RandomForestClassifier(2, warm_start=True, random_state=0)"
        ),
        "m.fit(X, y)",
        "m.n_estimators = 4\nm.fit(X, y)",
        "#-\nm.score(X, y)",
        "out = m.predict_proba(X)",
    ],
    "a generator that two estimators share": [
        (
            "import numpy as np\nfrom sklearn.tree import DecisionTreeRegressor\n"
            "rs = np.random.RandomState(0)\n"
            "a = DecisionTreeRegressor(random_state=rs, max_features=1, splitter='random')\n"
            "b = DecisionTreeRegressor(random_state=rs, max_features=1, splitter='random')\n"
            "X = np.arange(40.).reshape(20, 2) % 7; y = np.arange(20.)"
        ),
        "a.fit(X, y)",
        "#-\nz = 1",
        "b.fit(X, y)",
        "out = b.predict(X[:, ::-1])",
    ],
    "a variable of an outer function": [
        (
            "def a():\n    n = 0\n    def b():\n        def c():\n            nonlocal n\n"
            "            n += 1\n            return n\n        return c\n    return b()"
        ),
        "c = a()",
        "c()",
        "#-\nz = 1",
        "out = c()",
    ],
    "an attribute in a slot": [
        "class P:\n    __slots__ = ('x',)\np = P(); p.x = []",
        "p.x.append(1)",
        "#-\nz = 1",
        "out = p.x",
    ],
    "a text buffer": [
        "import io, pandas as pd\ns = io.StringIO()",
        "pd.DataFrame({'a': [1]}).to_csv(s, index=False)",
        "s.seek(0);",
        "#-\nz = 1",
        "out = pd.read_csv(s)",
    ],
    "a display option does not matter to numbers": [
        "import pandas as pd",
        "#-\npd.set_option('display.max_rows', 4)\npd.options.display.precision = 2",
        "#-\nimport warnings\nwarnings.filterwarnings('ignore')",
        "out = pd.DataFrame({'a': range(20)}).sum()",
    ],
    "a style does not matter to numbers": [
        "#-\nimport matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt",
        "#-\nplt.rcParams['lines.linewidth'] = 7",
        "out = 1 + 1",
    ],
}


@pytest.fixture
def settings_stay() -> Iterator[None]:
    """What a case sets for the whole process is taken back."""
    import matplotlib as mpl
    import numpy as np
    import pandas as pd

    limit = sys.getrecursionlimit()
    with (
        warnings.catch_warnings(),
        decimal.localcontext(),
        np.errstate(),
        np.printoptions(),
        pd.option_context("display.max_rows", 60, "display.precision", 6),
        mpl.rc_context(),
    ):
        yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("name", SHARED_STATE)
@pytest.mark.usefixtures("settings_stay")
def test_a_slice_holds_the_cells_that_set_what_all_share(notebook: TrackedShell, name: str) -> None:
    for source in SHARED_STATE[name]:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == needed(SHARED_STATE[name])
    assert digest(in_a_clean_shell(code)) == digest(notebook["out"])


def test_a_module_of_ones_own_keeps_state_and_is_reloaded(
    notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [*sys.path])
    forget_modules({"module_with_state"})
    cells = [
        "import sys\nsys.path.insert(0, '')",
        "open('module_with_state.py', 'w').write('items = []');",
        "import module_with_state as own, importlib",
        "open('module_with_state.py', 'w').write('items = [5, 6]');",
        "importlib.reload(own)",
        "#-\nown.items.index(5)",
        "own.items.append(7)",
        "out = list(own.items)",
    ]
    for source in cells:
        notebook.run(source)
    code = slice_name(notebook.session.records, "out")
    assert [cell.source for cell in code.cells] == needed(cells)
    forget_modules({"module_with_state"})
    assert in_a_clean_shell(code) == [5, 6, 7]
