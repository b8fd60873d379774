"""Making profiles of frames that were stored, beside the work of the background process.

In a thread of its own, so that a large frame does not hold up the runs, and one frame after the other. A
profile that is there is never made again, so it does not matter when this process ends.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING

import psutil

from jupyter_mlops.snapshot import SnapshotStore
from jupyter_mlops.snapshot.files import LocalFiles
from jupyter_mlops.snapshot.kept_profiles import profile_name
from jupyter_mlops.snapshot.manifests import FOLDER, read_manifest
from jupyter_mlops.tracking.frame_profiles import KINDS, StoredProfiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot.manifests import Manifest

_LOOK_SECONDS = 5.0
MOST_BYTES = 1 << 30
"""What making one profile may take of the memory, and never more than a quarter of what is free. A larger
frame is profiled when somebody asks."""
_SHARE_OF_FREE = 4
_PLAIN, _TEXT = 60, 400
"""Bytes for each row of one column: measured 45 for numbers, 350 for texts that are all different."""
_PLAIN_TYPES = ("int", "uint", "float", "double", "bool", "date", "time", "duration", "period", "category")


class Profiling:
    """Makes what is missing, for the snapshots of a project."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.snapshots
        self._seen: set[str] = set()
        self._profiles = StoredProfiles(SnapshotStore(self._folder))
        self._thread: threading.Thread | None = None
        self._next = 0.0

    def goes_on(self, *, somebody_works: bool) -> bool:
        """Start to make what is missing; True while there is something to do."""
        if self._thread is not None and self._thread.is_alive():
            return True
        if somebody_works and time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _LOOK_SECONDS
        news = [digest for digest in _digests(self._folder) if digest not in self._seen]
        if news:
            self._thread = threading.Thread(
                target=self._make, args=(news,), name="mlops-profiles", daemon=True
            )
            self._thread.start()
        return bool(news)

    def _make(self, digests: Sequence[str]) -> None:
        files = LocalFiles(self._folder)
        for digest in digests:
            self._seen.add(digest)
            # One that is damaged or has gone is told to who asks for it; the others are made all the same.
            with contextlib.suppress(Exception):
                if not files.exists(profile_name(digest)) and _is_for_us(read_manifest(files, digest)):
                    self._profiles.find(digest)


def _is_for_us(found: Manifest) -> bool:
    if found.kind not in KINDS or found.now is not None:
        return False
    return bytes_needed(found) <= min(MOST_BYTES, int(psutil.virtual_memory().available) // _SHARE_OF_FREE)


def bytes_needed(found: Manifest) -> int:
    """The memory that a frame's profile takes at most: columns of pandas are read one at a time."""
    rows, columns = found.rows or 0, found.columns or 0
    plain = all(dtype.lower().startswith(_PLAIN_TYPES) for _, dtype, _ in found.profile)
    largest = rows * (_PLAIN if plain else _TEXT)
    return largest if found.kind == "dataframe" else largest + rows * columns * _PLAIN


def _digests(folder: Path) -> Iterator[str]:
    """Every value of a store; looked for often, so without the times of the files."""
    with contextlib.suppress(OSError):
        for part in os.scandir(folder / FOLDER):
            names = [each.name for each in os.scandir(part)]
            yield from (name.removesuffix(".json") for name in names if not name.startswith("."))
