"""The drift widget's module and style, and the page that shows a report with them and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jupyter_mlops.widgets.static import esc, plain

_HERE = Path(__file__).parent
_PARTS = ("words", "svg", "list", "histogram", "lines", "detail", "segments", "together", "performance")
# One ES module from all files: anywidget loads it from a blob address, where relative imports do not work.
MODULE = "\n".join(
    (_HERE / name).read_text(encoding="utf-8")
    for name in ("dom.js", *(f"drift_{part}.js" for part in _PARTS), "drift.js")
)
STYLE = (_HERE / "drift.css").read_text(encoding="utf-8")


def page(payload: dict[str, Any], table: str) -> str:
    """One HTML page that needs no network; `table` is HTML for where scripts do not run."""
    parts = {
        "title": esc(plain(payload["headline"])),
        "style": STYLE,
        "table": table,
        # "</script>" in a column name would end the element; JSON reads \u003c just as well.
        "payload": json.dumps(payload, allow_nan=False).replace("<", "\\u003c"),
        "module": MODULE,
    }
    template = (_HERE / "drift_page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
