"""What a model holds of the notebook's own code, and a copy of it that holds a module's instead.

A pickler is told of every object on its way, so it finds what is held wherever it is; what belongs to the
notebook is left open in the pickle, and filled in when it is read again. The user's objects stay as they are.
"""

from __future__ import annotations

import io
import pickle
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import UnsafeModelError
from jupyter_mlops.registry.unwritable import Nowhere, unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOTEBOOK = "__main__"
_CODE = type | FunctionType | type(lru_cache(len))


@dataclass
class Held:
    """The notebook's code in a model, by name, and the modules of all code in it."""

    model: Any
    own: dict[str, Any] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    frames: list[Any] = field(default_factory=list)
    """Series, frames and indexes of pandas, which skops cannot write."""


def held_code(model: Any) -> Held:
    """Find the functions and classes that a model holds.

    Raises:
        UnsafeModelError: it holds a lambda or a function or class from inside a function, which no module
            can give back, or something that cannot be written at all.
    """
    found = Held(model)
    try:
        _Finder(Nowhere(), found).dump(model)
    except UnsafeModelError:
        raise
    except Exception as error:  # the objects' own code runs
        raise unwritable(model, error, lambda part: _Finder(Nowhere(), Held(part)).dump(part)) from error
    return found


def pickled_code(model: Any) -> Held:
    """The modules of the code in a model that is pickled by value, where lambdas and the like are fine.

    Raises:
        UnsafeModelError: it holds something that cannot be written at all.
    """
    import cloudpickle

    found = Held(model)

    class Listener(cloudpickle.Pickler):  # type: ignore[misc]  # it has no types
        def persistent_id(self, obj: Any) -> None:
            """Only listen."""
            if isinstance(obj, _CODE):
                found.modules.add(str(obj.__module__))
            elif isinstance(obj, ModuleType):
                found.modules.add(obj.__name__)

    try:
        Listener(Nowhere(), pickle.HIGHEST_PROTOCOL).dump(model)
    except Exception as error:  # the objects' own code runs
        raise unwritable(model, error, lambda part: cloudpickle.dump(part, Nowhere())) from error
    return found


def filled_in(held: Held, names: Mapping[str, Any], frame: Callable[[Any], Any]) -> Any:
    """A copy of the model.

    Args:
        held: what was found in the model.
        names: its functions and classes are taken from here.
        frame: what is put in the place of each object of pandas.
    """
    target, again = io.BytesIO(), Held(held.model)
    _Finder(target, again).dump(held.model)
    target.seek(0)
    return _Filler(target, again, names, frame).load()


class _Finder(pickle.Pickler):
    def __init__(self, target: io.BytesIO | Nowhere, found: Held) -> None:
        super().__init__(target, pickle.HIGHEST_PROTOCOL)
        self._found = found

    def persistent_id(self, obj: Any) -> tuple[str, str | int] | None:
        """What belongs to the notebook, by name, and objects of pandas, by number; None for all else."""
        if not isinstance(obj, _CODE):
            return self._frame(obj)
        name, module = obj.__qualname__, obj.__module__
        self._found.modules.add(str(module))
        if module != NOTEBOOK:
            return None
        if not name.isidentifier():
            raise _refused(name, obj, self._found.model)
        self._found.own[name] = obj
        return "own", str(name)

    def _frame(self, obj: Any) -> tuple[str, int] | None:
        pandas = sys.modules.get("pandas")
        if pandas is None or not isinstance(obj, pandas.Series | pandas.DataFrame | pandas.Index):
            return None
        self._found.frames.append(obj)
        return "pandas", len(self._found.frames) - 1


class _Filler(pickle.Unpickler):
    def __init__(
        self, source: io.BytesIO, held: Held, names: Mapping[str, Any], frame: Callable[[Any], Any]
    ) -> None:
        super().__init__(source)
        self._held, self._names, self._frame = held, names, frame

    def persistent_load(self, pid: Any) -> Any:
        kind, which = pid
        return self._names[which] if kind == "own" else self._frame(self._held.frames[which])


def _refused(name: str, value: Any, model: Any) -> UnsafeModelError:
    what = (
        "a lambda" if name.endswith("<lambda>") else f"{value.__name__!r}, which is made inside of a function"
    )
    params = model.get_params(deep=True) if hasattr(model, "get_params") else {}
    place = next((f" as {key}" for key, held in params.items() if held is value), "")
    return UnsafeModelError(
        f"the model holds {what}{place}: no module can give it back",
        "Write it with `def` or `class` in a cell, outside of functions, and fit again; or, if you trust its "
        "code, choose `--serialization cloudpickle`.",
    )
