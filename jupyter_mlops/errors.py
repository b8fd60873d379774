"""Errors that help: each says what happened, to what, and what to do next, in two lines."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class MlopsError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        what: what happened and to what; one line, no values of the user's data.
        fix: what to do next; one line.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}\n{self.fix}"


class BadInputError(MlopsError):
    """What the user named or passed cannot be used."""


class NotFoundError(MlopsError):
    """A run, model, snapshot or file that does not exist."""


class StoreError(MlopsError):
    """A store (MLflow, snapshots, the journal) that cannot be reached, read or written."""


class MovedError(MlopsError):
    """An alias names another version than the one a decision was based on: somebody else was first."""


class ReproduceError(MlopsError):
    """The recorded code did not run again, or gave another result."""


class UnsafeModelError(MlopsError):
    """A model or object that can only be saved or loaded by running code nobody reviewed."""


class ServeError(MlopsError):
    """A bundle server that could not be started, reached or stopped."""


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest of `choices`, or an empty string."""
    near = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
