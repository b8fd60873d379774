"""Frozen dataclasses as plain data, ready for JSON."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any


def plain_data(value: Any) -> Any:
    """Dictionaries for dataclasses and lists for tuples, all the way down; anything else as it is."""
    if is_dataclass(value):
        return {field.name: plain_data(getattr(value, field.name)) for field in fields(value)}
    return [plain_data(item) for item in value] if isinstance(value, tuple) else value
