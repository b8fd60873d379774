"""What the server hands over to be watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from ..batch import Batch


METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What Prometheus calls the form of ``/metrics``."""


@dataclass(frozen=True)
class EngineInfo:
    """One version that is served; ``classes`` are a classifier's labels in the order of its probabilities."""

    name: str
    version: str
    run_id: str
    engine: str
    classes: list[Any] | None


@dataclass(slots=True)
class Answered:
    """A request whose answer was sent.

    Attributes:
        request_id: the id that the client was told; true labels come back under it.
        at: when it was answered, in seconds since 1970.
        route: the route's pattern, never the address as it was typed.
        protocol: such as ``mlflow`` or ``v2``.
        version: which of the engines answered.
        method: ``predict`` or ``predict_proba``.
        batch: the checked rows.
        answer: shape (rows,) or (rows, k).
        seconds: from the first byte read to the last one written.
        stages: seconds to parse, prepare, predict and encode.
        probabilities: shape (rows, classes), where they were asked for beside the predictions.
    """

    request_id: str
    at: float
    route: str
    protocol: str
    version: str
    method: str
    batch: Batch
    answer: np.ndarray[Any, Any]
    seconds: float
    stages: tuple[float, float, float, float]
    probabilities: np.ndarray[Any, Any] | None = None


@dataclass
class WatchSettings:
    """What is kept of the requests, and how much may wait.

    Attributes:
        log: the folder of the request log and of true labels; None keeps neither.
        sample: the share of requests that are logged, 0 to 1. Counts are always of all requests.
        mask: columns that are left out of the log.
        rotate_rows: a file is written when so many rows wait for it.
        rotate_seconds: or when its first row is so old.
        queue: the most rows that wait to be counted and logged. What comes on top is counted as dropped.
    """

    log: Path | None = None
    sample: float = 1.0
    mask: tuple[str, ...] = ()
    rotate_rows: int = 10_000
    rotate_seconds: float = 300.0
    queue: int = 20_000
