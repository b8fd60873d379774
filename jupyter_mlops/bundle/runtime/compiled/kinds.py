"""Which function builds which kind of part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import encoding, linear, scaling, structure, trees

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    **structure.BUILDERS,
    **scaling.BUILDERS,
    **encoding.BUILDERS,
    **linear.BUILDERS,
    **trees.BUILDERS,
}
"""The ``kind`` of a node -> what builds the part from the node and the reader."""
