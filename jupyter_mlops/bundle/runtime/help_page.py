"""The two pages for a person in a browser: ``/`` has a request to copy, ``/docs`` sends one."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

from .protocols.openapi_routes import example_of
from .questions import Reply

if TYPE_CHECKING:
    from .served import Served

_HERE = Path(__file__).parent
_KIND = b"text/html; charset=utf-8"


def help_page(served: Served) -> Reply:
    """The page with a request to copy."""
    text = (_HERE / "help.html").read_text(encoding="utf-8")
    # Made-up values: the recorded example may be about a real person.
    record = {column.name: example_of(column) for column in served.columns}
    request = json.dumps({"dataframe_records": [record]}, ensure_ascii=False, indent=2)
    page = Template(text).substitute(
        name=html.escape(served.manifest.name),
        version=html.escape(served.manifest.version),
        run_id=html.escape(served.manifest.run_id),
        address=html.escape(quote(served.manifest.name, safe="")),
        request=html.escape(request),
    )
    return Reply(200, page.encode(), _KIND, _headers(text))


def docs_page() -> Reply:
    """The page that sends requests: one file for all bundles, it asks ``/openapi.json`` for the columns."""
    text = (_HERE / "docs.html").read_text(encoding="utf-8")
    return Reply(200, text.encode(), _KIND, _headers(text))


def _headers(page: str) -> tuple[tuple[bytes, bytes], ...]:
    """Only the page's own style and script run, told by their hashes, and they speak to this server only."""
    allowed = {"style": "'none'", "script": "'none'"}
    for tag in allowed:
        found = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        if found:
            digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
            allowed[tag] = f"'sha256-{digest}'"
    policy = (
        f"default-src 'none'; script-src {allowed['script']}; style-src {allowed['style']}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return (
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    )
