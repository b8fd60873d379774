"""What is said when a model has no compiled form."""

from __future__ import annotations


class CannotCompile(Exception):  # noqa: N818 - not a failure: the bundle is served by scikit-learn then
    """An estimator, or one of its parameters, has no compiled form.

    Args:
        reason: names the estimator and the parameter, never a value of the data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
