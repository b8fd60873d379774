"""What every protocol makes of a request and of the model's answers, and the bytes that go back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .batch import Batch

METHODS = ("predict", "predict_proba")
JSON = b"application/json"

Answers: TypeAlias = "Sequence[np.ndarray[Any, Any]]"
"""One array of shape (rows,) or (rows, k) for each method of the question."""


@dataclass(slots=True)
class Question:
    """Checked rows, and the model's methods that are asked about them.

    Attributes:
        batch: the rows.
        methods: of ``METHODS``, at least one.
        more: what the protocol needs again for its answer.
        version: of the model that answered.
    """

    batch: Batch
    methods: tuple[str, ...] = ("predict",)
    more: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


@dataclass(slots=True)
class Reply:
    """A whole HTTP answer; header names in lower case. ``sent`` is called when it is on its way."""

    status: int
    body: bytes = b""
    kind: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()
    sent: Callable[[], None] | None = None


def to_json(content: Any) -> bytes:
    """JSON in which a number that is not finite is null, and a label of another type is its text."""
    return orjson.dumps(content, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):  # of text, dates, or not in one piece of memory
        return value.tolist()
    return str(value)
