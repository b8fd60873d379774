"""What the snapshot store knows of a value: its size, its first rows, and a profile of its columns.

Data is read column by column and never unpickled; of objects it is their class and size.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.tracking.frame_profiles import KINDS, stored_profile, without_tokens

if TYPE_CHECKING:
    from jupyter_mlops.drift.profile import ColumnProfile
    from jupyter_mlops.snapshot import SnapshotStore
    from jupyter_mlops.snapshot.taken import Taken

MOST_COLUMNS = 30
HEAD_ROWS = 10
_MOST_CELLS = 20_000_000
"""More are not read for ten rows or a picture."""
_CELL_LENGTH = 60
_BINS = 12
_NAMES = 8
_HEADED = KINDS | {"series", "polars series", "array", "index"}
_WORDS = {"dataframe": "frame", "polars dataframe": "polars frame"}


def size_words(store: SnapshotStore, digest: str) -> str:
    """Such as ``3,000 × 15 frame`` or ``LogisticRegression``; empty for what the store does not hold."""
    try:
        if digest not in store:
            return ""
        found = store.describe(digest)
        if found.kind == "object":
            return str(store.taken(digest).head.get("class", "object")).rpartition(".")[2]
    except MlopsError:  # a damaged file
        return ""
    sizes = " × ".join(f"{size:,}" for size in (found.rows, found.columns) if size is not None)
    return f"{sizes} {_WORDS.get(found.kind, found.kind)}".strip()


def head_of(store: SnapshotStore, digest: str) -> dict[str, Any] | None:
    """Column names and the first rows as texts; None for a value that has no rows.

    Raises:
        StoreError: a file of the value is missing or damaged.
    """
    import numpy as np

    taken = store.taken(digest)
    if taken.kind not in _HEADED or not taken.body:
        return None
    count = _columns_to_read(taken)
    columns = [taken.column(at) for at in range(count)]
    if not np.ndim(columns[0]):  # an array without dimensions is a number
        return None
    columns = [column[:HEAD_ROWS] for column in columns]
    names = [_text(label) for label in taken.labels[:count]]
    if len(columns) == 1 and np.ndim(columns[0]) > 1:  # an array of several dimensions is one column
        wide = np.reshape(columns[0], (len(columns[0]), -1))[:, :MOST_COLUMNS]
        columns, names = list(wide.T), [str(at) for at in range(wide.shape[1])]
    index = taken.index
    if index is not None:
        labels = index[:HEAD_ROWS]
        columns, names = [labels, *columns], [_text(index.name), *names]
    texts = [[_text(value) for value in _listed(column)] for column in columns]
    return {"columns": names, "rows": [list(row) for row in zip(*texts, strict=False)]}


def profile_of(store: SnapshotStore, digest: str) -> list[dict[str, Any]] | None:
    """Each column with its kind, what is missing, a summary and the counts of a small histogram.

    None for a value without columns, or one that is too large to be read for that and has no profile yet.

    Raises:
        StoreError: a file of the value is missing or damaged.
    """
    taken = store.taken(digest)
    if taken.kind in KINDS:
        is_known = store.profile(store.newest(digest)) is not None
        if not is_known and (taken.rows or 0) * len(taken.body) > _MOST_CELLS:
            return None
        found = stored_profile(store, digest)
        columns = list(found.columns.values()) if found else []
    else:
        columns = _of_series(taken)
    return [_column(each) for each in columns[:MOST_COLUMNS]] or None


def _of_series(taken: Taken) -> list[ColumnProfile]:
    import numpy as np
    import pandas as pd

    from jupyter_mlops.drift.profile import profile_column
    from jupyter_mlops.errors import BadInputError

    if taken.kind not in {"series", "array"} or not taken.body or not 0 < (taken.rows or 0) <= _MOST_CELLS:
        return []
    values = taken.column(0)
    if np.ndim(values) != 1:
        return []
    label = taken.labels[0]
    try:
        made = profile_column("" if label is None else str(label), pd.Series(values, dtype=values.dtype))
    except BadInputError:
        return []
    return [without_tokens(made)]


def _columns_to_read(taken: Taken) -> int:
    """At least one, at most so many that what is read stays small."""
    return max(1, min(MOST_COLUMNS, len(taken.body), _MOST_CELLS // max(1, taken.rows or 1)))


def _listed(column: Any) -> list[Any]:
    """The values as Python, pandas or NumPy say them best."""
    import numpy as np
    import pandas as pd

    if hasattr(column, "to_pylist"):
        return list(column.to_pylist())
    return list(pd.Series(column) if isinstance(column, np.ndarray) and column.dtype.kind in "mM" else column)


def _text(value: Any) -> str:
    from jupyter_mlops.snapshot.mask_tokens import is_token

    if isinstance(value, float):
        text = "" if value != value else f"{value:.6g}"  # noqa: PLR0124 # NaN alone differs from itself
    elif value is None or type(value).__name__ in {"NAType", "NaTType"}:
        text = ""
    elif isinstance(value, str) and is_token(value):
        text = "masked"
    else:
        text = str(value)
    return text if len(text) <= _CELL_LENGTH else f"{text[: _CELL_LENGTH - 1]}…"


def _column(column: ColumnProfile) -> dict[str, Any]:
    from jupyter_mlops.drift.profile.ordered import Ordered

    summary = ""
    bins: list[list[Any]] = []
    if isinstance(column.values, Ordered):
        summary, bins = _of_numbers(column)
    elif column.values is not None:
        summary, bins = _of_names(column)
    return {
        "column": _text(column.name),
        "kind": column.dtype if column.family in {"nested", "unsupported"} else column.family,
        "missing": column.missing,
        "summary": summary,
        "bins": bins,
    }


def _of_numbers(column: ColumnProfile) -> tuple[str, list[list[Any]]]:
    import numpy as np

    values: Any = column.values
    if not values.n:
        return "", []
    says = _time if column.family.startswith("time") else _number
    low, high = values.minimum, values.maximum
    summary = f"{says(low)} to {says(high)}"
    if not column.family.startswith("time"):
        summary += f", mean {says(values.mean)}"
    if low == high:
        return f"always {says(low)}", [[says(low), values.n]]
    if not np.isfinite(high - low):
        return summary, [[says(low), values.n]]
    if values.unit == 1.0 and high - low < _BINS:  # few whole numbers: a bar each
        whole = np.arange(low, high + 1)
        each = values.counts_upto(whole) - values.counts_below(whole)
        return summary, [[f"{at:.0f}", round(count)] for at, count in zip(whole, each.tolist(), strict=True)]
    edges = np.linspace(low, high, _BINS + 1)
    counts = np.rint(values.counts_between(edges[1:-1], "below")).astype(int)
    labels = [f"{says(one)} – {says(other)}" for one, other in pairwise(edges)]
    return summary, [[label, int(count)] for label, count in zip(labels, counts, strict=True)]


def _of_names(column: ColumnProfile) -> tuple[str, list[list[Any]]]:
    values: Any = column.values
    summary = f"{values.distinct:,} value{'' if values.distinct == 1 else 's'}"
    counted = zip(values.names[:_NAMES], values.counts[:_NAMES], strict=False)
    bins: list[list[Any]] = [[_text(name), int(count)] for name, count in counted]
    rest = values.n - sum(count for _, count in bins)
    return summary, [*bins, ["others", int(rest)]] if bins and rest > 0 else bins


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e12 else f"{value:.4g}"


def _time(microseconds: float) -> str:
    import numpy as np

    text = str(np.datetime64(int(microseconds), "us"))
    return text[:16].replace("T", " ").removesuffix(" 00:00")
