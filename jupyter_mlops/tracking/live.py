"""What an open page is told of its notebook while it runs: the switch, the cells' runs, and stale cells.

Kernel and page speak by a comm (`TARGET`). Nothing is computed while no page listens. Messages to the page:

    {"type": "state", "tracking": bool, "waiting": int, "problem": str | None}
    {"type": "cells", "cells": {cell id: {"serial", "status", "run", "run_id", "metric", "source", "stale"}}}

`source` is the hash of the text that ran (`source_hash.py`), `stale` the names of inputs that have
another content now.

A page that comes is told of all cells, then of what has changed: after each cell, and when it asks
``{"ask": "state"}``. It may come while cells run, by a subshell and so in a thread of its own.
"""

from __future__ import annotations

import contextlib
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_mlops.notebook.listener import on_cell
from jupyter_mlops.tracking.source_hash import hash_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_mlops.lineage.record import CellRecord
    from jupyter_mlops.notebook.session import Session

TARGET = "jupyter-mlops"
_MOST_PAGES = 8  # JupyterLab closes no comm when its page is reloaded: only the newest are kept


class Live:
    """The pages that listen to this kernel."""

    def __init__(self) -> None:
        self._pages: list[Any] = []
        self._told: dict[str, Any] = {}
        self._one_at_a_time = Lock()

    def open(self) -> None:
        """Be there for pages that ask, and say so: others overlook messages of a comm they never opened."""
        from comm import create_comm, get_comm_manager

        manager = get_comm_manager()
        manager.register_target(TARGET, self._opened)
        # Pages look for it in the kernel's list of comms. One that is not primary announces itself to nobody.
        self._sign = create_comm(target_name=TARGET, primary=False)
        manager.register_comm(self._sign)
        self._sign.send({"type": "here", "target": TARGET})
        on_cell(self.tell)

    def close(self) -> None:
        """Say goodbye: the extension is unloaded."""
        from comm import get_comm_manager

        on_cell(None)
        get_comm_manager().unregister_target(TARGET, self._opened)
        get_comm_manager().unregister_comm(self._sign)
        for page in self._pages:
            page.close()
        self._pages.clear()

    def tell(self) -> None:
        """Tell all pages what has changed since they were told last."""
        if self._pages:
            with self._one_at_a_time:
                self._tell()

    def _tell(self) -> None:
        session = _session()
        known = _known(session)
        cells = cells_of(session, known) if session is not None else {}
        changed = {key: cell for key, cell in cells.items() if self._told.get(key) != cell}
        self._told = cells
        self._send({"type": "state", **state_of(session, known)})
        if changed:
            self._send({"type": "cells", "cells": changed})

    def _opened(self, page: Any, message: Mapping[str, Any]) -> None:
        page.on_msg(self._asked)
        page.on_close(lambda _: self._pages.remove(page) if page in self._pages else None)
        with self._one_at_a_time:
            self._pages.append(page)
            while len(self._pages) > _MOST_PAGES:
                self._pages.pop(0).close()
            self._told = {}
            self._tell()

    def _asked(self, message: Mapping[str, Any]) -> None:
        self.tell()

    def _send(self, content: dict[str, Any]) -> None:
        for page in list(self._pages):
            with contextlib.suppress(OSError):  # of a page that is gone, or a kernel that ends
                page.send(content)


def _session() -> Session | None:
    """The kernel's session; not even its module is loaded before somebody tracks."""
    module = sys.modules.get("jupyter_mlops.notebook.session")
    found: Session | None = module.current_session() if module is not None else None
    return found


def _known(session: Session | None) -> Mapping[int, str]:
    """By serial the ids of the runs that are in MLflow."""
    from jupyter_mlops.tracking.owed import run_ids_of

    return run_ids_of(session.journal.path) if session is not None else {}


def state_of(session: Session | None, known: Mapping[int, str]) -> dict[str, Any]:
    """Whether tracking is on, how many of this notebook's runs wait for MLflow, and what went wrong."""
    if session is None:
        return {"tracking": False, "waiting": 0, "problem": None}
    waiting = sum(record.run is not None and record.serial not in known for record in session.records)
    return {"tracking": session.is_on, "waiting": waiting, "problem": session.notices.problem()}


def cells_of(session: Session, known: Mapping[int, str]) -> dict[str, dict[str, Any]]:
    """By the notebook's cell id what its last execution gave."""
    last: dict[str, CellRecord] = {}
    newest: dict[str, _Newest] = {}
    digests: dict[tuple[str, int], str | None] = {}
    for record in session.records:
        if record.cell_id is not None:
            last[record.cell_id] = record
        for name, write in record.writes.items():
            newest[name] = _Newest(write.version, record.serial)
            digests[name, write.version] = write.digest
    return {
        cell_id: {
            "serial": record.serial,
            "status": record.status,
            "run": record.run.name if record.run else None,
            "run_id": known.get(record.serial),
            "metric": _metric(record.run.metrics) if record.run else None,
            "source": _source(session, record) if record.run else None,
            "stale": _stale(record, newest, digests),
        }
        for cell_id, record in last.items()
    }


class _Newest(NamedTuple):
    """The version a name has now, and which execution gave it."""

    version: int
    serial: int


def _stale(
    record: CellRecord, newest: Mapping[str, _Newest], digests: Mapping[tuple[str, int], str | None]
) -> Sequence[str]:
    """Names it read that have another content since; hidden state does not count."""
    return sorted(
        name
        for name, version in record.reads.items()
        if not name.startswith("<")
        and name in newest
        and newest[name].version > version
        and newest[name].serial > record.serial
        and not _is_same(digests.get((name, version)), digests[name, newest[name].version])
    )


def _is_same(one: str | None, other: str | None) -> bool:
    """Whether two versions have the same content: a cell that ran again gives a version of its own."""
    return one is not None and one == other


def _source(session: Session, record: CellRecord) -> str | None:
    """The hash of the text that ran, if that is still known."""
    text = session.text_of(record)
    return None if text is None else hash_of(text)


def _metric(metrics: Mapping[str, float]) -> str | None:
    """The first metric in a few letters."""
    return next((f"{name} {value:.4g}" for name, value in metrics.items()), None)
