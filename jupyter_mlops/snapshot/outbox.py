"""What the project's snapshots still owe to a place that others reach: a bucket, or a folder on a share.

A cell's data is stored in the project first, at the speed of its disk; it is brought there afterwards, by
another process. Beside the store, ``shared/<name>.txt`` notes which values have arrived, one digest a line
after the address; a line that a crash tore off or lost only means that a value is looked for there again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filelock import FileLock
from xxhash import xxh3_64_hexdigest

from jupyter_mlops.errors import StoreError
from jupyter_mlops.files import write_atomically
from jupyter_mlops.settings import without_secrets
from jupyter_mlops.snapshot.files import LocalFiles, unwritable
from jupyter_mlops.snapshot.manifests import digests
from jupyter_mlops.snapshot.remote_errors import RemoteStoreError
from jupyter_mlops.snapshot.store import open_files

if TYPE_CHECKING:
    from pathlib import Path

_NOTES = "shared"


class Outbox:
    """The values of a folder that a place has not got yet.

    Args:
        folder: the project's store.
        place: a folder or URL.
    """

    def __init__(self, folder: Path, place: str) -> None:
        self._here = LocalFiles(folder)
        self._place = place
        self._notes = folder.parent / _NOTES / f"{xxh3_64_hexdigest(without_secrets(place))}.txt"
        self._broken: set[str] = set()  # here: `verify` tells

    def waiting(self) -> list[str]:
        """Digests of the values that are not known to be there, oldest first."""
        known = self._noted() | self._broken
        return [digest for digest in digests(self._here) if digest not in known]

    def push(self) -> int:
        """Bring what waits; returns how many values came there. Nothing is written over there.

        Raises:
            BadInputError: the address cannot be opened here.
            StoreError: the place does not take them, or one is damaged here; the others have come.
        """
        waiting = self.waiting()
        if not waiting:
            return 0
        from jupyter_mlops.snapshot.collect import copy_value  # pandas comes with it

        there = open_files(self._place)
        brought, problem = 0, None
        for digest in waiting:
            try:
                with self.lock():
                    if digest not in self._noted():  # another process may do the same
                        copy_value(self._here, there, digest)
                        self._note(digest)
                        brought += 1
            except RemoteStoreError:  # it would say the same of the others
                raise
            except StoreError as error:
                problem = problem or error
                self._broken.add(digest)
        if problem is not None:
            raise problem
        return brought

    def recheck(self) -> int:
        """Look at what is there; what came there once and is gone waits again. Returns how many values.

        Raises:
            BadInputError: the address cannot be opened here.
            StoreError: the place does not answer, or the project's folder cannot be written.
        """
        with self.lock():
            noted = self._noted()
            gone = noted - set(digests(open_files(self._place)))
            if gone:
                lines = [without_secrets(self._place), *sorted(noted - gone)]
                try:
                    write_atomically(self._notes, "".join(f"{line}\n" for line in lines))
                except OSError as error:
                    raise unwritable(str(self._notes), error) from error
        return len(gone)

    def lock(self) -> FileLock:
        """Held while one value is brought, and while rows are forgotten here and there.

        Raises:
            StoreError: the project's folder cannot be written.
        """
        try:
            self._notes.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(str(self._notes.parent), error) from error
        return FileLock(self._notes.with_suffix(".lock"))

    def _noted(self) -> set[str]:
        try:
            return set(self._notes.read_text("utf-8").splitlines()[1:])
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise unwritable(str(self._notes), error) from error

    def _note(self, digest: str) -> None:
        try:
            start = "" if self._notes.exists() else f"{without_secrets(self._place)}\n"
            with self._notes.open("a", encoding="utf-8") as file:
                file.write(f"{start}{digest}\n")
        except OSError as error:
            raise unwritable(str(self._notes), error) from error


def known_places(folder: Path) -> list[str]:
    """Every place that values of a project's store were brought to."""
    found = [path.read_text("utf-8").splitlines()[:1] for path in (folder.parent / _NOTES).glob("*.txt")]
    return sorted(line for lines in found for line in lines)
