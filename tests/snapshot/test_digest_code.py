"""Functions and classes of a notebook are digested by their code, those of libraries by their name."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from jupyter_mlops.snapshot import digest


def run_cell(source: str, **names: Any) -> dict[str, Any]:
    """What a cell leaves in the notebook's namespace."""
    namespace: dict[str, Any] = {"__name__": "__main__", **names}
    exec(compile(textwrap.dedent(source), "<cell>", "exec"), namespace)  # noqa: S102 - a notebook cell
    return namespace


FUNCTION = "def f(x, y=1, *, z=2):\n    return x + y + z + {}"
CLASS = "class C:\n    size = {}\n    def f(self):\n        return 1\n"


@pytest.mark.parametrize("source", [FUNCTION, CLASS])
def test_running_a_cell_again_gives_the_same_digest_wherever_it_stands(source: str) -> None:
    name = "f" if source is FUNCTION else "C"
    first, again = run_cell(source.format(1))[name], run_cell("\n\n# moved\n" + source.format(1))[name]
    assert digest(first) == digest(again) is not None
    assert digest(first) != digest(run_cell(source.format(5))[name])


def test_annotations_do_not_count() -> None:
    plain, annotated = run_cell("def f(x): return x")["f"], run_cell("def f(x: int) -> int: return x")["f"]
    assert digest(plain) == digest(annotated)


@pytest.mark.parametrize(
    "other",
    [
        "def f(x, y=2): return x + y",
        "def f(x, *, y=1): return x + y",
        "def f(x, y=1): return x - y",
        "def f(x, y=1): return x + z",
        "def f(x, y=1):\n    def g(): return y + 1\n    return x + g()",
        "async def f(x, y=1): return x + y",
    ],
)
def test_any_change_of_a_function_changes_its_digest(other: str) -> None:
    assert digest(run_cell(other)["f"]) not in (None, digest(run_cell("def f(x, y=1): return x + y")["f"]))


def test_what_a_function_closes_over_counts() -> None:
    source = "def outer(n):\n    def inner(x): return x + n\n    return inner\nf = outer({})"
    assert digest(run_cell(source.format(1))["f"]) == digest(run_cell(source.format(1))["f"])
    assert digest(run_cell(source.format(1))["f"]) != digest(run_cell(source.format(2))["f"])


def test_a_function_that_refers_to_itself_has_a_digest() -> None:
    source = "def outer():\n    def f(n): return 0 if n == 0 else f(n - 1)\n    return f\nf = outer()"
    assert digest(run_cell(source)["f"]) is not None


def test_the_class_of_an_instance_counts() -> None:
    first = run_cell(CLASS.format(1) + "value = C()")["value"]
    other = run_cell(CLASS.format(2) + "value = C()")["value"]
    assert digest(first) not in (None, digest(other))


DEFINITIONS = {
    "data class": """
        from dataclasses import dataclass, field
        @dataclass(frozen=True)
        class T:
            a: int = VALUE
            b: list = field(default_factory=list)
        """,
    "named tuple": "from collections import namedtuple; T = namedtuple('T', 'a b', defaults=(VALUE,))",
    "typed named tuple": """
        from typing import NamedTuple
        class T(NamedTuple):
            a: int
            b: int = VALUE
        """,
    "enum": """
        from enum import Enum
        class T(Enum):
            A = VALUE
            B = "b"
            def f(self): return 1
        """,
    "abstract class": """
        from abc import ABC, abstractmethod
        class T(ABC):
            @abstractmethod
            def f(self): return VALUE
        """,
    "slots and a property": """
        class T:
            __slots__ = ("a",)
            @property
            def p(self): return VALUE
        """,
    "methods of the class": """
        class T:
            @staticmethod
            def s(): return VALUE
            @classmethod
            def c(cls): return cls
        """,
    "caches": """
        from functools import cached_property, lru_cache
        class T:
            @cached_property
            def p(self): return VALUE
            @lru_cache
            def q(self): return 2
        """,
    "base class": """
        class B:
            k = VALUE
        class T(B):
            def f(self): return super().f()
        """,
    "metaclass": """
        class M(type):
            k = VALUE
        class T(metaclass=M):
            pass
        """,
    "decorator": """
        from functools import wraps
        def deco(f):
            @wraps(f)
            def g(*a): return f(*a)
            return g
        @deco
        def T(x): return VALUE
        """,
    "partial": "from functools import partial; T = partial(lambda x, y: x + y + VALUE, 1)",
    "function in a dict": "T = {'f': lambda x: x + VALUE}",
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_everything_a_notebook_defines_has_a_digest_of_its_code(name: str) -> None:
    first, again, other = (run_cell(DEFINITIONS[name].replace("VALUE", n))["T"] for n in ("1", "1", "2"))
    assert digest(first) == digest(again) is not None
    assert digest(first) != digest(other)


def test_using_a_cached_function_does_not_change_it() -> None:
    cached = run_cell("from functools import lru_cache\n@lru_cache\ndef f(x): return x")["f"]
    before = digest(cached)
    cached(1)
    assert digest(cached) == before
