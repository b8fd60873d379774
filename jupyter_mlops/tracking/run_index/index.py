"""Runs of a store as the index knows them: side by side, the newest, or one by what people type."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from jupyter_mlops.errors import NotFoundError, did_you_mean
from jupyter_mlops.tracking.run import Run, time_of
from jupyter_mlops.tracking.run_index.known import ACTIVE, ARCHIVED, HYPOTHESIS, KIND, SOURCE
from jupyter_mlops.tracking.run_table import RunTable, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from jupyter_mlops.tracking.run_index.entries import Entries
    from jupyter_mlops.tracking.run_index.known import Known

_MIN_ID_CHARS = 4
_MOST_OFFERED = 1000
"""So many of the newest names are compared with one that is not found."""
_DIGEST_CHARS = 6


class RunIndex:
    """The runs of one store. Those of sessions, which hold other runs, are left out everywhere.

    Args:
        known: what is known of the store.
    """

    def __init__(self, known: Known) -> None:
        self._known = known

    def __len__(self) -> int:
        return len(self._listed())

    @property
    def experiments(self) -> list[str]:
        """Names of the active experiments, in the order they were made."""
        return list(dict.fromkeys(each.name for each in self._known.experiments.values() if each.active))

    def table(
        self,
        experiments: Sequence[str] | None = None,
        *,
        archived: bool = False,
        run_ids: Sequence[str] | None = None,
    ) -> RunTable:
        """Runs side by side: every metric, parameter, and the facts that may tell them apart.

        Args:
            experiments: runs of these only, by name; of all active ones when None.
            archived: archived runs, too.
            run_ids: these runs, in this order, also archived and deleted ones; all listed runs when None.

        Returns:
            The runs, oldest first. Metrics are float64 arrays, parameters `Texts`. What was logged as
            infinity is infinity, although MLflow itself reads it from databases as the largest number.

        Raises:
            NotFoundError: no such experiment, or no such run.
        """
        if run_ids is None:
            rows = self._listed(experiments, archived=archived)
        else:
            rows = [self._row(run_id) for run_id in run_ids]
        known = self._known
        at = np.full(len(known.runs), -1, dtype=np.int32)
        at[rows] = np.arange(len(rows))
        runs = [known.runs[row] for row in rows]
        return RunTable(
            names=[run.name for run in runs],
            run_ids=[run.run_id for run in runs],
            metrics=dict(known.metrics.columns(at, np.nan)),
            params=_texts(known.params, at),
            info=self._info(rows, at),
        )

    def newest(self, limit: int, experiment: str | None = None) -> list[Run]:
        """The newest runs, oldest first; of tags they have those that the index keeps (`known.is_kept`).

        Raises:
            NotFoundError: no such experiment.
        """
        rows = self._listed(None if experiment is None else [experiment])
        return self._runs(rows[max(0, len(rows) - limit) :])

    def found(self, search: str = "", source: str | None = None) -> list[str]:
        """Ids of the runs that match, the newest first.

        Args:
            search: words; a run has each of them in its name or hypothesis, in either case.
            source: of this notebook or script only, as MLflow's tag ``mlflow.source.name`` has it.
        """
        known = self._known
        words = search.casefold().split()
        told: dict[str, dict[int, str]] = {HYPOTHESIS: {}, SOURCE: {}}
        for row, name, value in known.tags.listed() if words or source is not None else ():
            if name in told:
                told[name][row] = str(value)

        def matches(row: int) -> bool:
            text = f"{known.runs[row].name} {told[HYPOTHESIS].get(row, '')}".casefold()
            return (source is None or told[SOURCE].get(row) == source) and all(word in text for word in words)

        return [known.runs[row].run_id for row in reversed(self._listed()) if matches(row)]

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """These runs, in this order.

        Raises:
            NotFoundError: no such run.
        """
        return self._runs([self._row(run_id) for run_id in run_ids])

    def run_id_of(self, reference: str) -> str:
        """The id of the run with this name (the newest of that name), id, beginning of an id, or ``last``.

        An archived run is found if no other one is meant.

        Raises:
            NotFoundError: no such run; the nearest name is offered.
        """
        listed = [self._known.runs[row] for row in reversed(self._listed())]
        if reference == "last" and listed:
            return listed[0].run_id
        everything = listed + [
            self._known.runs[row] for row in reversed(self._listed(archived=True)) if row in self._archived
        ]
        for run in everything:
            if reference in {run.name, run.run_id}:
                return run.run_id
        if len(reference) >= _MIN_ID_CHARS:
            for run in everything:
                if run.run_id.startswith(reference):
                    return run.run_id
        names = dict.fromkeys(run.name for run in everything[:_MOST_OFFERED])
        raise NotFoundError(
            f"there is no run {reference!r}.{did_you_mean(reference, names)}",
            "`%mlops runs` lists them; a name, an id, its beginning, or `last` will do.",
        )

    def _row(self, run_id: str) -> int:
        row = self._row_of.get(run_id)
        if row is None:
            raise NotFoundError(
                "a run is not in the store any more",
                "List what is there with `%mlops runs`, and choose anew.",
            )
        return row

    def _listed(self, experiments: Sequence[str] | None = None, *, archived: bool = False) -> list[int]:
        """Rows of the runs that lists show, oldest first."""
        if experiments is None:
            homes = {key for key, each in self._known.experiments.items() if each.active}
        else:
            homes = {key for name in experiments for key in self._ids_of(name)}
        hidden = self._sessions if archived else self._sessions | self._archived
        runs = self._known.runs
        return [
            row
            for row in self._by_time
            if runs[row].stage == ACTIVE and runs[row].experiment in homes and row not in hidden
        ]

    def _ids_of(self, experiment: str) -> list[str]:
        found = [
            key for key, each in self._known.experiments.items() if each.active and each.name == experiment
        ]
        if not found:
            raise NotFoundError(
                f"there is no experiment {experiment!r}.{did_you_mean(experiment, self.experiments)}",
                "List them with `mlflow experiments search`, or leave the option out for all runs.",
            )
        return found

    def _info(self, rows: Sequence[int], at: NDArray[np.int32]) -> dict[str, Sequence[str | None]]:
        known = self._known
        runs = [known.runs[row] for row in rows]
        tags = _texts(known.tags, at)
        nothing = Texts([], np.full(len(rows), -1, dtype=np.int32))
        data: dict[int, str] = {}
        for row, name, digest in known.data.kept(at[known.data.rows] >= 0).listed():
            told = f"{name}:{digest[:_DIGEST_CHARS]}"
            data[row] = f"{data[row]}, {told}" if row in data else told
        started = np.array([run.started for run in runs], dtype="datetime64[ms]")
        names = {key: each.name for key, each in known.experiments.items()}
        homes = [names.get(run.experiment) for run in runs]
        return {
            **({"experiment": homes} if len({run.experiment for run in runs}) > 1 else {}),
            "status": [run.status.lower() for run in runs],
            "hypothesis": tags.get(HYPOTHESIS, nothing),
            "data": [data.get(row) for row in rows],
            "started": [
                text.replace("T", " ") if run.started else None
                for run, text in zip(runs, np.datetime_as_string(started, unit="s").tolist(), strict=True)
            ],
        }

    def _runs(self, rows: Sequence[int]) -> list[Run]:
        known = self._known
        found: dict[str, dict[int, dict[str, object]]] = {}
        for group in ("metrics", "params", "tags"):
            entries: Entries = getattr(known, group)
            of_runs = found[group] = {row: {} for row in rows}
            for row, name, value in entries.kept(entries.of_rows(rows, len(known.runs))).listed():
                of_runs[row][name] = value
        data: dict[int, list[tuple[str, str]]] = {row: [] for row in rows}
        for row, name, digest in known.data.kept(known.data.of_rows(rows, len(known.runs))).listed():
            data[row].append((name, digest))
        return [
            Run(
                run_id=run.run_id,
                name=run.name,
                status=run.status,
                started=time_of(run.started),
                seconds=(run.ended - run.started) / 1000 if run.ended else None,
                params=found["params"][row],  # type: ignore[arg-type] # texts, by their group
                metrics=found["metrics"][row],  # type: ignore[arg-type]
                tags=found["tags"][row],  # type: ignore[arg-type]
                datasets=tuple(data[row]),
            )
            for row, run in ((row, known.runs[row]) for row in rows)
        ]

    @cached_property
    def _row_of(self) -> Mapping[str, int]:
        return self._known.rows()

    @cached_property
    def _by_time(self) -> list[int]:
        """All rows, oldest first; of those that started together the order is MLflow's."""
        runs = self._known.runs
        by_id = sorted(range(len(runs)), key=lambda row: runs[row].run_id, reverse=True)
        return sorted(by_id, key=lambda row: runs[row].started)

    @cached_property
    def _sessions(self) -> set[int]:
        return {row for row, name, value in self._tagged(KIND) if value == "session"}

    @cached_property
    def _archived(self) -> set[int]:
        return {row for row, _, value in self._tagged(ARCHIVED) if value == "true"}

    def _tagged(self, name: str) -> list[tuple[int, str, str]]:
        tags = self._known.tags
        if name not in tags.names:
            return []
        return list(tags.kept(tags.keys == tags.names.index(name)).listed())


def _texts(entries: Entries, at: NDArray[np.int32]) -> dict[str, Texts]:
    words = entries.words or []
    return {name: Texts(words, codes) for name, codes in entries.columns(at, -1)}
