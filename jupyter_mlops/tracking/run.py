"""A run as MLflow keeps it, in plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_000
"""Years 1 to 9999, which are all that a `datetime` can say; MLflow takes any number."""


@dataclass(frozen=True)
class Run:
    """A run as MLflow keeps it, in plain data."""

    run_id: str
    name: str
    status: str
    started: datetime
    seconds: float | None
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    datasets: tuple[tuple[str, str], ...]
    """(name, digest) of each input, in the order they were logged."""

    @property
    def hypothesis(self) -> str | None:
        """What the user expected, in their words."""
        return self.tags.get("mlops.hypothesis")

    @property
    def is_ours(self) -> bool:
        """True for runs made from a tracked cell: they have a record and a slice."""
        return self.tags.get("mlops.kind") == "cell"

    def is_of(self, session: str, serial: int) -> bool:
        """True if the record of that execution is in this run; the user's own run can have several."""
        serials = self.tags.get("mlops.serials") or self.tags.get("mlops.serial", "")
        return self.is_ours and self.tags.get("mlops.session") == session and str(serial) in serials.split()


def time_of(milliseconds: int) -> datetime:
    """The time that MLflow writes as milliseconds since 1970."""
    clamped = min(max(milliseconds, _FIRST_MS), _LAST_MS)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=clamped)
