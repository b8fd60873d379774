"""Digests of instances: their class, their attributes and their slots, in the order of the names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.looking import dict_of, hides_state, module_of, qualname_of, slots_of
from jupyter_mlops.snapshot.registry import UnknowableError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from jupyter_mlops.snapshot.walk import Walk

_NOTHING: frozenset[str] = frozenset()
# Their compiled types (scikit-learn's trees, losses, distances) describe themselves through __reduce__.
_COMPILED = frozenset(("numpy", "pandas", "scipy", "sklearn"))
# Cython makes a type of its own for its functions, one in each build.
_CYTHON_FUNCTIONS = frozenset(("cython_function_or_method", "fused_cython_function"))


def digest_instance(walk: Walk, value: object) -> bytes:
    """Digest an instance of a class that nobody registered.

    Raises:
        UnknowableError: the class keeps state where it cannot be seen (generators, files, locks, C types).
    """
    cls = type(value)
    if not hides_state(cls):
        return walk.node("instance", walk.token(cls), attributes_token(walk, value))
    if qualname_of(cls) in _CYTHON_FUNCTIONS:
        return named_callable(walk, value)
    if _is_compiled_by_a_known_library(cls):
        return walk.node("compiled instance", walk.token(value.__reduce__()))
    raise UnknowableError("a type with hidden state")


def attributes_token(
    walk: Walk, value: object, *, below: type = object, skip: AbstractSet[str] = _NOTHING
) -> bytes:
    """Tokens of all attributes, sorted by name: the order in which they were set means nothing."""
    pairs = [*dict_of(value).items(), *slots_of(value, below)]
    if not all(type(name) is str for name, _ in pairs):
        raise UnknowableError("an attribute without a name")
    kept = sorted((pair for pair in pairs if pair[0] not in skip), key=lambda pair: pair[0])
    return walk.tokens(part for pair in kept for part in pair)


def named_callable(walk: Walk, value: Any) -> bytes:
    """Digest a library's compiled function by its name."""
    return walk.node("compiled function", walk.tokens((value.__module__, value.__qualname__)))


def _is_compiled_by_a_known_library(cls: type) -> bool:
    module = module_of(cls)
    # A class of the user's may claim any module; what the module itself holds is the library's.
    held = vars(sys.modules[module]).get(qualname_of(cls)) if module in sys.modules else None
    return held is cls and module.partition(".")[0] in _COMPILED
