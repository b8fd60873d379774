"""Addresses of our data in MLflow: ``mlops://<content digest>``."""

from __future__ import annotations

import json

SOURCE_TYPE = "mlops"
SCHEME = "mlops://"


def source_json(digest: str) -> str:
    """The text MLflow keeps for a dataset with this content digest."""
    return json.dumps({"uri": f"{SCHEME}{digest}"})
