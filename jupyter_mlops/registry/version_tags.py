"""Tags of a registered version that change after it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.registry.versions import Version
    from jupyter_mlops.settings import Settings


def tag_version(settings: Settings, version: Version, tags: Mapping[str, str]) -> None:
    """Set tags of a version.

    Raises:
        StoreError: the registry cannot be used.
    """
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        for name, value in tags.items():
            client.set_model_version_tag(version.name, version.version, name, value)
