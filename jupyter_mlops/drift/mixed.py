"""Object columns that hold something else than one known type: compared by type and text.

1, 1.0, True and "1" are equal or look equal, and are different things to a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.categories import compare_codes
from jupyter_mlops.drift.findings import Values

if TYPE_CHECKING:
    import pandas as pd


class NestedValuesError(Exception):
    """A column holds lists, dicts, arrays or the like: there is no distribution to compare."""


def compare_others(reference: pd.Series, current: pd.Series) -> Values:
    """Values of any hashable types.

    Raises:
        NestedValuesError: a value is a container.
    """
    import pandas as pd

    values = np.concatenate([reference.to_numpy(dtype=object), current.to_numpy(dtype=object)])
    type_codes, types = pd.factorize(np.frompyfunc(type, 1, 1)(values))
    if any(issubclass(kind, (tuple, frozenset)) or kind.__hash__ is None for kind in types):
        raise NestedValuesError("nested values")
    value_codes, _ = pd.factorize(values)
    codes, pairs = pd.factorize(type_codes * (value_codes.max() + 1) + value_codes)
    first = np.zeros(len(pairs), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    names = [f"{values[at]} ({type(values[at]).__name__})" for at in first]
    found = compare_codes(codes[: len(reference)], codes[len(reference) :], names)
    note = "mixed types" if len(types) > 1 else ""
    return Values(
        found.evidence,
        found.psi,
        found.js,
        unseen=found.unseen,
        histogram=found.histogram,
        kind=found.kind,
        note=note,
    )
