"""What may be compared: two frames with rows, unique names, and something in common."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jupyter_mlops.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

NAMED_IN_ERRORS = 5


def checked_frame(frame: object, side: str) -> pd.DataFrame:
    """The same frame with its column names as text, or a BadInputError; `side` names it in the error."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise BadInputError(
            f"The {side} data is a {type(frame).__name__}, not a pandas DataFrame.",
            "Pass a DataFrame: series.to_frame(), pd.DataFrame(array, columns=...), or table.to_pandas().",
        )
    names = [str(name) for name in frame.columns]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadInputError(
            f"The {side} frame has several columns of one name: {_listed(twice)}.",
            "Rename or drop them, so that each name (as text) stands for one column.",
        )
    if len(frame) == 0:
        raise BadInputError(
            f"The {side} frame has no rows.", "Pass a frame with rows; check the filter it came from."
        )
    return frame.set_axis(names, axis="columns")


def chosen_columns(
    reference: pd.DataFrame, current: pd.DataFrame, columns: Sequence[str] | None
) -> list[str]:
    """The names to report on: those asked for, or all of both frames in their order."""
    either = list(dict.fromkeys([*reference.columns, *current.columns]))
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
    if not set(chosen) & set(reference.columns) & set(current.columns):
        raise BadInputError(
            "The reference and the current frame have no column in common to compare.",
            "Pass two versions of the same table; rename columns so that they match.",
        )
    return chosen


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED_IN_ERRORS} more" if len(names) > NAMED_IN_ERRORS else ""
    return ", ".join(repr(name) for name in names[:NAMED_IN_ERRORS]) + more
