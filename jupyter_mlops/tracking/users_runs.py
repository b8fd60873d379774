"""What MLflow asks of us when the user's own code makes a run: two plugins, found by their entry points.

MLflow imports this module with itself, in every process of the environment: it must stay light, and outside
of a tracked notebook both answer that they have nothing to say. MLflow catches what they raise.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from jupyter_mlops.lineage.replay_store import REPLAY_STORE
from jupyter_mlops.settings import same_store
from jupyter_mlops.tracking.in_replay import stay_in

if TYPE_CHECKING:
    from jupyter_mlops.notebook.session import Session


class CellContext:
    """A run context provider: runs that are made in a tracked cell know their session and execution."""

    def in_context(self) -> bool:
        """True while a cell is recorded."""
        session = _session()
        return session is not None and session.recorder.is_open

    def tags(self) -> dict[str, str]:
        """The tags of the run that is being made; none for anything else MLflow asks tags for."""
        session = _session()
        return session.recorder.user_run_tags() if session else {}


class CellExperiment:
    """A default experiment provider: runs without a chosen experiment go where the session's runs go."""

    def in_context(self) -> bool:
        """True in a tracked notebook whose MLflow code writes to the session's store."""
        session = _session()
        if session is None or not (session.is_on or session.recorder.is_open):
            return False
        return same_store(sys.modules["mlflow"].get_tracking_uri(), session.settings.tracking_uri)

    def get_experiment_id(self) -> str:
        """The id of the session's experiment, which is made if it does not exist."""
        from jupyter_mlops.tracking.client import connect, experiment_id

        session = _session()
        if session is None:  # `in_context` was true a moment ago
            raise LookupError("the session has ended")
        return experiment_id(connect(session.settings), session.settings)


def _session() -> Session | None:
    """This process's session; looked up without an import, which would load the notebook's side."""
    module: Any = sys.modules.get("jupyter_mlops.notebook.session")
    found: Session | None = module.current_session() if module else None
    return found


if REPLAY_STORE in os.environ:
    stay_in(os.environ[REPLAY_STORE])
