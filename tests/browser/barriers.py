"""What keeps people out of a view, as axe-core finds it: contrast, names, roles, focus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

_AXE = Path(__file__).parents[1] / "javascript/node_modules/axe-core/axe.min.js"
# A colour that is still on its way to another theme has a contrast that nobody is meant to read.
# The Lab's body has no height and hides what overflows it:
# axe-core takes all text for hidden, and looks at none.
_RUN = """async node => {
    const moving = document.getAnimations().filter(each => each instanceof CSSTransition);
    for (const each of moving) each.finish();
    document.body.style.height = "100vh";
    const found = await axe.run(node, { iframes: false });
    document.body.style.height = "";
    const looked = [...found.passes, ...found.violations, ...found.incomplete].map(each => each.id);
    const serious = found.violations.filter(each => ["serious", "critical"].includes(each.impact));
    return [looked, serious.flatMap(({ id, nodes }) =>
        nodes.map(one => `${id}: ${one.html.slice(0, 200)} ${one.failureSummary}`))];
}"""

# What fills the page takes its new size when the next frame is made.
_SCROLL = """async node => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    node.scrollIntoView({ block: "center" });
}"""


def serious_findings(view: Locator) -> list[str]:
    """What axe-core calls serious or critical inside `view` as it is painted now, one text for each element.

    Raises:
        FileNotFoundError: axe-core is not installed; ``make javascript`` does it.
        RuntimeError: no text was looked at, so that nothing found says nothing.
    """
    if not _AXE.exists():
        raise FileNotFoundError(f"{_AXE} is missing: run `make javascript`.")
    if not view.page.evaluate("() => 'axe' in window"):
        view.page.evaluate(_AXE.read_text(encoding="utf-8"))
    _bring_into_sight(view)
    looked, found = view.evaluate(_RUN)
    if "color-contrast" not in looked:
        raise RuntimeError("axe-core saw no text here: is the view empty?")
    serious: list[str] = found
    return serious


def _bring_into_sight(view: Locator) -> None:
    """All of it at once: what is scrolled away has no contrast for axe-core."""
    size, box = view.page.viewport_size, view.bounding_box()
    if size and box and box["height"] + 200 > size["height"]:
        view.page.set_viewport_size({"width": size["width"], "height": int(box["height"]) + 400})
    view.evaluate(_SCROLL)
