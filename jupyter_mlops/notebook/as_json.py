"""A verb's result as JSON text in a notebook, for ``--json``."""

from __future__ import annotations

import json
from typing import Any


class Json:
    """Shows the plain data of a result; `data` is that data."""

    def __init__(self, result: Any) -> None:
        self.data = result.to_dict()

    def __repr__(self) -> str:
        return json.dumps(self.data, indent=1, default=str)
