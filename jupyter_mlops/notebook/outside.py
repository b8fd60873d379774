"""Whether something of the user's can run between cells: threads and tasks that a cell left behind."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_POOL = "concurrent.futures.thread"
_OURS = "mlops-"
"""The names of our own threads begin so: while a snapshot is stored, nothing of the user's runs."""


def still_runs(namespace: Mapping[str, Any]) -> bool:
    """True if a thread or an asyncio task runs code of the notebook now."""
    if threading.active_count() > 1 and any(_is_users(each, namespace) for each in threading.enumerate()):
        return True
    return any(_runs_here(task, namespace) for task in _tasks())


def _is_users(thread: threading.Thread, namespace: Mapping[str, Any]) -> bool:
    held = vars(thread)
    name = held.get("_name")
    if type(name) is str and name.startswith(_OURS):
        return False
    function = held.get("_target") or held.get("function")  # the second is that of a Timer
    function = getattr(function, "__func__", function)
    return (
        getattr(function, "__globals__", None) is namespace
        or getattr(function, "__module__", None) == _POOL
        or type(thread).__module__ == "__main__"
    )


def _tasks() -> set[asyncio.Task[Any]]:
    try:
        return asyncio.all_tasks()
    except RuntimeError:  # no loop runs in this thread
        return set()


def _runs_here(task: asyncio.Task[Any], namespace: Mapping[str, Any]) -> bool:
    frame = getattr(task.get_coro(), "cr_frame", None)
    is_cell = frame is not None and frame.f_code.co_name in {"<module>", "<cell line: 1>"}
    return frame is not None and frame.f_globals is namespace and not is_cell
