"""Content digests of the notebook's values, and the frozen copies that make asking again cheap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psutil

from jupyter_mlops.snapshot import digest
from jupyter_mlops.snapshot.known_columns import Frozen, KnownColumns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHARE_OF_MEMORY = 2


class Fingerprints:
    """Says by its content digest whether a name's value is what it was; None if that cannot be known.

    Args:
        masked: gives the value as it may be known: masked columns are replaced before anything looks at them.
        most_bytes: hold no frames of more than that in all; half of the memory that is free now when None.
    """

    def __init__(
        self, masked: Callable[[Any], Any] = lambda value: value, most_bytes: int | None = None
    ) -> None:
        self.masked = masked
        if most_bytes is None:
            most_bytes = psutil.virtual_memory().available // _SHARE_OF_MEMORY
        self._columns = KnownColumns(most_bytes)
        self._frozen: dict[str, Frozen] = {}
        self.trust = True
        """False for a cell that can write into frames past pandas: then they are digested in full."""

    def of(self, name: str, namespace: Mapping[str, Any]) -> str | None:
        """The content digest of the value that `name` has in `namespace`.

        The frames in the value are held as they are now, until the name is asked for again or is gone.
        """
        look = self._columns.look(trust=self.trust)
        found = digest(self.masked(namespace[name]), columns=look)
        self._release(name)
        if look.frozen.copies:
            self._frozen[name] = look.frozen
        return found

    def keep_only(self, namespace: Mapping[str, Any]) -> None:
        """Let the frames of names go that are no longer in `namespace`."""
        for name in self._frozen.keys() - namespace.keys():
            self._release(name)

    def let_go(self) -> None:
        """Hold nothing any longer: tracking stops, and the notebook's memory is its own."""
        self.keep_only({})

    @property
    def frozen_bytes(self) -> int:
        """Size of the frames that are held."""
        return self._columns.bytes

    def _release(self, name: str) -> None:
        frozen = self._frozen.pop(name, None)
        if frozen is not None:
            self._columns.release(frozen)
