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

    def __init__(self, folder: Path, place: str | None) -> None:
        """Open the folder; the place, if there is one, is asked when something is not in it.

        Raises:
            BadInputError: the address of the place cannot be opened here.
        """
        super().__init__(folder)
        self._folder = folder
        self._place = place
        self._there = SnapshotStore(place) if place else None

    def __contains__(self, digest: object) -> bool:
        return super().__contains__(digest) or (self._there is not None and digest in self._there)

    def bring(self, digest: str) -> None:
        """Copy a value from the place unless the folder has it.

        Raises:
            StoreError: the place does not answer, or the folder does not take it.
        """
        if super().__contains__(digest) or self._place is None or digest not in self:
            return
        from jupyter_mlops.snapshot.collect import copy_value

        here = LocalFiles(self._folder)
        with here.locked():
            copy_value(open_files(self._place), here, digest)

    def forget(self, where: Mapping[str, Any], *, dry_run: bool = False) -> Forgotten:
        """Remove rows from every version, in the folder and at every place that it was brought to.

        What is left of other people's folders is theirs to clean: each runs `forget` in their own.

        Raises:
            StoreError: a place does not take it: it is forgotten here then, but not there. Do it again.
        """
        from jupyter_mlops.snapshot.forget import Forgotten
        from jupyter_mlops.snapshot.outbox import Outbox, known_places

        places = sorted({*known_places(self._folder), *([self._place] if self._place else [])})
        with contextlib.ExitStack() as stack:
            for place in places:
                stack.enter_context(Outbox(self._folder, place).lock())
            found = [super().forget(where, dry_run=dry_run)]
            found += [SnapshotStore(place).forget(where, dry_run=dry_run) for place in places]
        return Forgotten(
            {name: count for one in reversed(found) for name, count in one.rows.items()},
            {name: now for one in reversed(found) for name, now in one.now.items()},
            tuple(dict.fromkeys(name for one in found for name in one.unknown)),
        )

    def _manifest(self, digest: str) -> Manifest:
        self.bring(digest)
        return super()._manifest(digest)


def project_store(settings: Settings) -> SnapshotStore:
    """The store of a project, with what is shared of it.

    Raises:
        BadInputError: MLOPS_SNAPSHOTS is no address that can be opened here.
    """
    from jupyter_mlops.snapshot.outbox import known_places

    if settings.shared is None and not known_places(settings.snapshots):
        return SnapshotStore(settings.snapshots)
    return SharedStore(settings.snapshots, settings.shared)
