"""What a cell's code can read and bind, from its text alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mlops.notebook.source import CellCode, analyze

if TYPE_CHECKING:
    from collections.abc import Callable

Analyze = "Callable[[str], CellCode]"


@pytest.fixture(scope="module")
def look() -> Callable[[str], CellCode]:
    shell = InteractiveShell()
    return lambda source: analyze(source, shell.transform_cell)


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("y = f(x)", {"f", "x"}),
        ("x = 1\ny = x", set()),
        ("y = x\nx = 1", {"x"}),
        ("n += 1", {"n"}),
        ("df['a'] = other.b", {"df", "other"}),
        ("%time y = f(x)", {"f", "x", "get_ipython"}),
        ("%timeit -n 5 f(x)", {"f", "x"}),
        ("%%time\ny = f(x)", {"f", "x"}),
        ("%%capture shown\ny = f(x)", {"f", "x"}),
        ("!ls {folder} $name", {"folder", "name", "get_ipython"}),
        ("files = !ls {folder}", {"folder", "get_ipython"}),
        ("df.query('a > @limit')", {"df", "limit"}),
        ("await task", {"task"}),
        ("[i * k for i in items]", {"k", "items"}),
        ("f = lambda a, b=c: a + d", {"c", "d"}),
        ("@wrap\ndef f(a=default):\n    return inner", {"wrap", "default", "inner"}),
        ("def f():\n    return K", set()),
        ("def f():\n    return K\ny = f()", {"K"}),
        ("K = 1\ndef f():\n    return K\ny = f()", set()),
        ("def g():\n    return K\ndef f():\n    return g()\ny = f()", {"K"}),
        ("class A(Base):\n    size = n\n    def go(self):\n        return K", {"Base", "n"}),
        ("class A:\n    def go(self):\n        return K\nA().go()", {"K"}),
        ("print(first, *rest, **more)", {"print", "first", "rest", "more"}),
        ("match command:\n    case {'a': found}:\n        y = found + z", {"command", "z"}),
        ("with open(path) as f:\n    text = f.read()", {"open", "path"}),
        ("del x, y.z", {"y"}),
        ("text = f'{a} {b!r:>{width}}'", {"a", "b", "width"}),
    ],
)
def test_reads(look: Callable[[str], CellCode], source: str, reads: set[str]) -> None:
    assert look(source).reads - {"get_ipython"} == reads - {"get_ipython"}


@pytest.mark.parametrize(
    ("source", "binds", "may_bind"),
    [
        ("x = y = 1", {"x", "y"}, set()),
        ("a, (b, *c) = value", {"a", "b", "c"}, set()),
        ("import numpy as np, os.path", {"np", "os"}, set()),
        ("from m import n as k", {"k"}, set()),
        ("def f():\n    inner = 1", {"f"}, set()),
        ("class A:\n    lr = 1\n    def go(self): pass", {"A"}, set()),
        ("n += 1", {"n"}, set()),
        ("x: int = 1", {"x"}, set()),
        ("if c:\n    x = 1", set(), {"x"}),
        ("for i in r:\n    x = i", set(), {"i", "x"}),
        ("try:\n    x = 1\nexcept E as e:\n    y = 2", set(), {"x", "y", "e"}),
        ("with suppress(E):\n    x = f()", set(), {"x"}),
        ("(n := 10) and (m := 5)", set(), {"n", "m"}),
        ("match v:\n    case [a, b]:\n        x = 1", set(), {"a", "b", "x"}),
        ("%time x = f(y)", {"x"}, set()),
        ("%%time\nx = f(y)", {"x"}, set()),
        ("%timeit x = f(y)", set(), {"x"}),
        ("[i for i in r]", set(), set()),
        ("if c:\n    x = 1\nx = 2", {"x"}, set()),
        ("df['a'] = 1", set(), set()),
    ],
)
def test_binds(look: Callable[[str], CellCode], source: str, binds: set[str], may_bind: set[str]) -> None:
    code = look(source)
    assert (code.binds, code.may_bind) == (binds, may_bind)


def test_deletes(look: Callable[[str], CellCode]) -> None:
    assert look("del a, b.c\nclass K:\n    x = 1\n    del x").deletes == {"a"}


@pytest.mark.parametrize(
    ("source", "literals"),
    [
        ("depth = 4\nrate = -0.5\nname = 'x'\nflag = True\nnothing = None", {
            "depth": "4", "rate": "-0.5", "name": "x", "flag": "True", "nothing": "None",
        }),
        ("cols = ['a', 'b']\nsizes = (1, 2)", {"cols": "['a', 'b']", "sizes": "(1, 2)"}),
        ("a, b = 1, 'two'", {"a": "1", "b": "two"}),
        ("n = len(x)\nm = 2 * 3", {}),
        ("n = 1\nn = f()", {}),
        ("n = 1\nn += 1", {}),
        ("grid = {'a': [1]}\nnested = [[1]]", {}),
        ("def f():\n    inner = 1", {}),
        ("class A:\n    lr = 1", {}),
    ],
)  # fmt: skip
def test_literals_are_parameters(
    look: Callable[[str], CellCode], source: str, literals: dict[str, str]
) -> None:
    assert look(source).literals == literals


@pytest.mark.parametrize(
    ("source", "seeds"),
    [
        ("np.random.seed(0)", {"numpy"}),
        ("import numpy as np\nimport random\nn = 3\nrandom.seed(1)\nnp.random.seed(2)", {"random", "numpy"}),
        ("np.random.seed(n)", set()),
        ("np.random.seed()", set()),
        ("if c:\n    np.random.seed(0)", set()),
        ("a = np.random.rand()\nnp.random.seed(0)", set()),
    ],
)
def test_only_a_seed_before_any_draw_cuts_the_past_off(
    look: Callable[[str], CellCode], source: str, seeds: set[str]
) -> None:
    assert look(source).seeds == seeds


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("model.fit(X_train, y)", [("model", "fit", "X_train")]),
        ("model.fit(X=X_train, y=y)", [("model", "fit", "X_train")]),
        ("model = Ridge().fit(X, y)", [("model", "fit", "X")]),
        ("model.score(X[:5], y)", [("model", "score", None)]),
        ("%time model.fit(X, y)", [("model", "fit", "X")]),
        ("for m in models:\n    m.fit(X)", [("m", "fit", "X")]),
    ],
)
def test_calls_say_what_a_model_was_given(
    look: Callable[[str], CellCode], source: str, calls: list[tuple[str, str, str | None]]
) -> None:
    assert look(source).calls == calls


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("accuracy_score(y, p)", "accuracy_score"),
        ("round(model.score(X, y), 3)", "score"),
        ("%time model.score(X, y)", "score"),
        ("%%time\nmodel.score(X, y)", "score"),
        ("x = f()", None),
        ("x", None),
        ("", None),
    ],
)
def test_the_shown_call(look: Callable[[str], CellCode], source: str, shown: str | None) -> None:
    assert look(source).shown_call == shown


@pytest.mark.parametrize("source", ["eval('x')", "exec(code)", "globals()['k'] = 1", "vars()"])
def test_code_that_can_reach_any_name_is_known(look: Callable[[str], CellCode], source: str) -> None:
    assert look(source).reaches_all


def test_a_syntax_error_gives_no_names(look: Callable[[str], CellCode]) -> None:
    code = look("x = = 1")
    assert (code.reads, code.binds, code.literals) == (set(), set(), {})
    assert not code.is_empty


def test_a_cell_of_comments_is_empty(look: Callable[[str], CellCode]) -> None:
    assert look("# nothing here\n\n").is_empty
