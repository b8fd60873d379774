"""A short number of a cell's text, by which the page tells that the cell was edited since it ran."""

from __future__ import annotations

import struct
from functools import lru_cache

_WORD = 0xFFFFFFFF
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=1024)  # the notebook's cells: each is asked for again after every cell that runs
def hash_of(text: str) -> str:
    """53 bits of `text` without the line breaks at its end, which IPython does not keep, to base 36.

    As `hashOf` of labextension/src/text/badges.ts, over JavaScript's 16-bit characters. It tells versions
    of a text apart and protects nothing.

    Source: cyrb53 by bryc (public domain).
    """
    one, two = 0xDEADBEEF, 0x41C6CE57
    units = text.rstrip("\n").encode("utf-16-le", "surrogatepass")
    for unit in struct.unpack(f"<{len(units) // 2}H", units):
        one = (one ^ unit) * 2654435761 & _WORD
        two = (two ^ unit) * 1597334677 & _WORD
    mixed = _mix(one, two)
    return _base36((0x1FFFFF & _mix(two, mixed)) << 32 | mixed)


def _mix(one: int, two: int) -> int:
    return ((one ^ one >> 16) * 2246822507 & _WORD) ^ ((two ^ two >> 13) * 3266489909 & _WORD)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
