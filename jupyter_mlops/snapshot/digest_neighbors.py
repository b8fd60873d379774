"""Digests of scikit-learn's neighbour trees: their points and nodes, not how often they were asked.

Imported when the first value of ``sklearn.neighbors`` is met, so it is loaded already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.neighbors import BallTree, KDTree

from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

# Positions in the state of scikit-learn 1.9's trees that count queries: they change with every predict().
_COUNTERS = slice(7, 11)


@handles(KDTree, BallTree, whole=True)
def _tree(walk: Walk, value: Any) -> bytes:
    state = list(value.__getstate__())
    del state[_COUNTERS]
    return walk.node("neighbour tree", walk.token(type(value)), walk.token(tuple(state)))
