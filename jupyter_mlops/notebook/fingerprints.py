"""Content digests of the notebook's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Fingerprints:
    """Says by its content digest whether a name's value is what it was; None if that cannot be known.

    `masked` gives the value as it may be known: masked columns are replaced before anything looks at them.
    """

    def __init__(self, masked: Callable[[Any], Any] = lambda value: value) -> None:
        self.masked = masked

    def of(self, name: str, namespace: Mapping[str, Any]) -> str | None:
        """The content digest of the value that `name` has in `namespace`."""
        return digest(self.masked(namespace[name]))
