"""jupyter-mlops: from notebook cells to a verified, registered, served model.

In a notebook ``%load_ext jupyter_mlops``, then ``%mlops --help``. Every verb is a function too:
``jupyter_mlops.compare()``, ``jupyter_mlops.drift(before, after)``, …
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_VERBS = (
    "track", "runs", "compare", "show", "lineage", "restore", "reproduce", "drift",
    "validate", "pipeline", "promote", "explain", "models", "rollback", "export", "serve", "forget", "doctor",
)  # fmt: skip
_FUNCTIONS = (*_VERBS, "log", "slice")  # no verbs: they have no command (`show --code` shows slices)
# `slice` is left out: `from jupyter_mlops import *` must not take the place of Python's own
__all__ = ["__version__", "load_ipython_extension", "log", "unload_ipython_extension", *_VERBS]  # noqa: PLE0604 - all are strings


class _Face(ModuleType):
    """``jupyter_mlops.drift`` is the verb, though a package of that name lies below.

    Importing a subpackage binds it on its parent; for names of verbs that binding is left out, and
    ``from jupyter_mlops.drift import …`` works all the same.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _VERBS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face


def __getattr__(name: str) -> Any:
    """Verbs, each imported when it is first used."""
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(f"{__name__}.verbs.{name}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "slice"])


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Asked by JupyterLab's tools: where a checkout has its built extension."""
    return [{"src": "labextension", "dest": "jupyter-mlops"}]


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext jupyter_mlops``."""
    from jupyter_mlops.magic import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Called by ``%unload_ext jupyter_mlops``."""
    from jupyter_mlops.magic import unload_ipython_extension as unload

    unload(shell)
