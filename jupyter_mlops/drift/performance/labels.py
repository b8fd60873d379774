"""Labels as numbers of classes, and labels that arrive later in a table of their own."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.drift.performance.sides import Floats, Integers

MISSING = -1
UNKNOWN = -2


@dataclass(frozen=True)
class Classes:
    """The labels of the reference in a fixed order; two classes have the negative one first."""

    values: tuple[Any, ...]

    def numbers(self, column: pd.Series) -> Integers:
        """(n,) the number of each row's class, `MISSING` without a label, `UNKNOWN` for any other label."""
        import pandas as pd

        codes, found = pd.factorize(hashable(column))
        place = {value: number for number, value in enumerate(self.values)}
        known = np.array([*(place.get(same(value), UNKNOWN) for value in found), MISSING], dtype=np.int64)
        return known[codes]

    def truth(self, column: pd.Series, what: str) -> Floats:
        """(n, K) 1 in the column of a row's class, NaN in rows without a label; (n, 1) for two classes.

        Raises:
            BadInputError: a label that the reference does not have.
        """
        numbers = self.checked_numbers(column, what)
        found = (numbers[:, None] == np.arange(len(self.values))).astype(float)
        found[numbers == MISSING] = np.nan
        return np.asarray(found[:, 1:] if len(self.values) == 2 else found)

    def checked_numbers(self, column: pd.Series, what: str) -> Integers:
        """`numbers`, or the error for labels that the reference does not have."""
        numbers = self.numbers(column)
        strange = int((numbers == UNKNOWN).sum())
        if strange:
            raise BadInputError(
                f"{strange:,} of {len(column):,} {what} are none of the labels in the reference's target.",
                "Code labels alike on both sides; take rows of a new class out and count them alone.",
            )
        return numbers


def classes_of(target: pd.Series, positive: object = None) -> Classes:
    """The classes of a target; of two, `positive` (or 1 beside 0 or -1) comes second.

    Raises:
        BadInputError: fewer than two classes, a continuous target, or two classes of which none is told to be
            the positive one.
    """
    import pandas as pd

    found = {same(value) for value in pd.unique(hashable(target).dropna())}
    if len(found) < 2:
        raise BadInputError(
            f"The reference's target has {len(found) or 'no'} class{'' if len(found) == 1 else 'es'}.",
            "Give a reference with labels of at least two classes: a period whose labels have arrived.",
        )
    ordered = sorted(found, key=lambda value: (isinstance(value, str), str(type(value)), value))
    if len(found) != 2:
        if positive is not None:
            raise BadInputError(
                f"positive= is for two classes; the target has {len(found)}.",
                "Leave it out, and give scores=.",
            )
        return Classes(tuple(ordered))
    if positive is not None and same(positive) not in found:
        raise BadInputError(
            "positive= is none of the target's two labels.", "Name one of them, with its own type."
        )
    if positive is None and found not in ({0, 1}, {-1, 1}):
        raise BadInputError(
            "The target's two labels are not 0 and 1, so the positive one is not known.",
            "Name it: positive='yes', for instance; the score is the probability of that label.",
        )
    last = 1 if positive is None else same(positive)
    return Classes((*(value for value in ordered if value != last), last))


def joined(
    current: pd.DataFrame, labels: pd.DataFrame | pd.Series | None, target: str, key: str | None
) -> pd.Series | None:
    """The label of each current row, missing where none has arrived; None if there are no labels at all.

    Args:
        current: the rows in question; its own `target` column counts if `labels` is None.
        labels: a table with `key` and `target`, rows in any order; without `key`, one label for each row.
        target: the name of the labels' column.
        key: the name of the column that both have.

    Raises:
        BadInputError: a column is missing, a key has two labels, no key of the labels is in the rows, or
            labels without a key are more or fewer than the rows.
    """
    import pandas as pd

    if labels is None:
        return current[target] if target in current.columns and current[target].notna().any() else None
    table = labels.to_frame(target) if isinstance(labels, pd.Series) else labels
    for frame, side in ((table, "labels"), (current, "current rows")):
        wanted = [*([key] if key else []), *([target] if side == "labels" else [])]
        absent = [name for name in wanted if name not in frame.columns]
        if absent:
            raise BadInputError(
                f"The {side} have no column {absent[0]!r}.",
                "labels= is a table with the columns of key= and target=; both tables have the key.",
            )
    if key is None:
        if len(table) != len(current):
            raise BadInputError(
                f"There are {len(table):,} labels for {len(current):,} rows, and no key to join them by.",
                "Name the column that both tables have: key='id'.",
            )
        return pd.Series(table[target].array, index=current.index)
    arrived = table[table[target].notna() & table[key].notna()]
    if arrived[key].duplicated().any():
        raise BadInputError(
            f"Some values of the key {key!r} have several labels.",
            "Keep one row for each: drop_duplicates(key).",
        )
    found = current[key].map(arrived.set_index(key)[target])
    if len(arrived) and not found.notna().any():
        raise BadInputError(
            f"No label belongs to a current row: the values of {key!r} have none in common.",
            "Check that both tables hold the same kind of id, and labels of this period.",
        )
    return found if found.notna().any() else None


def plain_column(column: pd.Series) -> pd.Series:
    """A column without pandas' own types of missing values and categories."""
    return column.astype(object).where(column.notna())


def hashable(column: pd.Series) -> pd.Series:
    """`plain_column`, or the error for nested values."""
    plain = plain_column(column)
    if any(kind.__hash__ is None for kind in set(map(type, plain))):
        raise BadInputError(
            "The labels hold nested values, lists for instance.",
            "Labels are texts, numbers or truth values, one for each row.",
        )
    return plain


def same(value: Any) -> Any:
    """The value that stands for all spellings of a label: 1, 1.0 and True are one label."""
    if isinstance(value, (bool, np.bool_, Integral)):
        return int(value)
    if isinstance(value, Real) or hasattr(value, "as_integer_ratio"):
        return int(value) if float(value).is_integer() else float(value)
    return str(value) if isinstance(value, str) else value
