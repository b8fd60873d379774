"""The project's own store, and behind it the place that it is shared at, if there is one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot.files import LocalFiles
from jupyter_mlops.snapshot.store import SnapshotStore, open_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jupyter_mlops.settings import Settings
    from jupyter_mlops.snapshot.forget import Forgotten
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


def forget_everywhere(store: SnapshotStore, settings: Settings, where: Mapping[str, Any]) -> Forgotten:
    """Remove rows from every version in the project's own store, and wherever it was brought to.

    The folders of colleagues are theirs to clean: each forgets in their own.

    Args:
        store: the project's own, open.
        settings: the project's.
        where: as in `SnapshotStore.forget`.

    Raises:
        StoreError: a place does not take it: it is forgotten here then, but not there. Do it again.
    """
    from jupyter_mlops.snapshot.outbox import Outbox, known_places

    places = sorted({*known_places(settings.snapshots), *([settings.shared] if settings.shared else [])})
    with contextlib.ExitStack() as nothing_is_brought:
        for place in places:
            nothing_is_brought.enter_context(Outbox(settings.snapshots, place).lock())
        found = store.forget(where)
        for place in places:
            SnapshotStore(place).forget(where)
    return found
