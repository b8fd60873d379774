"""Files beside the snapshots that describe them: made from a value, kept under its digest, gone with it.

What stands in them is no matter here. They are not needed to give a value back, so they are not copied to
other places, and one that is lost or damaged is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError
from jupyter_mlops.snapshot.manifests import manifest_name, read_manifest

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.files import Files

FOLDER = "profiles"
_ENDING = ".json.zst"


def profile_name(digest: str) -> str:
    """The file of a profile in the store."""
    return f"{FOLDER}/{digest[:2]}/{digest}{_ENDING}"


def digest_in(name: str) -> str:
    """The digest of the value that a file of a profile is about."""
    return name.rpartition("/")[2].removesuffix(_ENDING)


def read_profile(files: Files, digest: str) -> str | None:
    """The text of a profile; None if there is none, or it is damaged."""
    import zstandard

    if not files.exists(profile_name(digest)):
        return None
    try:
        return zstandard.ZstdDecompressor().decompress(files.read(profile_name(digest))).decode()
    except (StoreError, zstandard.ZstdError, UnicodeDecodeError):
        return None


def write_profile(files: Files, digest: str, text: str) -> bool:
    """Keep the profile of a value; under the lock. False if the value has gone, or lost rows, meanwhile.

    Raises:
        StoreError: the place does not take it.
    """
    import zstandard

    if not files.exists(manifest_name(digest)) or read_manifest(files, digest).now is not None:
        return False
    files.write(profile_name(digest), zstandard.ZstdCompressor(write_checksum=True).compress(text.encode()))
    return True
