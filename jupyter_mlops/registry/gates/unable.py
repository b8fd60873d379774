"""A gate that cannot be computed says why."""

from __future__ import annotations


class Unable(Exception):  # noqa: N818 - not an error: one of the answers of a gate
    """What is missing, in words for people and without values of the data.

    Args:
        reason: one line.
        applies: False if there is nothing to compare with, such as no champion yet: then the gate is skipped
            even if the user requires it.
    """

    def __init__(self, reason: str, *, applies: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.applies = applies
