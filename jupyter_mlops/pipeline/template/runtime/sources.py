"""Where data comes from: a file, an address, a table or query of a database, or a snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .errors import PipelineError

_FILES = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet"}
_PLAIN = ("http", "https", "ftp", "file", "s3", "gs", "gcs", "abfs", "abfss", "az", "hdfs")
_CHUNK = 1 << 20
_sources: ContextVar[Mapping[str, str]] = ContextVar("sources")
_sample: ContextVar[int | None] = ContextVar("sample", default=None)


@contextmanager
def reading(sources: Mapping[str, str], sample: int | None = None) -> Iterator[None]:
    """While it lasts, `source_of` knows these, and `read_data` gives at most `sample` rows of each table."""
    tokens = _sources.set(sources), _sample.set(sample)
    try:
        yield
    finally:
        _sources.reset(tokens[0])
        _sample.reset(tokens[1])


def source_of(name: str) -> str:
    """Where a data source of the running pipeline is."""
    return _sources.get()[name]


def read_data(reader: Callable[..., Any] | None, place: str | Path, *arguments: Any, **options: Any) -> Any:
    """A table, read as the notebook read it where it is of the same kind.

    Args:
        reader: the function that the notebook called; None where it took a snapshot.
        place: a file or an address that it takes; or a Parquet or CSV file; or a database as
            ``sqlite:///shop.db#TABLE`` or ``…#SELECT …`` (any address of SQLAlchemy); or ``snapshot:DIGEST``.
        arguments: more arguments of the reader.
        options: its options; they do not apply where the source is of another kind.

    Raises:
        PipelineError: it is not there, or cannot be read so.
    """
    import pandas as pd

    table = _table(reader, str(place), arguments, options)
    rows = _sample.get()
    if rows is not None and isinstance(table, pd.DataFrame) and len(table) > rows:
        table = table.sample(n=rows, random_state=0).sort_index()
    return table


def _table(reader: Callable[..., Any] | None, place: str, arguments: Any, options: Any) -> Any:
    import pandas as pd

    name = getattr(reader, "__name__", "")
    if place.startswith("snapshot:"):
        return _snapshot(place.removeprefix("snapshot:"))
    if reader is not None and not str(reader.__module__).startswith("pandas"):
        return reader(place, *arguments, **options)  # another library's frames
    if is_database(place) and not name.startswith("read_sql"):
        return _query(place)
    if "://" not in place and not Path(place).exists():
        raise PipelineError(f"there is no file {place}", "Say where the data is: --data PLACE")
    kind = _FILES.get(Path(urlsplit(place).path if "://" in place else place).suffix.lower())
    if kind == "parquet" and name != "read_parquet":
        return pd.read_parquet(place)
    if kind == "csv" and name not in {"read_csv", "read_table", "read_fwf"}:
        return pd.read_csv(place)
    if reader is None:
        raise PipelineError(
            f"it is not known how to read {place}", "Name a CSV or Parquet file, a table or a snapshot."
        )
    return reader(place, *arguments, **options)


def is_database(place: str) -> bool:
    """True for an address that SQLAlchemy knows what to do with."""
    scheme = place.partition("://")[0]
    return "://" in place and scheme.lower() not in _PLAIN


def _query(place: str) -> Any:
    import pandas as pd
    import sqlalchemy

    address, _, query = place.partition("#")
    if not query:
        raise PipelineError(
            "the database is named without a table", "Add a table or a query: --data 'ADDRESS#TABLE'"
        )
    engine = sqlalchemy.create_engine(address)
    try:
        with engine.connect() as connection:
            if query.strip().lower().startswith(("select ", "with ")):
                return pd.read_sql_query(sqlalchemy.text(query), connection)
            return pd.read_sql_table(query.strip(), connection)
    finally:
        engine.dispose()


def _snapshot(digest: str) -> Any:
    try:
        from jupyter_mlops.settings import load_settings
        from jupyter_mlops.snapshot.shared import project_store
    except ImportError as error:
        raise PipelineError(
            "the data is a snapshot, and jupyter-mlops is not installed here",
            "Install jupyter-mlops, or name a file: --data FILE",
        ) from error
    return project_store(load_settings()).get(digest)


def content_digest(place: str) -> str | None:
    """Digest of a file's content; None for what has to be read to know whether it has changed."""
    if place.startswith("snapshot:"):
        return place
    path = Path(place)
    if "://" in place or not path.is_file():
        return None
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def without_secrets(place: str) -> str:
    """A place as it may be shown: without user, password and query."""
    if "://" not in place:
        return place
    parts = urlsplit(place)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
