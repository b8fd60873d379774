"""Pictures inside HTML, as ``img`` elements only: an SVG in one runs no script and loads nothing."""

from __future__ import annotations

import base64
import re

from jupyter_mlops.widgets.static import esc, plain

_MIMES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_URI = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]*={0,2}")
_MAX_BYTES = 1 << 20
"""A notebook that is saved has the picture in it once more."""


def image_uri(name: str, content: bytes) -> str | None:
    """The ``data:`` address of a picture; None for other files and large ones."""
    mime = _MIMES.get(name[name.rfind(".") :])
    if mime is None or len(content) > _MAX_BYTES:
        return None
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def is_image_uri(uri: str) -> bool:
    """True for what `image_uri` makes: nothing else goes into an ``img`` element."""
    return _URI.fullmatch(uri) is not None


def image_html(name: str, uri: str) -> str:
    """An ``img`` element that is never wider than its place."""
    return (
        f'<img src="{uri}" alt="{esc(plain(name))}" '
        'style="display:block;max-width:100%;height:auto;margin:8px 0 0;background:#fff">'
    )
