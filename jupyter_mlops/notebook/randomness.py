"""Random generators: their states as digests, as plain data that a record keeps, and set back in a replay.

A state is JSON without any pickle: what NumPy calls ``bit_generator.state`` (of Python's generator its own
``getstate()`` under the same kind of names), with arrays as ``{"dtype": …, "base64": …}``.
"""

from __future__ import annotations

import base64
import binascii
import random
import re
from array import array
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import BuiltinFunctionType, MethodType
from typing import TYPE_CHECKING, Any

import xxhash

from jupyter_mlops.lineage.record import NUMPY_RANDOM, PYTHON_RANDOM, GeneratorState
from jupyter_mlops.snapshot.looking import imported

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_mlops.lineage.record import Write

_NUMPYS = "MT19937"
_PYTHON = "random.Random"
"""Stands where NumPy names the class of its bit generator."""
_METHODS = {BuiltinFunctionType, MethodType}
_USES_PYTHONS = re.compile(r"(?<![.\w])random\s*\.|\bfrom\s+random\s+import\b")


@dataclass(frozen=True)
class State:
    """The state of one generator: plain values and arrays, as the generator itself gives them."""

    raw: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """32 characters; all of the state counts: keys alone can be equal where the position is not."""
        return str(xxhash.xxh3_128_hexdigest(_bytes(self.raw)))

    def packed(self) -> dict[str, Any]:
        """Ready for JSON; `unpacked` is the inverse.

        Of the state that NumPy's global generator was born with, the seed alone is kept: a line, not a page.
        """
        born = _born() if self.raw["bit_generator"] == _NUMPYS else None
        if born is not None and born[1].digest == self.digest:
            return {"bit_generator": _NUMPYS, "entropy": str(born[0])}
        return {name: _pack(value) for name, value in self.raw.items()}


def global_states() -> dict[str, State]:
    """Of Python's and NumPy's global generators; NumPy's only when a program can have drawn from it."""
    states = {PYTHON_RANDOM: _of_python(random.getstate())}
    numpy_random = imported("numpy.random")
    if numpy_random is not None:
        states[NUMPY_RANDOM] = State(numpy_random.get_state(legacy=False))
    return states


def held_states(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, State]:
    """Of the generators that variables hold; a subclass may have a state of its own, so it is left out."""
    found = ((name, _of_value(namespace[name])) for name in names if name in namespace)
    return {name: state for name, state in found if state is not None}


def imported_since(known: Mapping[str, State]) -> dict[str, State]:
    """The state NumPy's global generator was born with, if NumPy was imported after `known` was taken.

    Its seed from the operating system is kept by NumPy, so the state is known although nobody looked then;
    not if code has seeded it since.
    """
    born = _born() if NUMPY_RANDOM not in known else None
    return {} if born is None else {NUMPY_RANDOM: born[1]}


def _born() -> tuple[int, State] | None:
    """The seed NumPy took for its global generator, and the state that gave; None if code has seeded it."""
    numpy_random = imported("numpy.random")
    seed = None if numpy_random is None else numpy_random.get_bit_generator().seed_seq
    if seed is None or not isinstance(seed.entropy, int):
        return None
    return seed.entropy, _from_entropy(seed.entropy)


def _from_entropy(entropy: int) -> State:
    import numpy.random

    return State(numpy.random.RandomState(numpy.random.MT19937(entropy)).get_state(legacy=False))


def to_record(
    before: Mapping[str, State], reads: Mapping[str, int], writes: Mapping[str, Write], aside: set[str]
) -> dict[str, GeneratorState]:
    """What a record keeps of the states before its cell: all digests; the state where the cell drew from it.

    Args:
        before: the states before the cell.
        reads: what the cell read; `writes`: what it bound or changed.
        aside: generators that were drawn from, but not by the cell's code.
    """
    drawn = (reads.keys() & writes.keys()) - aside
    return {
        name: GeneratorState(state.digest, state.packed() if name in drawn else None)
        for name, state in before.items()
    }


