"""Values as they are now, for a thread that stores them later: what a cell waits for is this, and no more.

Where writers make copies (pandas, Polars) or nobody can write (Arrow), a shallow copy is enough; arrays are
copied up to a size; small estimators are pickled, which takes less than their digest took, and large ones are
left alive: whoever stores them looks whether they are still the same.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.snapshot.looking import imported, qualname_of

MOST_ARRAY_BYTES = 64 << 20  # an array has no copy-on-write: freezing it costs a copy in the cell
_MOST_PICKLED_BYTES = 128 << 10  # 0.1 to 3 ms; it gives up there, for a forest after 0.5 ms
_SPARSE = frozenset(
    f"{form}_{family}" for form in ("csr", "csc", "coo", "bsr", "dia") for family in ("array", "matrix")
)


@dataclass(frozen=True, eq=False)
class Live:
    """A value that later cells can change."""

    value: Any


@dataclass(frozen=True, eq=False)
class Pickled:
    """A value that was pickled in this process."""

    data: bytes


def freeze(value: Any) -> tuple[Any, str | None]:
    """A copy that later cells cannot change, `Pickled` or `Live`, or None: without a reason if it is no data.

    Whether an array can be stored is left to the thread: to look costs a pass over its objects, and, at
    the first array of a notebook without pandas, the import of all that storing needs.
    """
    cls = type(value)
    pandas = imported("pandas")
    if pandas is not None and issubclass(cls, pandas.DataFrame | pandas.Series):
        return value.copy(deep=False), None
    if _is_one_of(cls, "polars", "DataFrame", "Series"):
        return value.clone(), None
    base = imported("sklearn.base")
    if base is not None and issubclass(cls, base.BaseEstimator):
        return _estimator(value), None
    size = array_bytes(value)
    if size is None:
        return (value if _is_one_of(cls, "pyarrow", "Table", "RecordBatch") else None), None
    if size > MOST_ARRAY_BYTES:
        most = megabytes(MOST_ARRAY_BYTES)
        return None, f"it is an array of {megabytes(size)}; up to {most} are kept, or any frame"
    return value.copy(), None


def _estimator(value: Any) -> Live | Pickled:
    if imported("cloudpickle") is None:
        return Live(value)  # the thread imports it
    from jupyter_mlops.snapshot.pickling import pickled

    try:
        return Pickled(pickled(value, _MOST_PICKLED_BYTES, calls_user_code=False))
    except Exception:  # noqa: BLE001 - too large, or whatever a class raises: the thread finds out and says it
        return Live(value)


def array_bytes(value: Any) -> int | None:
    """What a NumPy array or a sparse one of SciPy takes in memory; None for other values."""
    cls = type(value)
    if _is_one_of(cls, "numpy", "ndarray"):  # a subclass may copy in its own way
        return int(value.nbytes) if value.ndim else None
    if _is_one_of(cls, "scipy.sparse", *_SPARSE):
        return sum(int(part.nbytes) for part in sparse_parts(value))
    return None


def sparse_parts(value: Any) -> list[Any]:
    """The arrays of a sparse one."""
    numpy = sys.modules["numpy"]
    coords = vars(value).get("coords", ())
    return [part for part in (*vars(value).values(), *coords) if isinstance(part, numpy.ndarray)]


def kind_of_table(value: Any) -> str | None:
    """What a run calls a table that is not pandas': ``polars frame``, ``arrow table``, …; else None."""
    cls = type(value)
    if _is_one_of(cls, "polars", "DataFrame"):
        return "polars frame"
    if _is_one_of(cls, "polars", "Series"):
        return "polars series"
    if _is_one_of(cls, "pyarrow", "Table", "RecordBatch"):
        return "arrow table"
    return "sparse" if _is_one_of(cls, "scipy.sparse", *_SPARSE) else None


def _is_one_of(cls: type, module: str, *names: str) -> bool:
    """By identity with what the library itself has under these names; imports nothing."""
    name, library = qualname_of(cls), sys.modules.get(module)
    return name in names and library is not None and vars(library).get(name) is cls


def megabytes(size: int) -> str:
    """A size for people, rounded up."""
    return f"{-(-size // 1_000_000):,} MB"
