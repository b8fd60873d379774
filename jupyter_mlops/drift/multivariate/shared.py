"""What both frames have in common, sampled: the columns that take part, and words about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.drift.multivariate.columns import Column, LeftOutError, column_of, numbers_of
from jupyter_mlops.drift.result import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jupyter_mlops.drift.multivariate.columns import Floats

NAMES_IN_NOTE = 5
# A running number of which a filter left one row in twenty is still one.
CLOSE = 20


@dataclass(frozen=True)
class Shared:
    """Columns of both frames.

    Attributes:
        n: rows of the reference in each column; they come first.
        m: rows of the current frame.
        note: the rows that were used, and what was left out.
    """

    columns: tuple[Column, ...]
    n: int
    m: int
    note: str


def shared_columns(
    reference: pd.DataFrame, current: pd.DataFrame, names: Sequence[str], rows: int, seed: int
) -> Shared:
    """The named columns of at most `rows` rows of each frame, drawn by `seed`."""
    draws = np.random.default_rng(seed)
    ref, cur = (_sampled(side, rows, draws) for side in (reference, current))
    columns: list[Column] = []
    left_out: dict[str, list[str]] = {}
    for name in names:
        try:
            if name not in cur.columns or name not in ref.columns:
                raise LeftOutError(f"only in {'reference' if name in ref.columns else 'current'}")
            column = column_of(name, ref[name], cur[name])
            if all(map(_never_repeats, np.split(column.values, [len(ref)]))) and all(
                counts_rows(side[name]) for side in (reference, current)
            ):
                raise LeftOutError("counts rows")
        except LeftOutError as error:
            left_out.setdefault(str(error), []).append(name)
        else:
            columns.append(column)
    used = f"{_part(len(ref), len(reference))} reference and {_part(len(cur), len(current))} current rows"
    return Shared(tuple(columns), len(ref), len(cur), used + told(left_out))


def counts_rows(side: pd.Series) -> bool:
    """Whether a numeric column holds a running number, which any later frame has others of.

    Whole numbers, close together, of which none repeats: by chance that does not happen.
    """
    values = numbers_of(side)
    return values is not None and _never_repeats(values) and float(np.ptp(values)) < CLOSE * len(values)


def told(left_out: dict[str, list[str]]) -> str:
    """What was left out, as the end of a note; "" if nothing was."""
    if not left_out:
        return ""
    return "; left out: " + "; ".join(f"{_listed(names)} ({reason})" for reason, names in left_out.items())


def _never_repeats(values: Floats) -> bool:
    """Whether these are whole numbers, none missing and each another one."""
    return (
        bool((np.isfinite(values) & (np.floor(values) == values)).all())
        and not (np.diff(np.sort(values)) == 0).any()
    )


def _sampled(frame: pd.DataFrame, rows: int, draws: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= rows:
        return frame
    return frame.take(np.sort(draws.choice(len(frame), size=rows, replace=False)))


def _part(used: int, of: int) -> str:
    return f"{used:,}" if used == of else f"{used:,} of {of:,}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_IN_NOTE} more" if len(names) > NAMES_IN_NOTE else ""
    return ", ".join(short_name(name) for name in names[:NAMES_IN_NOTE]) + more
