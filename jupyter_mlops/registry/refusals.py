"""What a registry refuses, as one of our errors: MLflow's own words can hold what was sent."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_mlops.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refusals(what: str, fix: str) -> Iterator[None]:
    """Say that the registry refused `what`; goes around `store_errors`, which knows a store that is away.

    Raises:
        StoreError: it did.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise StoreError(f"the registry refused {what} ({error.error_code})", fix) from error
