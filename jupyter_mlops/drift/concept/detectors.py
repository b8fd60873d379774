"""River's detectors by name, imported at first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

import numpy as np

from jupyter_mlops.errors import BadInputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_mlops.drift.performance.sides import Floats

DETECTORS = {
    "adwin": ("river.drift", "ADWIN"),
    "page-hinkley": ("river.drift", "PageHinkley"),
    "ddm": ("river.drift.binary", "DDM"),
}
ERRORS_ONLY = frozenset({"ddm"})


class Detector(Protocol):
    """What all of river's detectors have."""

    @property
    def drift_detected(self) -> bool:
        """Whether the last value was an alarm."""

    def update(self, x: float) -> None:
        """Take the next value of the stream."""


def make(name: str, options: Mapping[str, object]) -> Detector:
    """The detector of that name, with river's own options.

    Raises:
        BadInputError: an unknown name or option, or river is not installed.
    """
    if name not in DETECTORS:
        raise BadInputError(
            f"No detector is named {name!r}.{did_you_mean(str(name), DETECTORS)}",
            f"Choose of {', '.join(DETECTORS)}.",
        )
    module, kind = DETECTORS[name]
    try:
        made = getattr(importlib.import_module(module), kind)
    except ImportError as error:
        raise BadInputError(
            "The package river, whose detectors find concept drift, is not installed.",
            "pip install 'jupyter-mlops[concept]'",
        ) from error
    try:
        found: Detector = made(**options)
    except (TypeError, ValueError) as error:
        raise BadInputError(
            f"The detector {name} does not take these options: {', '.join(options)}.",
            f"See help(river.drift.{'binary.' if name in ERRORS_ONLY else ''}{kind}) for its own.",
        ) from error
    return found


def watch(detector: Detector, values: Floats) -> tuple[list[int], list[int]]:
    """Positions of the alarms, and of the rows at which a warning begins."""
    alarms: list[int] = []
    warnings: list[int] = []
    warned = False
    for i, value in enumerate(values.tolist()):
        detector.update(value)
        if detector.drift_detected:
            alarms.append(i)
        warning = bool(getattr(detector, "warning_detected", False))
        if warning and not warned:
            warnings.append(i)
        warned = warning
    return alarms, warnings


def fixed_interval(rows: int, alarms: int) -> list[int]:
    """As many alarms, at equal distances: a detector that looks at nothing."""
    return [round(rows * (i + 1) / (alarms + 1)) for i in range(alarms)]


def at_random(rows: int, alarms: int, seed: int) -> list[int]:
    """As many alarms, at rows drawn without repetition: another that looks at nothing."""
    return sorted(np.random.default_rng(seed).choice(rows, alarms, replace=False).tolist())
