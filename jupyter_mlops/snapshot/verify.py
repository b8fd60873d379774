"""Is everything in the store what its name says?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot import chunks, objects, stored_files
from jupyter_mlops.snapshot.files import not_what_it_says
from jupyter_mlops.snapshot.manifests import digests, manifest_name, read_manifest
from jupyter_mlops.snapshot.reach import all_columns, columns_of
from jupyter_mlops.snapshot.reading import Reader
from jupyter_mlops.snapshot.records import read_record
from jupyter_mlops.snapshot.stored_files import check_bytes, is_bytes
from jupyter_mlops.snapshot.taken import stored, take_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_mlops.snapshot.files import Files


@dataclass(frozen=True)
class Health:
    """What `SnapshotStore.verify` found.

    Attributes:
        values: how many values come back as they were.
        problems: one line for each thing that is missing or not what it was, naming its file.
    """

    values: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True if every value comes back as it was."""
        return not self.problems


def verify(files: Files) -> Health:
    """Read every file, rebuild every column and value, and compare them with the digests that name them."""
    keys = [name.rpartition("/")[2] for name in files.names(chunks.FOLDER)]
    problems = list(_problems(files, keys, chunks.check_chunk))
    problems += _problems(files, all_columns(files), _check_column)
    values = digests(files)
    lost = list(_problems(files, values, _check_value))
    # A file that is gone is met by every column and value that needs it.
    return Health(len(values) - len(lost), tuple(dict.fromkeys(problems + lost)))


def _problems(
    files: Files, names: Iterator[str] | list[str], check: Callable[[Files, str], None]
) -> Iterator[str]:
    for name in names:
        try:
            check(files, name)
        except StoreError as error:
            yield error.what


def _check_column(files: Files, key: str) -> None:
    if is_bytes(files, read_record(files, key)):
        check_bytes(files, key)
    else:
        Reader(files).checked(key)


def _check_value(files: Files, digest: str) -> None:
    manifest = read_manifest(files, digest)
    if manifest.now is not None:
        _check_value(files, manifest.now)
    elif manifest.kind in {objects.KIND, stored_files.KIND}:
        for column in columns_of(files, digest):  # a pickle is not loaded only to look at it
            _check_column(files, column)
    elif take_apart(stored(manifest, Reader(files).checked).value())[0] != digest:
        raise not_what_it_says(f"{files.place}/{manifest_name(digest)}")
