"""What may be compared: two frames with rows, unique names, and something in common."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

NAMED_IN_ERRORS = 5


def checked_frame(frame: object, side: str) -> pd.DataFrame:
    """The frame as one of pandas with its column names as text; `side` names it in errors.

    Raises:
        BadInputError: it is not a frame, has no rows, or several columns of one name.
    """
    table = _as_pandas(frame)
    called = f"{side} " if side else ""
    if table is None:
        raise BadInputError(
            f"The {called}data is a {type(frame).__name__}, not a data frame.",
            "Pass a frame of pandas or polars or an Arrow table: series.to_frame(), "
            "pd.DataFrame(array, columns=...).",
        )
    names = [str(name) for name in table.columns]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadInputError(
            f"The {called}frame has several columns of one name: {_listed(twice)}.",
            "Rename or drop them, so that each name (as text) stands for one column.",
        )
    if len(table) == 0:
        raise BadInputError(
            f"The {called}frame has no rows.", "Pass a frame with rows; check the filter it came from."
        )
    return table.set_axis(names, axis="columns")


def chosen_columns(
    reference: Iterable[str], current: Iterable[str], columns: Sequence[str] | None
) -> list[str]:
    """The names to report on of those that either side has: those asked for, or all in their order.

    Raises:
        BadInputError: a name that neither has, or no name in common.
    """
    either = list(dict.fromkeys([*reference, *current]))
    if columns is None:
        chosen = either
    else:
        asked = [columns] if isinstance(columns, str) else columns
        chosen = list(dict.fromkeys(str(name) for name in asked))
        unknown = [name for name in chosen if name not in set(either)]
        if unknown:
            raise BadInputError(
                f"No column of either frame is named {_listed(unknown)}.{did_you_mean(unknown[0], either)}",
                "Name columns that a frame has, or leave them out to compare all.",
            )
    if not set(chosen) & set(reference) & set(current):
        raise BadInputError(
            "The reference and the current frame have no column in common to compare.",
            "Pass two versions of the same table; rename columns so that they match.",
        )
    return chosen


def require_column(frame: pd.DataFrame, name: str, side: str) -> None:
    """Nothing if the frame has that column.

    Raises:
        BadInputError: it has not.
    """
    if name not in frame.columns:
        raise BadInputError(
            f"The {side} frame has no column {name!r}.{did_you_mean(name, list(frame.columns))}",
            "Name a column that both frames have.",
        )


def too_many(count: int, most: int, what: str, fix: str) -> None:
    """Nothing up to `most`.

    Raises:
        BadInputError: there are more.
    """
    if count > most:
        raise BadInputError(f"That makes {count:,} {what}, and {most:,} is the most.", fix)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED_IN_ERRORS} more" if len(names) > NAMED_IN_ERRORS else ""
    return ", ".join(repr(name) for name in names[:NAMED_IN_ERRORS]) + more


def _as_pandas(frame: object) -> pd.DataFrame | None:
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        return frame
    import narwhals as nw

    wrapped: object = nw.from_native(frame, pass_through=True)
    if isinstance(wrapped, nw.LazyFrame):
        wrapped = wrapped.collect()
    return wrapped.to_pandas() if isinstance(wrapped, nw.DataFrame) else None
