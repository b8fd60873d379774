"""A process that reaches no other machine: what Python itself connects to is refused, loopback is not.

Only Python is heard. Libraries that connect in C, C++ or Rust (pyarrow's buckets, duckdb) and child processes
(`!curl`) are not: Landlock, which refuses their writes, cannot tell loopback from other machines.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.notebook.network import NETWORK_EVENTS, leaves_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_REACHED = "mlops: a replay does not use the network unless it is allowed"


def refuse_network() -> None:
    """From now on; it cannot be undone."""
    sys.addaudithook(_hook)


def was_refused(error: BaseException) -> bool:
    """True if the error is the refusal, or came of it: libraries raise their own errors of a connection."""
    return any(isinstance(each, PermissionError) and str(each) == NOT_REACHED for each in _causes(error))


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in NETWORK_EVENTS and leaves_machine(event, arguments):
        raise PermissionError(NOT_REACHED)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