def drawn_by_imports(source: str, read: Iterable[object], *, may_draw: bool, has_imported: bool) -> set[str]:
    """Global generators that only the import of a library can have drawn from (scikit-learn's rich does).

    Args:
        source: the cell's.
        read: the values that it read, those that its functions and classes use included.
        may_draw: it holds more than imports and definitions.
        has_imported: modules were imported while it ran.
    """
    if not may_draw:
        return {PYTHON_RANDOM, NUMPY_RANDOM}
    if not has_imported or _USES_PYTHONS.search(source) or any(map(_is_pythons, read)):
        return set()
    return {PYTHON_RANDOM}


def set_back(recorded: Mapping[str, Mapping[str, Any]], namespace: Mapping[str, Any]) -> list[str]:
    """Give generators the recorded states, where they have others; returns the names of those changed.

    Args:
        recorded: digest and state (`GeneratorState` as plain data) by name, globals in angle brackets.
        namespace: where the variables among the names are looked up; what is missing or is no generator of
            the recorded kind is left as it is.
    """
    changed = []
    for name, wanted in recorded.items():
        generator = _generator(name, namespace)
        now = None if generator is None else _of_value(generator)
        if now is None or wanted["state"] is None or now.digest == wanted["digest"]:
            continue
        try:
            _set(generator, unpacked(wanted["state"]))
        except (ValueError, TypeError, KeyError, binascii.Error):  # of another kind or version
            continue
        changed.append(name)
    return changed


def unpacked(state: Mapping[str, Any]) -> State:
    """The state that was packed.

    Raises:
        ValueError: it is not in that form.
    """
    if "entropy" in state:
        return _from_entropy(int(state["entropy"]))
    return State({name: _unpack(value) for name, value in state.items()})


def _is_pythons(value: object) -> bool:
    """True for the module `random`, and for what `from random import …` takes from it."""
    return value is random or (type(value) in _METHODS and getattr(value, "__self__", None) is _inst())


def _inst() -> Any:
    """Python's global generator."""
    return getattr(random, "_inst", None)


def _generator(name: str, namespace: Mapping[str, Any]) -> Any:
    if name == PYTHON_RANDOM:
        return _inst()
    if name == NUMPY_RANDOM:
        import numpy.random

        return numpy.random.mtrand._rand
    return namespace.get(name)


def _of_value(value: Any) -> State | None:
    cls = type(value)
    if cls is random.Random:
        return _of_python(value.getstate())
    numpy_random = imported("numpy.random")
    if numpy_random is None:
        return None
    if cls is numpy_random.RandomState:
        return State(value.get_state(legacy=False))
    if cls is numpy_random.Generator and type(value.bit_generator).__module__.startswith("numpy.random."):
        return State(value.bit_generator.state)
    return None


def _of_python(state: tuple[Any, ...]) -> State:
    version, words, gauss = state
    return State({"bit_generator": _PYTHON, "version": version, "state": array("I", words), "gauss": gauss})


def _set(generator: Any, state: State) -> None:
    if type(generator) is random.Random:
        raw = state.raw
        generator.setstate((raw["version"], tuple(raw["state"].tolist()), raw["gauss"]))
    elif type(generator).__name__ == "RandomState":
        generator.set_state(state.raw)
    else:
        generator.bit_generator.state = state.raw


def _bytes(value: Any) -> bytes:
    # four states around each cell: so the commonest first, and no generators
    kind = type(value)
    if kind is str or kind is int or kind is float or value is None:
        return repr(value).encode() + b";"
    if isinstance(value, dict):
        return b"".join([_name(name) + _bytes(item) for name, item in value.items()])
    return value.tobytes() if hasattr(value, "tobytes") else repr(value).encode() + b";"


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    return f"{name}:".encode()


def _pack(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _pack(item) for name, item in value.items()}
    if isinstance(value, array):
        return {"dtype": f"<u{value.itemsize}", "base64": base64.b64encode(value.tobytes()).decode()}
    if hasattr(value, "tobytes") and hasattr(value, "dtype") and value.ndim:
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        return {"dtype": little.dtype.str, "base64": base64.b64encode(little.tobytes()).decode()}
    return value.item() if hasattr(value, "item") else value


def _unpack(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value.keys() == {"dtype", "base64"}:
        import numpy as np

        return np.frombuffer(
            base64.b64decode(value["base64"], validate=True), np.dtype(value["dtype"])
        ).copy()
    return {name: _unpack(item) for name, item in value.items()}
