"""Why only the digest of a value is known, as far as the journal of its session can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.notebook.journal import read_journal
from jupyter_mlops.notebook.owner import is_alive, is_of_this_host

if TYPE_CHECKING:
    from pathlib import Path


def why_not_kept(journal: Path, digest: str) -> str:
    """The reason, as the end of a sentence, for a value that is not in the snapshot store."""
    events = list(read_journal(journal))
    if not events or events[0].get("type") != "session":
        return "its content is not in the store, and the journal that could say why is gone"
    told = [event["why"] for event in events if event["type"] == "not kept" and event["digest"] == digest]
    if told:
        return str(told[-1])
    if not all(event.get("keeps_data", True) for event in events):
        return "tracking was on with --no-data"
    ended = any(event["type"] == "end" for event in events)
    if not ended and is_of_this_host(events[0]) and not is_alive(events[0]):
        return "the kernel was killed before it was stored"
    return "it is no data that is kept, or it was removed from the store, or the kernel ended too soon"
