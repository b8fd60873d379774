"""Code and estimators that are told to write into the data they are given.

scikit-learn takes ``copy=False`` at its word: it makes the read-only view that pandas gives it writable and
writes into the frame, and into every frame that shares its memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.facts import is_estimator
from jupyter_mlops.snapshot.looking import dict_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

_OPTIONS = frozenset(("copy", "copy_X", "copy_x", "overwrite_a", "overwrite_b", "overwrite_x"))
_MOST = 200


def may_write_in_place(texts: AbstractSet[str], values: Iterable[Any]) -> bool:
    """True if code may change data that it was given without pandas knowing.

    Args:
        texts: the text constants of the code; names of keyword arguments are among them.
        values: what it can reach by name.
    """
    return not _OPTIONS.isdisjoint(texts) or any(_is_told_to(value) for value in values)


def _is_told_to(value: Any) -> bool:
    """True for an estimator, or one with such a step, that does not copy."""
    waiting = [value] if is_estimator(value) else []
    seen = 0
    while waiting and seen < _MOST:
        item = waiting.pop()
        seen += 1
        if is_estimator(item):
            options = dict_of(item)
            if any(options.get(name) is False for name in _OPTIONS):
                return True
            waiting += options.values()
        elif type(item) in {list, tuple}:  # steps and transformers, with their names
            waiting += item[:_MOST]
    return False
