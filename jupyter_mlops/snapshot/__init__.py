"""Values to digests, and the store that keeps each value once."""

from jupyter_mlops.snapshot.digest import digest
from jupyter_mlops.snapshot.store import Snapshot, SnapshotStore, is_storable

__all__ = ["Snapshot", "SnapshotStore", "digest", "is_storable"]
