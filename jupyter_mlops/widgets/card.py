"""One thing with its facts and checks: what verbs such as ``show``, ``promote`` and ``serve`` return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_mlops.errors import BadInputError
from jupyter_mlops.widgets.images import image_html, is_image_uri
from jupyter_mlops.widgets.intervals import Difference, draw_differences
from jupyter_mlops.widgets.static import (
    CODE,
    LINK,
    MUTED,
    PANEL,
    TITLE,
    aligned,
    cell_html,
    esc,
    plain,
)

LINE_LIMIT = 400

# Mark and colour repeat what the word says: nobody depends on the colour.
_MARKS = {
    "passed": ("✓", "var(--jp-success-color1,#1a7f37)"),
    "warned": ("!", "var(--jp-warn-color1,#9a6700)"),
    "failed": ("✗", "var(--jp-error-color1,#d1242f)"),
    "skipped": ("–", "var(--jp-ui-font-color2,#57606a)"),
    "equal": ("✓", "var(--jp-success-color1,#1a7f37)"),
    "different": ("✗", "var(--jp-error-color1,#d1242f)"),
    "changed": ("!", "var(--jp-warn-color1,#9a6700)"),
    "not comparable": ("–", "var(--jp-warn-color1,#9a6700)"),
}
# Jupyter lays out definition lists by floats and percentages of its own: taken back here.
_CELL = "margin:0;padding:0;float:none;width:auto;max-width:none;min-width:0"
_GRID = "display:grid;grid-template-columns:max-content minmax(0,max-content);gap:2px 16px;margin:0"


@dataclass(frozen=True)
class Card:
    """A titled set of facts, with an optional checklist, code and links.

    Args:
        title: what the card is about.
        lines: label and value pairs.
        checks: outcome (``passed``, ``warned``, ``failed``, ``skipped``; ``equal``, ``different``,
            ``changed``, ``not comparable``), what was checked, and its figure.
        code: a command or snippet to copy.
        links: label and address; an address that is neither http(s) nor relative is shown as text.
        volatile: labels of lines and links, and checks, whose figures are shown in HTML only, because they
            change between runs.
        note: a sentence at the end.
        differences: drawn in HTML only, under what `compared` says they are.
        images: name and ``data:`` address of pictures, shown in HTML only; anything else is left out.

    Raises:
        BadInputError: a check with another outcome.
    """

    title: str
    lines: tuple[tuple[str, str], ...] = ()
    checks: tuple[tuple[str, str, str], ...] = ()
    code: str = ""
    links: tuple[tuple[str, str], ...] = ()
    volatile: frozenset[str] = frozenset()
    note: str = ""
    images: tuple[tuple[str, str], ...] = ()
    differences: tuple[Difference, ...] = ()
    compared: str = ""

    def __post_init__(self) -> None:
        for outcome, what, _ in self.checks:
            if outcome not in _MARKS:
                raise BadInputError(
                    f"The check {what!r} has the outcome {outcome!r}.", f"Use one of {', '.join(_MARKS)}."
                )

    def __str__(self) -> str:
        parts = [plain(self.title)]
        lines = [line for line in self.lines if line[0] not in self.volatile]
        parts += [f"  {line}" for line in aligned(lines, limit=LINE_LIMIT)]
        checks = [
            (f"{_MARKS[outcome][0]} {outcome}", what, "" if what in self.volatile else figure)
            for outcome, what, figure in self.checks
        ]
        parts += [f"  {line}" for line in aligned(checks, limit=LINE_LIMIT)]
        if self.code:
            parts += [f"    {line}".rstrip() for line in self.code.splitlines()]
        parts += [
            f"  {plain(label)}: {plain(href)}" for label, href in self.links if label not in self.volatile
        ]
        if self.note:
            parts.append(plain(self.note))
        return "\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Everything on the card, ready for JSON."""
        return {
            "title": self.title,
            "facts": dict(self.lines),
            "checks": [{"outcome": o, "check": what, "figure": figure} for o, what, figure in self.checks],
            "code": self.code,
            "links": dict(self.links),
            "note": self.note,
        }

    def _html(self) -> str:
        parts = [f'<div style="{TITLE}">{cell_html(self.title, limit=200)}</div>']
        if self.lines:
            facts = "".join(
                f'<dt style="{MUTED};font-weight:400;{_CELL};white-space:nowrap">{cell_html(label)}</dt>'
                f'<dd style="{_CELL};overflow-wrap:break-word">{cell_html(value, LINE_LIMIT)}</dd>'
                for label, value in self.lines
            )
            parts.append(f'<dl style="{_GRID}">{facts}</dl>')
        if self.checks:
            items = "".join(_check_html(*check) for check in self.checks)
            parts.append(f'<ul style="list-style:none;margin:8px 0 0;padding:0">{items}</ul>')
        parts.append(draw_differences(self.compared, self.differences))
        if self.code:
            parts.append(f'<pre style="{CODE}">{esc(self.code)}</pre>')
        parts += [image_html(name, uri) for name, uri in self.images if is_image_uri(uri)]
        if self.links:
            links = " · ".join(_link_html(label, href) for label, href in self.links)
            parts.append(f'<div style="margin-top:8px">{links}</div>')
        if self.note:
            parts.append(f'<div style="{MUTED};margin-top:6px">{esc(plain(self.note))}</div>')
        return f'<div style="{PANEL}">{"".join(parts)}</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Static HTML and stable text; IPython applies `include` and `exclude` itself."""
        return {"text/plain": str(self), "text/html": self._html()}


def _check_html(outcome: str, what: str, figure: str) -> str:
    mark, colour = _MARKS[outcome]
    return (
        f'<li style="margin:0;display:flex"><span style="color:{colour};font-weight:600;flex:none;'
        f'min-width:6.3em">'
        f'<span aria-hidden="true">{mark}</span> {outcome}</span><span>{cell_html(what, LINE_LIMIT)}'
        f' <span style="{MUTED}">{cell_html(figure, LINE_LIMIT)}</span></span></li>'
    )


def _link_html(label: str, href: str) -> str:
    if not is_safe_link(href):
        return f"{cell_html(label)}: {cell_html(href, LINE_LIMIT)}"
    address = f'href="{esc(href)}" target="_blank" rel="noopener noreferrer"'
    return f'<a {address} style="{LINK}">{cell_html(label)}</a>'


def is_safe_link(href: str) -> bool:
    """True for http(s) addresses and relative paths: nothing a click could run.

    Control characters and blanks are refused because browsers drop them, so ``java\\nscript:`` would run.
    """
    if not href or href != href.strip() or any(ord(c) <= 0x20 for c in href):
        return False
    scheme, colon, _ = href.partition(":")
    if not colon or any(c in scheme for c in "/?#"):
        return not href.startswith(("//", "\\"))
    return scheme.lower() in {"http", "https"}
