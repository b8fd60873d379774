"""In the process of a replay MLflow stays with the scratch store, whatever the replayed code sets.

``mlflow.set_tracking_uri`` often stands beside the import that a slice needs; obeyed, it would write the
replay's runs to the user's store.
"""

from __future__ import annotations

import sys
from typing import Any

_PLACES = {
    "mlflow.tracking._tracking_service.utils": ("_tracking_uri", "set_tracking_uri"),
    "mlflow.tracking._model_registry.utils": ("_registry_uri", "set_registry_uri"),
}


def stay_in(uri: str) -> None:
    """Call while MLflow is imported; other modules hold its functions by then, so these change inside."""
    for name, (variable, function) in _PLACES.items():
        module: Any = sys.modules.get(name)
        if module is not None:
            setattr(module, variable, uri)
            getattr(module, function).__code__ = _ignore.__code__


def _ignore(uri: object) -> None:
    """What setting an address does from now on."""
