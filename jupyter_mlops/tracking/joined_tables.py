"""Runs of several stores as one table: the columns of all, and one that says where a run is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jupyter_mlops.tracking.run_table import RunTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STORE = "store"


def joined(tables: Mapping[str, RunTable]) -> RunTable:
    """The runs of all `tables` (by the name of their store), oldest first as far as it is known.

    A run that several stores have is taken from the first.
    """
    parts = list(tables.values())
    if len(parts) == 1:
        return parts[0]
    run_ids = [run_id for part in parts for run_id in part.run_ids]
    started = [text or "" for part in parts for text in part.info.get("started", [None] * len(part))]
    first = {run_id: at for at, run_id in reversed(list(enumerate(run_ids)))}
    order = sorted(first.values(), key=lambda at: (started[at], at))

    def taken(columns: Callable[[RunTable], Mapping[str, Any]], absent: Any) -> dict[str, list[Any]]:
        names = dict.fromkeys(name for part in parts for name in columns(part))
        found = {}
        for name in names:
            whole = [value for part in parts for value in columns(part).get(name, [absent] * len(part))]
            found[name] = [whole[at] for at in order]
        return found

    stores = [name for name, part in tables.items() for _ in range(len(part))]
    names = [name for part in parts for name in part.names]
    return RunTable(
        names=[names[at] for at in order],
        run_ids=[run_ids[at] for at in order],
        metrics={name: np.array(column) for name, column in taken(lambda part: part.metrics, np.nan).items()},
        params=taken(lambda part: part.params, None),
        info={STORE: [stores[at] for at in order], **taken(lambda part: part.info, None)},
        volatile=frozenset().union(*(part.volatile for part in parts)),
    )
