"""Pages that stand alone: one frame for all, which loads nothing and follows the reader's light or dark."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.widgets.modules import style
from jupyter_mlops.widgets.static import esc, plain

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent


def page(title: str, body: str, styles: str = "", **parts: str) -> str:
    """A whole page.

    Args:
        title: as text; it is escaped here.
        body: the name of the file of this folder that has the page's body, without ``.html``.
        styles: more CSS than every page has.
        parts: what stands for ``{{name}}`` in the body: HTML, a module, or JSON of `embedded`.
    """
    filled = _filled(body, parts)
    frame = {
        "title": esc(plain(title)),
        "scripts": "; script-src 'unsafe-inline'" if "<script" in filled else "",
        "style": f"{style('page')}\n{styles}",
        "body": filled,
    }
    return _filled("page", frame)


def embedded(value: Any, default: Callable[[Any], Any] | None = None) -> str:
    """JSON that can stand in a page: ``</script>`` in a name would end the element."""
    return json.dumps(value, default=default, allow_nan=False).replace("<", "\\u003c")


def _filled(name: str, parts: dict[str, str]) -> str:
    template = (_HERE / f"{name}.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
