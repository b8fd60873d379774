"""What the comparison's view asks: changes to runs, histories, what runs differ in, and what led to them.

What is behind a question is loaded when it is first asked: a table opens without it.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from jupyter_mlops.tracking import run_edits
from jupyter_mlops.tracking.run_history import metric_history
from jupyter_mlops.verbs.compare_stores import OURS
from jupyter_mlops.verbs.pinned import pin
from jupyter_mlops.verbs.place import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jupyter_mlops.comparison.run_diff import RunDiff
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.verbs.compare_stores import Store, Stores

    Arguments = dict[str, Any]


def answers_of(settings: Settings, stores: Stores) -> Mapping[str, Callable[[Arguments], Any]]:
    """What can be asked about these runs. Each answer takes ``run_ids`` and the arguments of its question."""

    def home(asked: Arguments) -> tuple[str, Settings]:
        run_id = asked["run_ids"][0]
        return run_id, stores.home[run_id].settings

    def rename(asked: Arguments) -> None:
        run_id, place = home(asked)
        run_edits.rename(place, run_id, asked["text"])

    def hypothesis(asked: Arguments) -> None:
        run_id, place = home(asked)
        run_edits.set_hypothesis(place, run_id, asked["text"])

    def archive(asked: Arguments) -> None:
        for place, run_ids in _by_store(stores, asked["run_ids"]):
            run_edits.archive(place.settings, run_ids, bool(asked["on"]))

    def delete(asked: Arguments) -> None:
        write = run_edits.delete if asked["on"] else run_edits.undelete
        for place, run_ids in _by_store(stores, asked["run_ids"]):
            write(place.settings, run_ids)

    def history(asked: Arguments) -> dict[str, Any]:
        rows = dict(zip(asked["run_ids"], asked["rows"], strict=True))
        found = [
            metric_history(place.settings, run_ids, asked["metric"], rows=[rows[each] for each in run_ids])
            for place, run_ids in _by_store(stores, asked["run_ids"])
        ]
        return {
            "metric": asked["metric"],
            "thinned": any(each["thinned"] for each in found),
            "runs": [run for each in found for run in each["runs"]],
        }

    def action(name: str) -> Callable[[Arguments], Any]:
        def answer(asked: Arguments) -> Any:
            from jupyter_mlops.verbs.compare_actions import action_answers

            return action_answers(settings, lambda run_id: stores.home[run_id].name == OURS)[name](asked)

        return answer

    def lineage(name: str) -> Callable[[Arguments], Any]:
        def answer(asked: Arguments) -> Any:
            from jupyter_mlops.verbs.lineage import lineage_answers

            place = home(asked)[1]
            if place.tracking_uri not in lineages:
                lineages[place.tracking_uri] = lineage_answers(place, lambda run_id: stores.runs([run_id])[0])
            return lineages[place.tracking_uri][name](asked)

        return answer

    lineages: dict[str, Mapping[str, Callable[[Arguments], Any]]] = {}
    return {
        "rename": rename,
        "hypothesis": hypothesis,
        "archive": archive,
        "delete": delete,
        "history": history,
        "pins": lambda asked: pin(settings, asked["run_ids"], stores.home),
        "diff": lambda asked: diff_of(
            settings, stores, asked["run_ids"], lambda text, _: asked["tell"](text)
        ).to_dict(),
        **{name: action(name) for name in ("actions", "act")},
        **{name: lineage(name) for name in ("lineage", "lineage_node", "lineage_edge")},
    }


def diff_of(
    settings: Settings, stores: Stores, run_ids: Sequence[str], progress: Progress = silent
) -> RunDiff:
    """What two or three runs differ in, whatever stores they are in.

    Raises:
        BadInputError: other than two or three runs.
        NotFoundError: a run is gone.
        StoreError: a store cannot be used.
    """
    from jupyter_mlops.comparison.run_diff import run_diff
    from jupyter_mlops.notebook.session import current_session
    from jupyter_mlops.tracking.read_runs import find_run

    session = current_session()
    if session is not None:
        session.keeper.drain()  # what its last cells made may be on its way to the store
    homes = [stores.home[run_id].settings for run_id in run_ids]
    runs = [find_run(home, run_id) for home, run_id in zip(homes, run_ids, strict=True)]
    return run_diff(settings, runs, progress, homes=homes)


def _by_store(stores: Stores, run_ids: Sequence[str]) -> Iterator[tuple[Store, list[str]]]:
    """Runs of one store are asked for together."""
    ordered = sorted(run_ids, key=lambda run_id: stores.home[run_id].name)
    for _, ids in groupby(ordered, key=lambda run_id: stores.home[run_id].name):
        kept = list(ids)
        yield stores.home[kept[0]], kept
