"""Which function builds which kind of part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import (
    adaboost,
    calibrated,
    encoding,
    filling,
    float32_trees,
    linear,
    meta,
    one_against,
    others,
    scaling,
    shaping,
    structure,
    trees,
    wrapping,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    **structure.BUILDERS,
    **filling.BUILDERS,
    **scaling.BUILDERS,
    **shaping.BUILDERS,
    **encoding.BUILDERS,
    **linear.BUILDERS,
    **others.BUILDERS,
    **trees.BUILDERS,
    **adaboost.BUILDERS,
    **float32_trees.BUILDERS,
    **meta.BUILDERS,
    **one_against.BUILDERS,
    **calibrated.BUILDERS,
    **wrapping.BUILDERS,
}
"""The ``kind`` of a node -> what builds the part from the node and the reader."""
