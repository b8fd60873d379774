"""KServe's first protocol, which was TensorFlow Serving's: ``POST /v1/models/NAME:predict``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..problems import BadRequest
from ..questions import Question, Reply, to_json
from ..tables import expect, parse, read_instances, to_batch
from .mlflow import asked_method

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..questions import Answers
    from ..tables import Columns

NAME = "kserve_v1"


def read(body: bytes, kind: str, columns: Columns, _headers: Mapping[bytes, bytes]) -> Question:
    """What ``{"instances": [...]}`` asks: rows as objects, or as arrays in the schema's order.

    Raises:
        BadRequest: it is of another type, shape or content than the schema asks for.
    """
    if kind != "application/json":
        raise BadRequest(
            "UNSUPPORTED_MEDIA_TYPE", "expected Content-Type application/json, in plain UTF-8", status=415
        )
    if not body:
        raise BadRequest("EMPTY_BODY", "the body is empty")
    document: Any = parse(body)
    expect(document, dict, "an object", "$")
    if not {"instances"} <= document.keys() <= {"instances", "params"}:
        raise BadRequest("BAD_FORMAT", "expected the key instances, and optionally params")
    method = asked_method(document.get("params"))
    return Question(
        to_batch(read_instances(document["instances"], columns, "$.instances"), columns), (method,)
    )


def write(_question: Question, answers: Answers) -> Reply:
    """``{"predictions": [...]}``, one for each row."""
    return Reply(200, to_json({"predictions": answers[0]}))
