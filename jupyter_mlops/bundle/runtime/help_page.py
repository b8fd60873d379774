"""``GET /``: the page for a person who opened the address in a browser."""

from __future__ import annotations

import html
import json
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .served import Served

PAGE_HEADERS = ((b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),)
_PLACEHOLDERS = {
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "string": "text",
    "datetime": "2026-01-31T12:00:00",
}


def help_page(served: Served) -> str:
    """The page, with a request to copy."""
    template = Template((Path(__file__).parent / "help.html").read_text(encoding="utf-8"))
    # Made-up values: the recorded example may be about a real person.
    record = {column.name: _PLACEHOLDERS[column.type] for column in served.columns}
    request = json.dumps({"dataframe_records": [record]}, ensure_ascii=False, indent=2)
    return template.substitute(
        name=html.escape(served.manifest.name),
        version=html.escape(served.manifest.version),
        run_id=html.escape(served.manifest.run_id),
        request=html.escape(request),
    )
