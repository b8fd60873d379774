"""What a person asked of `promote`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.registry.gates import Rules


@dataclass(frozen=True)
class Order:
    """The words of the command; `timeout` is in seconds, `memory` in bytes."""

    name: str
    alias: str
    rules: Rules
    approve_by: str | None
    serialization: str
    unverified: bool
    reason: str
    timeout: float
    memory: int | None
    allow: frozenset[str]
    project: bool
