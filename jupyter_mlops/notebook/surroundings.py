"""Hidden state that a cell can set for all cells after it, such as where files and modules are found."""

from __future__ import annotations

import os
import sys

from jupyter_mlops.lineage.record import FOLDER, MODULE_PATH, SKLEARN_SETTINGS


def surroundings() -> dict[str, object]:
    """The current folder, the import path, and what scikit-learn was told to do in all its estimators.

    The environment's variables are not among them: libraries set some when they are imported, which would
    make every import a cell that all later ones need.
    """
    try:
        folder = os.getcwd()  # noqa: PTH109 - as text
    except FileNotFoundError:  # removed under our feet
        folder = ""
    get_config = getattr(sys.modules.get("sklearn"), "get_config", dict)
    config: dict[str, object] = get_config()
    settings = (config.get("transform_output", "default"), config.get("enable_metadata_routing", False))
    return {FOLDER: folder, MODULE_PATH: tuple(map(str, sys.path)), SKLEARN_SETTINGS: settings}
