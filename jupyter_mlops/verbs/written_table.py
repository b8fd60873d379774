"""A table as a file, CSV or Parquet: whole, and never over another one unasked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import BadInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = (".csv", ".parquet", ".pq")
_NO_TABLES = frozenset(("object", "sparse"))


def check_file(file: Path, *, force: bool) -> None:
    """Raise BadInputError or NotFoundError unless a table can be written to that name."""
    if file.suffix.lower() not in _SUFFIXES:
        raise BadInputError(
            f"the file {str(file)!r} is neither CSV nor Parquet", "Let its name end in .csv or .parquet."
        )
    if file.exists() and not (force and file.is_file()):
        raise BadInputError(
            f"the file {str(file)!r} exists already", "Name another one, or replace it with --force."
        )
    if not file.absolute().parent.is_dir():
        raise NotFoundError(f"there is no folder {str(file.parent)!r}", "Make it first, or name another.")


def write_table(value: Any, kind: str, file: Path) -> None:
    """Write it whole, then name it; a CSV has the index only where that says more than row numbers.

    Args:
        value: a frame, series, table or array.
        kind: what the snapshot store calls it.
        file: ends in .csv or .parquet.

    Raises:
        BadInputError: it is no table, or the file cannot be written.
    """
    if kind in _NO_TABLES:
        raise BadInputError(
            f"a {type(value).__name__} is no table that could be written to {str(file)!r}",
            "Restore it as a variable: leave the file out, or use jupyter_mlops.restore().",
        )
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _write(value, kind, new, as_csv=file.suffix.lower() == ".csv")
        new.replace(file)
    except (ValueError, TypeError, NotImplementedError, OSError) as error:
        raise BadInputError(
            f"the value cannot be written to {str(file)!r} ({type(error).__name__})",
            "Try the other of .csv and .parquet, or another folder; or use jupyter_mlops.restore().",
        ) from error
    finally:
        new.unlink(missing_ok=True)


def _write(value: Any, kind: str, file: Path, *, as_csv: bool) -> None:
    if kind.startswith("polars"):
        _write_polars(value.to_frame() if kind == "polars series" else value, file, as_csv=as_csv)
        return
    if kind.startswith("arrow"):
        _write_arrow(value, file, as_csv=as_csv)
        return
    import pandas as pd

    frame = value.to_frame() if isinstance(value, pd.Series) else pd.DataFrame(value)
    frame.columns = frame.columns.map(str) if frame.columns.nlevels == 1 else frame.columns
    if as_csv:
        frame.to_csv(file, index=not isinstance(frame.index, pd.RangeIndex))
    else:
        frame.to_parquet(file)


def _write_polars(frame: Any, file: Path, *, as_csv: bool) -> None:
    import polars as pl  # type: ignore[import-not-found, unused-ignore]

    try:
        frame.write_csv(file) if as_csv else frame.write_parquet(file)
    except pl.exceptions.PolarsError as error:  # lists and structs in a CSV
        raise ValueError from error


def _write_arrow(value: Any, file: Path, *, as_csv: bool) -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = value if hasattr(value, "schema") else pa.table({"values": value})
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    csv.write_csv(table, file) if as_csv else parquet.write_table(table, file)
