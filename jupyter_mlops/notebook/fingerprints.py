"""Content digests of the notebook's values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fingerprints:
    """Says by its content digest whether a name's value is what it was; None if that cannot be known."""

    def of(self, name: str, namespace: Mapping[str, Any]) -> str | None:
        """The content digest of the value that `name` has in `namespace`."""
        return digest(namespace[name])
