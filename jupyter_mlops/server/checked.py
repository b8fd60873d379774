"""Requests held to `rest.schema.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import BadInputError

SCHEMA = Path(__file__).parent / "rest.schema.json"


def hold(content: Any, name: str) -> None:
    """Let `content` pass if it is what the schema defines as `name`.

    Raises:
        BadInputError: it is something else; the message names the place, never the value.
    """
    from jsonschema.exceptions import best_match

    error = best_match(_validator(name).iter_errors(content))
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "the request"
        raise BadInputError(
            f"{place} is not as the schema says ({error.validator})",
            f"Send a {name} as rest.schema.json defines it.",
        )


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text("utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
