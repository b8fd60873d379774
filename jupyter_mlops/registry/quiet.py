"""MLflow tells its own story while it works; a verb tells the user what came out of it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quiet_mlflow() -> Iterator[None]:
    """Keep back MLflow's log lines below errors: in a notebook they would stand in red above the result."""
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
