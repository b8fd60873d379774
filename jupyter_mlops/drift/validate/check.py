"""Hold a frame against expectations: each has a line in the result, none is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.drift.inputs import checked_frame
from jupyter_mlops.drift.validate.column import Column
from jupyter_mlops.drift.validate.expectation import Expectation
from jupyter_mlops.drift.validate.result import Check, ValidationResult
from jupyter_mlops.drift.validate.rules import RULES, Finding, changed_type
from jupyter_mlops.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from jupyter_mlops.drift.validate.expectation import Expectations


def validate_frame(
    frame: Any, expectations: Expectations, columns: Sequence[str] | None = None
) -> ValidationResult:
    """Whether a frame is as expected, column by column.

    Args:
        frame: of pandas, polars, Arrow or what else Narwhals reads; a frame without rows fails.
        expectations: of a reference.
        columns: only these; all when None.

    Raises:
        BadInputError: it is not a frame, two columns have one name, or neither side has a column that is
            asked for.
    """
    table = _table(frame)
    asked = _asked(list(table.columns), expectations.columns, columns)
    checks = [*_of_frame(table, expectations, asked), *_of_columns(table, expectations, asked)]
    return ValidationResult(tuple(checks), expectations, len(table))


def _table(frame: Any) -> pd.DataFrame:
    """The frame as one of pandas; without rows, too."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        import narwhals as nw

        wrapped: Any = nw.from_native(frame, pass_through=True)
        frame = wrapped.collect() if isinstance(wrapped, nw.LazyFrame) else wrapped
    if hasattr(frame, "columns") and len(frame) == 0:
        return pd.DataFrame(columns=[str(name) for name in frame.columns])
    return checked_frame(frame, "")


def _asked(there: Sequence[str], expected: Sequence[str], columns: Sequence[str] | None) -> list[str]:
    either = list(dict.fromkeys([*expected, *there]))
    if columns is None:
        return either
    chosen = [columns] if isinstance(columns, str) else [str(name) for name in columns]
    unknown = [name for name in chosen if name not in either]
    if unknown or not chosen:
        named = f" named {unknown[0]!r}.{did_you_mean(unknown[0], either)}" if unknown else " named at all."
        raise BadInputError(
            f"Neither the frame nor its reference has a column{named}",
            "Name columns that one of them has, or leave them out to check all.",
        )
    return chosen


def _of_frame(table: pd.DataFrame, expectations: Expectations, asked: Sequence[str]) -> Iterator[Check]:
    """Its rows and its columns; a line for each column that is missing or is not expected."""
    kinds = {one.kind: one for one in expectations.each if not one.column}
    if "rows" in kinds:
        rows = len(table)
        none = Finding(0, 1, (), "fail", "the frame has no rows: no value was checked")
        yield Check(kinds["rows"], Finding(rows) if rows else none)
    if "columns" not in kinds:
        return
    whole = kinds["columns"]
    missing = [name for name in expectations.columns if name in asked and name not in table.columns]
    more = [name for name in table.columns if name in asked and name not in expectations.columns]
    if not missing and not more:
        yield Check(whole, Finding(len(table)))
    for name in missing:
        gone = Expectation(name, "columns", "a column of this name", whole.severity)
        yield Check(gone, Finding(len(table), max(1, len(table)), (), "fail", "the frame has no such column"))
    for name in more:
        extra = Expectation(name, "columns", "no such column", "warn", "the reference has no such column")
        yield Check(extra, Finding(len(table), max(1, len(table)), (), "warn"))


def _of_columns(table: pd.DataFrame, expectations: Expectations, asked: Sequence[str]) -> Iterator[Check]:
    for name in asked:
        mine = [one for one in expectations.each if one.column == name and one.kind in RULES]
        if name in table.columns and len(table):
            yield from _of_column(Column.of(table[name]), mine)


def _of_column(column: Column, mine: list[Expectation]) -> Iterator[Check]:
    """Its lines; where the type is another one, only those that need no values."""
    of_type = next((one for one in mine if one.kind == "type"), None)
    changed = of_type is not None and changed_type(column, of_type.limits["family"])
    left = [one.kind for one in mine if changed and one.kind not in {"type", "missing"}]
    for one in mine:
        if one.kind in left:
            continue
        found = RULES[one.kind](column, one.limits)
        yield Check(one, found, tuple(left) if one is of_type else ())
