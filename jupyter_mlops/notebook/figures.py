"""Figures that cells showed, as files by content digest beside the journal: a crash loses none of them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

import xxhash

from jupyter_mlops.files import write_atomically
from jupyter_mlops.lineage.record import FIGURE_SUFFIXES, Figure
from jupyter_mlops.notebook.outputs_seen import size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_MAX_BYTES = 4 << 20
_MAX_CELL_BYTES = 8 << 20
_MOST = 16
"""Limits of one figure, and of all figures of a cell: writing them is part of the cell's time."""
_VEGA = ("application/vnd.vegalite.", "application/vnd.vega.")
_TEXT = ("image/svg+xml", "text/html")


def keep_figures(bundles: Iterable[Mapping[str, Any]], folder: Path | None) -> tuple[Figure, ...]:
    """Write the figures among what a cell showed; each in its best form only.

    Args:
        bundles: what was shown, each thing in one or more forms.
        folder: where they go; None if the user wants no content kept: then only kinds and sizes are told.
    """
    found: list[Figure] = []
    kept = 0
    for bundle in bundles:
        mime = _form(bundle)
        if mime is None:
            continue
        size = size_of(mime, bundle[mime])
        if folder is None:
            figure = Figure(mime, size, missing="the contents of outputs are not kept")
        elif size > _MAX_BYTES:
            figure = Figure(mime, size, missing=f"larger than {_MAX_BYTES >> 20} MB")
        elif len(found) >= _MOST or kept + size > _MAX_CELL_BYTES:
            figure = Figure(mime, size, missing="the cell showed too many")
        else:
            figure = _keep(mime, bundle[mime], folder)
            kept += figure.bytes
        found.append(figure)
    return tuple(found)


def _form(bundle: Mapping[str, Any]) -> str | None:
    """The form to keep; None if it is no figure. HTML is one only where it is Plotly's."""
    for mime in FIGURE_SUFFIXES:
        if mime in bundle and (mime != "text/html" or "plotly-graph-div" in str(bundle[mime])):
            return mime
    return next((mime for mime in bundle if mime.startswith(_VEGA)), None)


def _keep(mime: str, payload: Any, folder: Path) -> Figure:
    try:
        content = _content(mime, payload)
    except (ValueError, TypeError, binascii.Error):
        return Figure(mime, size_of(mime, payload), missing="not in the form it says")
    figure = Figure(mime, len(content), xxhash.xxh3_128_hexdigest(content))
    path = folder / figure.file_name
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
    except OSError as error:
        return Figure(mime, len(content), missing=f"it could not be written ({error.strerror})")
    return figure


def _content(mime: str, payload: Any) -> bytes:
    """As bytes of a file: a kernel's messages carry pictures as base64 and JSON as objects."""
    if isinstance(payload, bytes):
        return payload
    if not isinstance(payload, str):
        return json.dumps(payload, separators=(",", ":")).encode()
    if mime in _TEXT or mime.endswith("json"):
        return payload.encode("utf-8", "replace")
    return base64.b64decode(payload)
