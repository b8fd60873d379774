"""Where a verb was asked: the project's settings, the notebook's names, and how to show progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_mlops.settings import Settings, load_settings

Progress = Callable[[str, float], None]
"""Told a short text and the share done, from 0 to 1."""


def silent(text: str, share: float) -> None:
    """The progress of a plain function call: none."""


@dataclass
class Place:
    """What a door hands to the commands behind it.

    `namespace` and `shell` are None outside a notebook.
    """

    settings: Settings = field(default_factory=load_settings)
    namespace: Mapping[str, Any] | None = None
    shell: Any = None
    progress: Progress = silent
    as_json: bool = False
