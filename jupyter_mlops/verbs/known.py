"""Names seen lately, for completion: a small file, so that the Tab key never asks a server."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from jupyter_mlops.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.settings import Settings

_FILE = "names.json"
_MOST = 500


def remember(settings: Settings, kind: str, names: Iterable[str]) -> None:
    """Keep the names of a kind (``runs``, ``models``); failing to is no matter."""
    known = {**_read(settings), kind: list(dict.fromkeys(names))[-_MOST:]}
    with contextlib.suppress(OSError):
        settings.home.mkdir(parents=True, exist_ok=True)
        write_atomically(settings.home / _FILE, json.dumps(known))


def recall(settings: Settings, kind: str) -> list[str]:
    """The names of a kind that were last seen."""
    return _read(settings).get(kind, [])


def _read(settings: Settings) -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads((settings.home / _FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found
