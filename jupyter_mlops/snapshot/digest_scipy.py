"""Digests of SciPy's sparse arrays: the stored parts, not the flags that are set while they are used.

Imported when the first value of SciPy is met, so SciPy is there already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scipy import sparse

from jupyter_mlops.snapshot.registry import handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

_PARTS = {
    "csr": ("data", "indices", "indptr"),
    "csc": ("data", "indices", "indptr"),
    "bsr": ("data", "indices", "indptr"),
    "coo": ("data", "coords"),
    "dia": ("data", "offsets"),
    "lil": ("data", "rows"),
    "dok": ("_dict",),
}


def _sparse(walk: Walk, value: Any) -> bytes:
    form = value.format
    parts = [getattr(value, name) for name in _PARTS[form]]
    return walk.node("sparse", walk.tokens((type(value), form, value.dtype, value.shape)), walk.tokens(parts))


handles(sparse.sparray, sparse.spmatrix, whole=True)(_sparse)
