"""Sizes of memory as people type and read them: ``500MB``, ``2 GB``, ``1.5GiB``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from jupyter_mlops.errors import BadInputError

if TYPE_CHECKING:
    _Type = click.ParamType[Any]
else:  # generic for type checkers only in older versions of Click
    _Type = click.ParamType

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([KMGT]?)(I?)B\s*", re.IGNORECASE)
_POWERS = ("", "K", "M", "G", "T")
_LEAST = 1_000_000


def parse_size(text: str) -> int:
    """The bytes of ``500MB`` (a million bytes each) or ``1.5 GiB`` (1,024³ bytes each).

    Raises:
        BadInputError: it is no size, has no unit, or is less than a megabyte.
    """
    found = _SIZE.fullmatch(text)
    if found is None or (found[3] and not found[2]):
        raise BadInputError(f"{text!r} is not a size", "Write a number with its unit: 500MB, 2GB or 1.5GiB.")
    size = int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS.index(found[2].upper()))
    if size < _LEAST:
        raise BadInputError(
            f"{text.strip()} is too little for any data", "Allow 1MB or more, or use --no-data to keep none."
        )
    return size


def shown_size(size: int) -> str:
    """A size to be read, in whole megabytes (rounded up) or tenths of gigabytes."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{-(-size // 1_000_000)} MB"


class Size(_Type):
    """An option that is a size of memory."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Bytes."""
        if not isinstance(value, str) or (ctx and ctx.resilient_parsing):
            return value
        return parse_size(value)
