"""Which function compiles which estimator."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.compile.problems import CannotCompile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_mlops.bundle.compile.writer import Writer

    Compiler = Callable[[Any, Writer], dict[str, Any]]

_FILES = (
    "structure", "filling", "scaling", "shaping", "encoding",
    "linear", "others", "trees", "boosting", "lightgbm_trees", "xgboost_trees",
    "bagging", "meta", "one_against", "wrapping",
)  # fmt: skip
"""Each has a table `COMPILERS`: module and name of a type -> the function that compiles it."""


@cache
def compilers() -> Mapping[str, Compiler]:
    """All tables in one."""
    tables = (import_module(f"jupyter_mlops.bundle.compile.{name}").COMPILERS for name in _FILES)
    return {name: function for table in tables for name, function in table.items()}


def compile_part(estimator: Any, writer: Writer) -> dict[str, Any]:
    """The node of one fitted estimator; its arrays go to `writer`.

    Only the very types in the tables are known: a subclass may do something else.

    Raises:
        CannotCompile: there is no compiled form of it.
    """
    name = name_of(estimator)
    if name not in compilers():
        raise CannotCompile(f"{type(estimator).__qualname__} has no compiled form")
    return compilers()[name](estimator, writer)


def name_of(estimator: Any) -> str:
    """As the tables call the estimator's type."""
    return f"{type(estimator).__module__}.{type(estimator).__qualname__}"


def is_compiled(estimator: Any) -> bool:
    """True if there is a function for this very type."""
    return name_of(estimator) in compilers()
