"""`validate`: does a frame hold what its reference lets expect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.drift.validate import Expectations, expectations_of, validate_frame
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.notebook.session import current_session
from jupyter_mlops.settings import load_settings
from jupyter_mlops.verbs.command import Frame, FrameOrName, read_json, verb
from jupyter_mlops.verbs.drift_sides import side_of
from jupyter_mlops.widgets.validate import ValidationReport

if TYPE_CHECKING:
    from collections.abc import Sequence


def validate(frame: Any, against: Any = None, *, columns: Sequence[str] | None = None) -> ValidationReport:
    """Check a frame against what its reference lets expect: types, missing values, ranges, categories, keys.

    Args:
        frame: of pandas or polars, an Arrow table, or the path of a CSV or Parquet file.
        against: the reference: a frame or file likewise, its `FrameProfile` or the path of one as JSON, a
            snapshot (``df@3``, ``RUN:X_train``), a registered model (``income@champion``), which stands for
            what it was trained on, or expectations that were saved.
        columns: only these; all when None.

    Raises:
        BadInputError: not a frame, no reference, a column name that comes twice, or an unknown one.
        NotFoundError: no such file.
    """
    if against is None:
        raise BadInputError(
            "there is nothing to validate the frame against",
            "Give a reference with --against: a frame, a CSV or Parquet file, or what --save wrote.",
        )
    expected = _expected(against, columns).without_values(_masked())
    table = _read(frame) if isinstance(frame, (str, Path)) else frame
    return ValidationReport.from_result(validate_frame(table, expected, columns))


def _expected(against: Any, columns: Sequence[str] | None) -> Expectations:
    if isinstance(against, Expectations):
        return against
    if _is_json(against):
        data = read_json(Path(against))
        if isinstance(data, dict) and "expectations" in data:
            return Expectations.from_dict(data)
    return expectations_of(side_of(against, "reference").profile_of_all(), columns)


def _is_json(value: Any) -> bool:
    return isinstance(value, (str, Path)) and Path(value).suffix.lower() == ".json"


def _read(path: str | Path) -> Any:
    return Frame().convert(str(path), None, None)


def _masked() -> frozenset[str]:
    """Columns whose values are not to be shown or written, here and in every session."""
    session = current_session()
    return frozenset((*load_settings().mask, *(session.privacy.masked.names if session else ())))


@verb("validate")
@click.argument("frame", type=Frame())
@click.option("--against", metavar="NAME", type=FrameOrName(), help="The reference: a frame, file or name.")
@click.option("--columns", metavar="A,B,…", help="Only these columns.")
@click.option("--save", metavar="FILE", help="Write what is expected as JSON: edit it, give it to --against.")
@click.option("--pandera", metavar="FILE", help="Write what is expected as a Python module for pandera.")
def command(
    frame: Any, against: Any, columns: str | None, save: str | None, pandera: str | None
) -> ValidationReport:
    """Check FRAME against what its reference lets expect, a line for each column and kind of check.

    FRAME is a variable that holds a frame of pandas or polars, or the path of a CSV or Parquet file. So is
    the reference, which can also be the path of a profile or of saved expectations (JSON), a snapshot (df@3,
    RUN:X_train) or a registered model (income@champion).

    The shell command ends with code 0 when no check fails, 1 when one does, 2 on an error.
    """
    names = [name.strip() for name in columns.split(",")] if columns else None
    report = validate(frame, against, columns=names)
    if save:
        report.save(save)
    if pandera:
        report.to_pandera(pandera)
    return report
