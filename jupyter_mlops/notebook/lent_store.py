"""The session's store, lent to the user's own MLflow code: through the environment, which MLflow reads.

MLflow's own default is a file in whatever folder is the current one. While a notebook is tracked and the
user has chosen no store, their ``mlflow.log_…`` calls, those of child processes too, go where our runs go.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jupyter_mlops.notebook.user_mlflow import has_open_run
from jupyter_mlops.settings import LENT_STORE, STORE

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings


def lend(settings: Settings) -> None:
    """Set MLflow's address for this process, unless the user has set one or has a run open."""
    if STORE in os.environ or has_open_run():  # an open run would not be found in another store
        return
    os.environ[LENT_STORE] = os.environ[STORE] = settings.tracking_uri


def take_back() -> None:
    """Undo `lend`, unless the user has set another address since, or has a run open in the lent store."""
    if has_open_run():
        return
    lent = os.environ.pop(LENT_STORE, None)
    if lent is not None and os.environ.get(STORE) == lent:
        del os.environ[STORE]
