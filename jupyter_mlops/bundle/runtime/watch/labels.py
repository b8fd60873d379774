"""True labels that come back by request id, for whoever joins them with the request log."""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from ..problems import BadRequest
from .log import label_type
from .parquet import Kind, ParquetFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .seen import EngineInfo, WatchSettings

MOST_WAITING = 100_000
LONGEST_ID = 200
_EXPECTED = {
    "string": "a string",
    "number": "a finite number",
    "integer": "an integer of at most 64 bits",
    "boolean": "a boolean",
}

Row = tuple[str, int | None, Any, int]


class Labels:
    """Checks labels at once and leaves the writing to the background. `accepted` counts them."""

    def __init__(self, folder: Path, engines: Mapping[str, EngineInfo], settings: WatchSettings) -> None:
        self.accepted = 0
        self._type = label_type(engines.values())
        self._waiting: deque[Row] = deque()
        kinds = [
            Kind("request_id", "string"),
            Kind("row", "integer"),
            Kind("label", self._type),
            Kind("at", "datetime", zone="UTC"),
        ]
        self.files = ParquetFiles(folder, "feedback", kinds, settings.rotate_rows, settings.rotate_seconds)

    def take(self, rows: Any, at: str) -> int:
        """Check all rows, then keep all of them or none. Returns how many.

        Raises:
            BadRequest: a row is not ``{"request_id": text, "label": …}`` with an optional ``"row"``, or too
                much waits to be written (503).
        """
        if type(rows) is not list or not rows:
            raise BadRequest("BAD_FORMAT", "expected an array of one or more objects", at)
        now = round(time.time() * 1e6)
        checked = [self._check(row, f"{at}[{index}]", now) for index, row in enumerate(rows)]
        if len(self._waiting) + len(checked) > MOST_WAITING:
            raise BadRequest("BUSY", "too many labels wait to be written; send them again later", at, 503)
        self._waiting.extend(checked)
        self.accepted += len(checked)
        return len(checked)

    def store(self) -> None:
        """Hand what waits to the files; called in the background."""
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if rows:
            self.files.add([list(column) for column in zip(*rows, strict=True)], len(rows))

    def _check(self, row: Any, at: str, now: int) -> Row:
        if type(row) is not dict or not {"request_id", "label"} <= row.keys() <= {
            "request_id",
            "label",
            "row",
        }:
            raise BadRequest(
                "BAD_FORMAT", "expected an object with request_id and label, and optionally row", at
            )
        request_id, place, label = row["request_id"], row.get("row"), row["label"]
        if type(request_id) is not str or not 0 < len(request_id) <= LONGEST_ID or not _is_text(request_id):
            expected = f"expected a string of 1 to {LONGEST_ID} characters"
            raise BadRequest("WRONG_TYPE", expected, f"{at}.request_id")
        if place is not None and (type(place) is not int or not 0 <= place < 2**31):
            raise BadRequest("WRONG_TYPE", "expected the number of a row, from 0", f"{at}.row")
        if not _fits(label, self._type):
            raise BadRequest("WRONG_TYPE", f"expected {_EXPECTED[self._type]}", f"{at}.label")
        return request_id, place, float(label) if self._type == "number" else label, now


def _fits(label: Any, kind: str) -> bool:
    if kind == "string":
        return type(label) is str and _is_text(label)
    if kind == "boolean":
        return type(label) is bool
    if kind == "integer":
        return type(label) is int and -(2**63) <= label < 2**63
    try:
        return type(label) in {int, float} and math.isfinite(label)
    except OverflowError:  # an integer of more than 308 digits
        return False


def _is_text(text: str) -> bool:
    """Whether UTF-8 can hold it: JSON can spell half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
