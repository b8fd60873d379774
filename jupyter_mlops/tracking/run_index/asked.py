"""Runs of a store that only MLflow can read: a tracking server, a folder, a database that is not as expected.

All runs are asked for once, page by page. Later looks ask a server for

- runs that were started or ended since, with some minutes' overlap, as clocks differ;
- runs that were under way at the last look;
- one page of the others, by turns, the newest first.

So what others change at a run that has ended (its name, a tag, a late metric, that it is deleted) is seen
when its turn comes: after as many looks as there are hundreds of runs. Runs that arrive with old times are
found the same way. ``refresh`` asks for everything; our own edits are asked for at once. Of a folder all runs
are asked for at each look: MLflow reads all of its files for any question.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_mlops.tracking.run_index.known import Experiment, Known, RunRow, is_kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun

    from jupyter_mlops.tracking.run_index.known import Progress, Triple

_PAGE = 500
_TURN = 100
"""How many runs that nothing is known to have happened to are asked for again at each look."""
_ASKED_TOGETHER = 100
_OVERLAP_MS = 600_000
_UNDER_WAY = {"RUNNING", "SCHEDULED"}
_GONE = "gone"
_HALF_AT = 5000
"""Nobody says how many runs there are: at so many the bar is half full."""


class Asking:
    """Asks one store's client.

    Args:
        client: of the store.
        progress: told when all runs are read.
        turn: how many runs are asked for by turns.
    """

    def __init__(self, client: MlflowClient, progress: Progress, turn: int = _TURN) -> None:
        self._client = client
        self._progress = progress
        self._turn = turn

    def everything(self) -> Known:
        """All runs."""
        started = _now()
        known = Known(experiments=self._experiments())
        for count, page in enumerate(self._pages(known, "", _PAGE), start=1):
            known = with_runs(known, page)
            if len(page) < _PAGE:
                break  # the last one, or the only one of a small store
            done = count * _PAGE
            self._progress(f"reading the runs of the store: {len(known.runs):,}", done / (done + _HALF_AT))
        return replace(known, marks={"asked": started, "turn": None})

    def news(self, known: Known) -> Known:
        """What is new since the last look."""
        started = _now()
        since = known.marks["asked"] - _OVERLAP_MS
        under_way = [run.run_id for run in known.runs if run.status in _UNDER_WAY and run.stage != _GONE]
        known = replace(known, experiments=self._experiments())
        newest = max((run.started for run in known.runs), default=0)
        for asked in (f"start_time >= {min(newest, since)}", f"end_time >= {since}"):
            for page in self._pages(known, f"attributes.{asked}", _PAGE):
                known = with_runs(known, page)
        known = self.again(known, under_way)
        known, turn = self._next_turn(known, known.marks["turn"])
        return replace(known, marks={"asked": started, "turn": turn})

    def again(self, known: Known, run_ids: Sequence[str]) -> Known:
        """Ask for these runs; those that are not there any more are gone."""
        for start in range(0, len(run_ids), _ASKED_TOGETHER):
            some = run_ids[start : start + _ASKED_TOGETHER]
            named = ", ".join(f"'{run_id}'" for run_id in some)
            found = [
                run for page in self._pages(known, f"attributes.run_id IN ({named})", _PAGE) for run in page
            ]
            known = _without(known, set(some) - {run.info.run_id for run in found})
            known = with_runs(known, found)
        return known

    def _next_turn(self, known: Known, latest: int | None) -> tuple[Known, int | None]:
        """The runs whose turn it is, from those that started at `latest` back; the newest if that is None.

        Returns:
            What is known, and where the next turn begins.
        """
        where = "" if latest is None else f"attributes.start_time <= {latest}"
        found: list[MlflowRun] = []
        for page in self._pages(known, where, self._turn):
            found += page
            begins, ends = _start(found[0]), _start(found[-1])
            if len(page) == self._turn and ends < begins:
                break  # of those that started together with the last one some may be on the next page
        else:
            ends = -1
        between = {
            run.run_id
            for run in known.runs
            if ends < run.started and (latest is None or run.started <= latest)
        }
        known = _without(known, between - {run.info.run_id for run in found})
        return with_runs(known, found), None if ends < 0 else ends

    def _experiments(self) -> dict[str, Experiment]:
        from mlflow.entities import ViewType

        found: dict[str, Experiment] = {}
        token = None
        while True:
            page = self._client.search_experiments(ViewType.ALL, max_results=_PAGE, page_token=token)
            for each in page:
                found[str(each.experiment_id)] = Experiment(each.name, each.lifecycle_stage == "active")
            token = page.token
            if not token:
                return dict(sorted(found.items(), key=lambda each: (len(each[0]), each[0])))

    def _pages(self, known: Known, where: str, size: int) -> Iterator[Sequence[MlflowRun]]:
        """Runs of all experiments, deleted ones too, the newest first; no empty page."""
        from mlflow.entities import ViewType

        token = None
        while True:
            page = self._client.search_runs(
                list(known.experiments),
                where,
                ViewType.ALL,
                max_results=size,
                order_by=["attributes.start_time DESC"],
                page_token=token,
            )
            if page:
                yield page
            token = page.token
            if not token:
                return


def with_runs(known: Known, runs: Sequence[MlflowRun]) -> Known:
    """With these runs as MLflow says they are now."""
    if not runs:
        return known
    rows = {run.run_id: run for run in known.runs} | {run.info.run_id: _row(run) for run in runs}
    known = replace(known, runs=list(rows.values()))
    run_ids = [run.info.run_id for run in runs]
    values: dict[str, list[Triple]] = {"metrics": [], "params": [], "data": [], "tags": []}
    for run_id, run in zip(run_ids, runs, strict=True):
        inputs = run.inputs.dataset_inputs if run.inputs else ()
        values["metrics"] += [(run_id, *each) for each in run.data.metrics.items()]
        values["params"] += [(run_id, *each) for each in run.data.params.items()]
        values["data"] += [(run_id, each.dataset.name, each.dataset.digest) for each in inputs]
        values["tags"] += [(run_id, *each) for each in run.data.tags.items() if is_kept(each[0])]
    for group, found in values.items():
        known = known.with_entries(group, [found], run_ids)
    return known


def _without(known: Known, run_ids: Collection[str]) -> Known:
    """With these runs gone; their rows stay, as those of others are counted from them."""
    if not run_ids:
        return known
    runs = [run._replace(stage=_GONE) if run.run_id in run_ids else run for run in known.runs]
    return replace(known, runs=runs)


def _row(run: MlflowRun) -> RunRow:
    about: Any = run.info
    return RunRow(
        run_id=about.run_id,
        name=about.run_name or about.run_id[:8],
        status=about.status,
        started=_start(run),
        ended=about.end_time or None,
        stage=about.lifecycle_stage,
        experiment=str(about.experiment_id),
    )


def _start(run: MlflowRun) -> int:
    return int(run.info.start_time or 0)


def _now() -> int:
    return int(time.time() * 1000)
