"""`drift`: has the data moved between two frames, where, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.drift import compare_frames
from jupyter_mlops.verbs.command import Frame, verb
from jupyter_mlops.widgets.drift import DriftReport

if TYPE_CHECKING:
    from collections.abc import Sequence


def drift(reference: Any, current: Any, *, columns: Sequence[str] | None = None) -> DriftReport:
    """Compare two pandas frames column by column: effect size decides, adjusted p-value accompanies.

    Args:
        reference: what is normal, such as the training data.
        current: what is looked at.
        columns: only these; all when None.

    Raises:
        BadInputError: not a frame, no rows, no common columns, or a column name that comes twice.
    """
    return DriftReport.from_result(compare_frames(reference, current, columns))


@verb("drift")
@click.argument("reference", type=Frame())
@click.argument("current", type=Frame())
@click.option("--columns", metavar="A,B,…", help="Only these columns.")
def command(reference: Any, current: Any, columns: str | None) -> DriftReport:
    """Show how CURRENT has drifted from REFERENCE.

    Each is a variable that holds a pandas frame, or the path of a CSV or Parquet file.

    The shell command ends with code 0 when nothing drifts, 1 when something does, 2 on an error.
    """
    names = [name.strip() for name in columns.split(",")] if columns else None
    return drift(reference, current, columns=names)
