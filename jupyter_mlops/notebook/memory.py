"""Memory that values share without sharing an object: views, frames around arrays, Arrow buffers.

pandas copies before it writes, so that two frames with the same memory are linked only if code writes past
pandas; an array and a frame around it always are.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Hashable
from types import CodeType, FrameType, FunctionType, GeneratorType
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.snapshot.looking import dict_of, members_of, module_of, mro_of

if TYPE_CHECKING:
    from collections.abc import Iterable

PAST_PANDAS = frozenset(
    (
        "_values", "_mgr", "_ndarray", "_data", "setflags", "flags", "writeable", "ctypes", "memmap",
        "frombuffer", "ctypeslib", "memoryview", "as_strided",
    )
)  # fmt: skip
"""Code that mentions one of these may write into frames without pandas."""
WRITES_PAST = "_values"
"""Stands among what code mentions for an assignment such as ``series.array[0] = 1``."""

_HOLDERS = {"itertools", "_io", "_csv", "operator"}
_MOST_KINDS = 4_096
_MOST_BUFFERS = 1_000
_MOST_OBJECTS = 200
Kind = Literal["array", "extension", "frame", "arrow", "holder", "other"]
Place = Hashable
"""A place in memory: the id of an object; or ``("frame", id)``, ``("arrow", address)``, ``("class", id)``."""


_COUNTERPART = {"arrow": "array", "array": "arrow"}
_kinds: dict[int, tuple[type, Kind]] = {}  # by identity: a metaclass of the user's is not asked for a hash


def kind_of(cls: type) -> Kind:
    """What kind of memory instances of a class hold, by its name and those of its bases."""
    known = _kinds.get(id(cls))
    if known is None:
        if len(_kinds) > _MOST_KINDS:
            _kinds.clear()
        known = _kinds[id(cls)] = (cls, _kind(cls))
    return known[1]


def _kind(cls: type) -> Kind:
    names = {(module_of(base).partition(".")[0], base.__name__) for base in mro_of(cls)}
    if ("numpy", "ndarray") in names:
        return "array"
    if not names.isdisjoint((("pandas", "DataFrame"), ("pandas", "Series"))):
        return "frame"
    if ("pandas", "ExtensionArray") in names:
        return "extension"
    if not names.isdisjoint((("pyarrow", "Table"), ("pyarrow", "Array"), ("pyarrow", "ChunkedArray"))):
        return "arrow"
    is_iterator = module_of(cls) == "builtins" and "__next__" in members_of(cls)
    is_iterator |= cls in {type({}.keys()), type({}.values()), type({}.items())}
    return "holder" if is_iterator or module_of(cls) in _HOLDERS else "other"


def owner(value: Any) -> Any:
    """The object that holds the memory of an array or memoryview; the value itself for all else."""
    found = value
    base: Any = value
    while base is not None:
        found = base
        if type(found) is memoryview:
            base = found.obj
        elif kind_of(type(found)) == "array":
            base = sys.modules["numpy"].ndarray.base.__get__(found)
        else:
            base = None
    return found


def held_by(value: Any) -> list[Any]:
    """What arrays and frames of objects, iterators, generators, readers and writers lead to."""
    kind = kind_of(type(value))
    if kind == "array":
        return _objects(value)
    if kind == "frame":
        return [item for array in _arrays(value) for item in _objects(array)]
    if kind == "holder":
        own = value.gi_code if type(value) is GeneratorType else None
        return [item for item in gc.get_referents(value) if not _is_code(item, own)]
    return []


def places(value: Any) -> Iterable[Place]:
    """Where a value's own memory lies."""
    kind = kind_of(type(value))
    if kind == "frame":
        yield id(value)
        for array in _arrays(value):
            yield ("frame", id(owner(array)))
    elif kind == "extension":
        yield from (id(owner(array)) for array in _parts(value))
    elif kind == "arrow":
        yield from (("arrow", address) for address in _addresses(value))
    else:
        yield id(value)
        if kind == "other":
            yield from (("class", id(base)) for base in mro_of(type(value)) if module_of(base) == "__main__")
        elif kind == "array" and "pyarrow" in sys.modules:
            yield ("array", value.__array_interface__["data"][0])


def linked(changed: set[Place], other: Iterable[Place], *, past_pandas: bool) -> Literal["", "same", "past"]:
    """How memory in `other` can have changed with `changed`: not, as the same object, or past pandas."""
    found: Literal["", "past"] = ""
    for place in other:
        if isinstance(place, int):
            if place in changed:
                return "same"
            if ("frame", place) in changed:
                found = "past"
        elif isinstance(place, tuple):
            tag, where = place
            if tag == "class":
                if where in changed:
                    return "same"
                continue
            if tag == "frame":
                is_linked = where in changed or (past_pandas and place in changed)
            else:
                is_linked = (_COUNTERPART[tag], where) in changed
            found = "past" if is_linked else found
    return found


def _arrays(frame: Any) -> list[Any]:
    """The arrays in which a frame or series keeps its values."""
    blocks = getattr(dict_of(frame).get("_mgr"), "blocks", ())
    found = []
    for block in blocks if isinstance(blocks, tuple) else ():
        values = block.values
        if kind_of(type(values)) == "array":
            found.append(values)
        elif module_of(type(values)).startswith("pandas"):
            found.extend(_parts(values))
    return found


def _parts(values: Any) -> list[Any]:
    """The arrays in which an array of pandas' own kinds keeps its values."""
    parts = (getattr(values, name, None) for name in ("_ndarray", "_data", "_mask"))
    return [part for part in parts if kind_of(type(part)) == "array"]


def _objects(array: Any) -> list[Any]:
    """Some elements of an array of objects: texts and numbers are of no interest."""
    if array.dtype.kind != "O":
        return []
    base = sys.modules["numpy"].ndarray
    return list(base.__getitem__(base.ravel(array), slice(_MOST_OBJECTS)))


def _addresses(value: Any) -> list[int]:
    columns = value.columns if hasattr(value, "columns") else [value]
    found: list[int] = []
    for column in columns:
        for chunk in getattr(column, "chunks", [column]):
            found.extend(buffer.address for buffer in chunk.buffers() if buffer is not None)
            if len(found) > _MOST_BUFFERS:
                return found
    return found


def _is_code(item: Any, own: CodeType | None) -> bool:
    if type(item) is FunctionType:
        return item.__code__ is own
    return isinstance(item, CodeType | FrameType | type) or type(item).__name__ == "Dialect"
