"""The runs that are compared: of our store and of others, each by its own index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.settings import plain_uri, without_secrets
from jupyter_mlops.tracking.joined_tables import joined
from jupyter_mlops.tracking.run_index import RunIndex, open_index
from jupyter_mlops.verbs.place import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.run import Run
    from jupyter_mlops.tracking.run_table import RunTable

OURS = "this project"


@dataclass(frozen=True)
class Store:
    """A store: what it is called, the settings that lead there, and its runs."""

    name: str
    settings: Settings
    index: RunIndex


@dataclass(frozen=True)
class Stores:
    """Our store and those named beside it."""

    stores: tuple[Store, ...]
    table: RunTable
    home: dict[str, Store]
    """Which store a run is from, by run id."""

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """These runs, in this order."""
        found: dict[str, Run] = {}
        for store in self.stores:  # each asked once: looking through ten thousand runs takes milliseconds
            ids = [run_id for run_id in run_ids if self.home[run_id] is store]
            found |= {run.run_id: run for run in store.index.runs(ids)}
        return [found[run_id] for run_id in run_ids]


def open_stores(
    settings: Settings, uris: Sequence[str], *, progress: Progress = silent, refresh: bool = False
) -> list[Store]:
    """Our store and those at `uris`.

    Raises:
        StoreError: one of them cannot be used.
    """
    found = [Store(OURS, settings, open_index(settings, progress=progress, refresh=refresh))]
    for uri in dict.fromkeys(uris):
        index = open_index(settings, uri=uri, progress=progress, refresh=refresh)
        found.append(Store(without_secrets(uri), replace(settings, tracking_uri=plain_uri(uri)), index))
    return found


def choose(
    stores: Sequence[Store],
    references: Sequence[str],
    experiments: Sequence[str],
    *,
    archived: bool = False,
) -> Stores:
    """The named runs, or all of the experiments.

    Raises:
        NotFoundError: no store has such a run or experiment.
    """
    if references:
        found = [_find(stores, reference) for reference in references]
        tables = {
            store.name: store.index.table(run_ids=_ids(found, store))
            for store in stores
            if _ids(found, store)
        }
    else:
        tables = _of_experiments(stores, experiments, archived=archived)
    table = joined(tables)
    by_name = {store.name: store for store in stores}
    home = {run_id: by_name[name] for name in reversed(tables) for run_id in tables[name].run_ids}
    return Stores(tuple(stores), table, home)


def _of_experiments(
    stores: Sequence[Store], experiments: Sequence[str], *, archived: bool
) -> dict[str, RunTable]:
    """Each store's runs of these experiments; one that no store has is an error of the first."""
    tables = {}
    for store in stores:
        there = [name for name in experiments if name in store.index.experiments]
        if not experiments or there:
            tables[store.name] = store.index.table(there or None, archived=archived)
    known = {name for store in stores for name in store.index.experiments}
    if unknown := [name for name in experiments if name not in known]:
        stores[0].index.table(unknown)  # raises, with the nearest name
    return tables


def _find(stores: Sequence[Store], reference: str) -> tuple[Store, str]:
    problem = None
    for store in stores:
        try:
            return store, store.index.run_id_of(reference)
        except NotFoundError as error:
            problem = problem or error
    raise problem or NotFoundError(f"there is no run {reference!r}.", "`%mlops runs` lists them.")


def _ids(found: Sequence[tuple[Store, str]], store: Store) -> list[str]:
    return list(dict.fromkeys(run_id for home, run_id in found if home is store))
