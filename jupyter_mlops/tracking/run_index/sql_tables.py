"""MLflow's tables in a PostgreSQL, MySQL or SQL Server database, read through SQLAlchemy without MLflow.

Their rows have no numbers that tell what is new. So the database counts what each run has, which it does
in tenths of a second for ten thousand runs, and runs with other counts than before are read anew.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from jupyter_mlops.tracking.run_index.known import ACTIVE, KEPT_TAGS, RUN_NAME, USERS, Experiment, RunRow
from jupyter_mlops.tracking.run_index.tables import NotAsExpectedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from jupyter_mlops.tracking.run_index.known import Triple

_PART = 50_000
_ASKED_TOGETHER = 1000
_GROUPS = ("metrics", "params", "data")


@contextlib.contextmanager
def reading(uri: str) -> Iterator[SqlTables]:
    """MLflow's tables at an address, in one transaction.

    Raises:
        SQLAlchemyError: the database cannot be used.
        NotAsExpectedError: its tables are not MLflow's, or not those of its present version.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ProgrammingError
    from sqlalchemy.pool import NullPool

    engine = create_engine(uri, poolclass=NullPool)
    try:
        with engine.connect() as database:
            yield SqlTables(database)
    except ProgrammingError as error:  # a table or a column that is not there
        raise NotAsExpectedError from error
    finally:
        engine.dispose()


class SqlTables:
    """MLflow's tables in an open database.

    Args:
        database: the connection.
    """

    def __init__(self, database: Connection) -> None:
        from sqlalchemy import column, table

        def of(name: str, *columns: str) -> Any:
            return table(name, *(column(each) for each in columns))

        self._database = database
        self._experiments = of("experiments", "experiment_id", "name", "lifecycle_stage")
        self._runs = of(
            "runs", "run_uuid", "name", "status", "start_time", "end_time", "lifecycle_stage", "experiment_id"
        )
        self._metrics = of("latest_metrics", "run_uuid", "key", "value", "is_nan", "timestamp", "step")
        self._params = of("params", "run_uuid", "key", "value")
        self._tags = of("tags", "run_uuid", "key", "value")
        self._inputs = of("inputs", "source_type", "source_id", "destination_type", "destination_id")
        self._datasets = of("datasets", "dataset_uuid", "name", "digest")
        self._values = {
            "metrics": (self._select_metrics(), self._metrics.c.run_uuid),
            "params": (self._select_params(), self._params.c.run_uuid),
            "data": (self._select_data(), self._inputs.c.destination_id),
        }

    def changes(
        self, marks: Mapping[str, Any]
    ) -> tuple[Mapping[str, Collection[str]] | None, dict[str, Any]]:
        """See `Tables`."""
        from sqlalchemy import func, select

        metrics, params, inputs = self._metrics.c, self._params.c, self._inputs.c
        counted = {
            "metrics": select(
                metrics.run_uuid, func.count(), func.max(metrics.timestamp), func.sum(metrics.step)
            ).group_by(metrics.run_uuid),
            "params": select(params.run_uuid, func.count()).group_by(params.run_uuid),
            "data": select(inputs.destination_id, func.count())
            .where(inputs.destination_type == "RUN")
            .group_by(inputs.destination_id),
        }
        counts = {
            group: {run_id: [int(each or 0) for each in numbers] for run_id, *numbers in self._rows(question)}
            for group, question in counted.items()
        }
        before = marks.get("counts")
        if before is None:
            return None, {"counts": counts}
        changed = {
            group: {
                run_id for run_id, numbers in counts[group].items() if before[group].get(run_id) != numbers
            }
            for group in _GROUPS
        }
        return changed, {"counts": counts}

    def experiments(self) -> dict[str, Experiment]:
        """See `Tables`."""
        from sqlalchemy import select

        rows = self._rows(select(self._experiments).order_by(self._experiments.c.experiment_id))
        return {str(key): Experiment(name, stage == ACTIVE) for key, name, stage in rows}

    def runs(self) -> list[RunRow]:
        """See `Tables`."""
        from sqlalchemy import select

        rows = self._rows(select(self._runs))
        names = {}
        if not all(row[1] for row in rows):
            tags = self._tags.c
            names = dict(self._rows(select(tags.run_uuid, tags.value).where(tags.key == RUN_NAME)))
        return [
            RunRow(key, name or names.get(key) or key[:8], status or "", start or 0, end, stage, str(home))
            for key, name, status, start, end, stage, home in rows
        ]

    def values(self, group: str, run_ids: Collection[str] | None) -> Iterator[tuple[Sequence[Triple], float]]:
        """See `Tables`."""
        if group == "tags":
            yield self._kept_tags(), 1.0
            return
        question, run_id = self._values[group]
        if run_ids is None:
            yield from self._in_parts(question)
            return
        chosen = sorted(run_ids)
        for start in range(0, len(chosen), _ASKED_TOGETHER):
            some = chosen[start : start + _ASKED_TOGETHER]
            yield self._rows(question.where(run_id.in_(some))), (start + len(some)) / len(chosen)

    def _in_parts(self, question: Select[Any]) -> Iterator[tuple[Sequence[Triple], float]]:
        from sqlalchemy import func, select

        count = self._rows(select(func.count()).select_from(question.subquery()))[0][0]
        found = self._database.execution_options(stream_results=True).execute(question)
        for number, part in enumerate(found.partitions(_PART), start=1):
            yield [tuple(row) for row in part], number * _PART / count

    def _kept_tags(self) -> list[Triple]:
        from sqlalchemy import or_, select

        tags = self._tags.c
        kept = or_(tags.key.in_(KEPT_TAGS), tags.key.startswith(USERS, autoescape=True))
        return self._rows(select(tags.run_uuid, tags.key, tags.value).where(kept))

    def _select_metrics(self) -> Select[Any]:
        from sqlalchemy import case, null, select, true

        metrics = self._metrics.c
        value = case((metrics.is_nan == true(), null()), else_=metrics.value)
        return select(metrics.run_uuid, metrics.key, value)

    def _select_params(self) -> Select[Any]:
        from sqlalchemy import select

        return select(self._params)

    def _select_data(self) -> Select[Any]:
        from sqlalchemy import select

        inputs, datasets = self._inputs.c, self._datasets.c
        return (
            select(inputs.destination_id, datasets.name, datasets.digest)
            .join_from(self._inputs, self._datasets, datasets.dataset_uuid == inputs.source_id)
            .where(inputs.source_type == "DATASET", inputs.destination_type == "RUN")
        )

    def _rows(self, question: Select[Any]) -> list[Any]:
        return [tuple(row) for row in self._database.execute(question)]
