"""The project's own store, and behind it the place that it is shared at, if there is one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from jupyter_mlops.snapshot.files import LocalFiles
from jupyter_mlops.snapshot.store import SnapshotStore, open_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot.manifests import Manifest


class SharedStore(SnapshotStore):
    """Reads from the folder, and what is not in it from the shared place, from where it is copied first.

    Everything is written to the folder; `Outbox` brings it to the place.
    """

    def __init__(self, folder: Path, place: str) -> None:
        """Open the folder; the place is asked when something is not in it.

        Raises:
            BadInputError: the address of the place cannot be opened here.
        """
        super().__init__(folder)
        self._folder = folder
        self._place = place
        self._there = SnapshotStore(place)

    def __contains__(self, digest: object) -> bool:
        return super().__contains__(digest) or digest in self._there

    def bring(self, digest: str) -> None:
        """Copy a value from the place unless the folder has it.

        Raises:
            StoreError: the place does not answer, or the folder does not take it.
        """
        if super().__contains__(digest) or digest not in self._there:
            return
        from jupyter_mlops.snapshot.collect import copy_value

        here = LocalFiles(self._folder)
        with here.locked():
            copy_value(open_files(self._place), here, digest)

    def _manifest(self, digest: str) -> Manifest:
        self.bring(digest)
        return super()._manifest(digest)


def project_store(settings: Settings) -> SnapshotStore:
    """The store of a project, with what is shared of it.

    Raises:
        BadInputError: MLOPS_SNAPSHOTS is no address that can be opened here.
    """
    if settings.shared is None:
        return SnapshotStore(settings.snapshots)
    return SharedStore(settings.snapshots, settings.shared)


@contextlib.contextmanager
def nothing_is_brought(settings: Settings) -> Iterator[list[str]]:
    """Wait until no value is on its way to where the project shares, and let none set out meanwhile.

    Gives every place that its data was brought to, or would be: also those that are no longer set.

    Raises:
        StoreError: the project's folder cannot be written.
    """
    from jupyter_mlops.snapshot.outbox import Outbox, known_places

    places = sorted({*known_places(settings.snapshots), *([settings.shared] if settings.shared else [])})
    with contextlib.ExitStack() as locks:
        for place in places:
            locks.enter_context(Outbox(settings.snapshots, place).lock())
        yield places
