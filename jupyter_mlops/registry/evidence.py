"""What gates, the model card and explanations are told of a model: its rows, its figures, the champion's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from jupyter_mlops.registry.verify import Check
    from jupyter_mlops.registry.versions import Version

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Rows:
    """Rows with or without their true answers: `features` (rows × columns), `target` (rows).

    Both have the same order. `said` is how the notebook calls them, such as ``X_test``.
    """

    features: pd.DataFrame
    target: pd.Series | None
    said: str


@dataclass(frozen=True)
class Champion:
    """The version that a new one is compared with.

    `model` is None where it may not be loaded (a pickle) or cannot be; `why` says so then. `training` are the
    features it was trained on, where they are kept.
    """

    version: Version
    model: Any
    training: pd.DataFrame | None
    why: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that is known of a model before it is registered.

    `metrics` are those of the notebook, and `checks` what comparing them with the replay's gave. `holdout`
    are rows the model was measured on and not trained on. `statements` is the code behind it.
    """

    model: Any
    task: Task
    training: Rows
    holdout: Rows | None
    metrics: Mapping[str, float]
    checks: tuple[Check, ...]
    size_bytes: int
    """Of the files that are registered."""
    champion: Champion | None = None
    statements: str = ""


@dataclass(frozen=True)
class Gate:
    """One thing that decides about a model.

    ``passed`` and ``failed`` have been measured; ``warned`` asks a person to look, and does not stop the
    model; ``skipped`` says in `figure` what is missing. `details` is plain data for JSON.
    """

    name: str
    outcome: Literal["passed", "warned", "failed", "skipped"]
    figure: str
    details: Mapping[str, Any] = field(default_factory=dict)
