"""Distinct values and their counts, of texts and of anything else by its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.drift.profile.categories import (
    MOST_NAMED,
    Categories,
    categories_of,
    hashed_categories,
    most_common,
)

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.profile.hashes import Hashes

_AT_ONCE = 32_768


class NestedValuesError(Exception):
    """A column holds lists, dicts, arrays or the like: there is no distribution to compare."""


def of_texts(values: pd.Series) -> Categories:
    """Texts by value, missing ones left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        # One pass over Arrow's buffers, without an object a row.
        counted = pc.value_counts(pa.array(values, type=pa.large_string(), from_pandas=True))
    except (pa.ArrowException, UnicodeError):  # texts that are no Unicode: lone surrogates
        found = values.value_counts(sort=False)
        names = [str(value).encode("utf-8", "replace").decode() for value in found.index]
        return categories_of(names, np.asarray(found, dtype=np.int64))
    texts, counts = counted.field(0), counted.field(1).to_numpy()
    if texts.null_count:
        here = texts.is_valid()
        texts, counts = texts.filter(here), counts[here.to_numpy(zero_copy_only=False)]
    if len(texts) <= MOST_NAMED:
        return categories_of(texts.to_pylist(), counts)
    top = most_common(counts)
    return hashed_categories(_hashes(texts), counts, [texts[at].as_py() for at in top], top)


def _hashes(texts: Any) -> Hashes:
    """Of Arrow's texts, as of Python's: their bytes are UTF-8. Some at a time, as objects take memory."""
    import pyarrow as pa
    from xxhash import xxh3_64_intdigest

    hashes = np.empty(len(texts), dtype=np.uint64)
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE].cast(pa.large_binary()).to_pylist()
        hashes[start : start + len(part)] = np.fromiter(map(xxh3_64_intdigest, part), np.uint64, len(part))
    return hashes


def of_booleans(values: pd.Series) -> Categories:
    """True and False."""
    true = int(values.to_numpy(dtype=bool).sum())
    counted = {"False": len(values) - true, "True": true}
    present = {name: count for name, count in counted.items() if count}
    return categories_of(list(present), np.array(list(present.values()), dtype=np.int64))


def of_others(values: pd.Series) -> tuple[Categories, bool]:
    """Values of any hashable types by type and text, and whether there are several types.

    1, 1.0, True and "1" are equal or look equal, and are different things to a model.

    Raises:
        NestedValuesError: a value is a container.
    """
    import pandas as pd

    objects = values.to_numpy(dtype=object)
    type_codes, types = pd.factorize(np.frompyfunc(type, 1, 1)(objects))
    if any(issubclass(kind, (tuple, frozenset)) or kind.__hash__ is None for kind in types):
        raise NestedValuesError("nested values")
    value_codes, _ = pd.factorize(objects)
    codes, pairs = pd.factorize(type_codes * (value_codes.max(initial=0) + 1) + value_codes)
    first = np.zeros(len(pairs), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    counts = np.bincount(codes, minlength=len(pairs))
    by_name: dict[str, int] = {}
    for name, count in zip((_name(objects[at]) for at in first), counts.tolist(), strict=True):
        by_name[name] = by_name.get(name, 0) + count
    found = categories_of(list(by_name), np.array(list(by_name.values()), dtype=np.int64))
    return found, len(types) > 1


def _name(value: Any) -> str:
    return value if isinstance(value, str) else f"{value} ({type(value).__name__})"
