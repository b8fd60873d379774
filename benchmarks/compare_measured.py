"""What one widget in JupyterLab takes: to be there, to filter, sort and scroll, and in the saved notebook."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from benchmarks.compare_lab import PEERS_KERNEL
from benchmarks.compare_sides import SIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lab_in_browser import Lab
    from playwright.sync_api import Browser, Page

_PAGE = Path(__file__).with_name("compare_page.js").read_text("utf-8")
_MS = 40_000
"""How long anything may take."""
_QUIET_MS = 500
_SCROLL_MS = 2_000
_FILTERS: Mapping[str, tuple[str, str]] = {"ours": ("metric_03 > 0.", "5"), "itables": ("run-000", "7")}
"""What is typed before, and the key that is measured."""
_RUN = """at => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = at;
    notebook.deselectAll();
    window.jupyterapp.commands.execute('notebook:run-cell');
}"""
_RAN = """at => {
    const panel = window.jupyterapp.shell.currentWidget;
    return panel.content.widgets[at].model.executionCount
        && panel.sessionContext.session.kernel.status === 'idle';
}"""
_SAVE = "() => { window.jupyterapp.commands.execute('docmanager:save'); }"
_SAVED = """() => { const context = window.jupyterapp.shell.currentWidget.context;
                    return !context.model.dirty; }"""


@dataclass(frozen=True)
class Place:
    """Where pages are opened."""

    lab: Lab
    browser: Browser


def measured(place: Place, name: str, rows: int) -> dict[str, Any]:
    """Show a side's widget on a new page and use it; seconds, counts, bytes.

    What fails is in the result as ``problem``, with what was measured before.
    """
    from playwright.sync_api import Error

    path = place.lab.folder / f"{name}-{rows}.ipynb"
    nbformat.write(notebook_of(name, rows), path)
    found: dict[str, Any] = {}
    try:
        page = _opened(place, path)
    except Error as error:
        return {"problem": _line(error)}
    try:
        for doing, step in _STEPS.items():
            try:
                found |= step(page, name, path)
            except Error as error:
                return found | {"problem": f"{doing}: {_line(error)}"}
    finally:
        page.close()
    return found


def executed(place: Place, name: str, rows: int) -> dict[str, Any]:
    """What the notebook grows by when nbclient executes it, which saves the widgets' states."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal

    notebook = notebook_of(name, rows)
    notebook.cells.pop()
    client = NotebookClient(notebook, timeout=_MS // 1000, resources={"metadata": {"path": place.lab.folder}})
    try:
        client.execute()
    except (CellControlSignal, RuntimeError) as error:
        return {"problem": f"execute: {_line(error)}"}
    return {"executed": growth(notebook)}


def notebook_of(name: str, rows: int) -> nbformat.NotebookNode:
    """The notebook of a side, not executed."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in SIDES[name].cells(rows)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    kernel = PEERS_KERNEL if SIDES[name].is_peer else "python3"
    notebook.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    return notebook


def growth(notebook: Any) -> int:
    """Bytes that the outputs and the widgets' state of a notebook take in its file.

    What the cells before and after the widget show counts as well: some widgets bring their code that way.
    """
    whole = len(json.dumps(notebook).encode())
    for cell in notebook["cells"]:
        cell["outputs"] = []
    notebook["metadata"].pop("widgets", None)
    return whole - len(json.dumps(notebook).encode())


def _opened(place: Place, path: Path) -> Page:
    from lab_in_browser import open_notebook

    page = open_notebook(place.browser, place.lab, path.name).page
    page.set_default_timeout(_MS)
    page.evaluate(_PAGE)
    _run(page, 0)
    _wait_quiet(page)
    return page


def _shown(page: Page, name: str, path: Path) -> dict[str, Any]:
    page.evaluate("side => { window.mlopsBench.show(side); }", name)
    times = _result(page)
    page.wait_for_function(_RAN, arg=1)
    _wait_quiet(page)
    ended = float((path.parent / "ends.txt").read_text("utf-8").split()[-1])
    return {
        "whole": (times["shown"] - times["began"]) / 1e3,
        "after_cell": max(0.0, times["shown"] / 1e3 - ended),
        "longest": page.evaluate("since => window.mlopsBench.longest(since)", times["began"]) / 1e3,
        "nodes": page.evaluate("() => window.mlopsBench.nodes()"),
    }


def _filtered(page: Page, name: str, path: Path) -> dict[str, Any]:
    if name not in _FILTERS:
        return {}
    before, key = _FILTERS[name]
    box = page.evaluate_handle("side => window.mlopsBench.find(side, 'filter')", name).as_element()
    box.click()
    page.keyboard.insert_text(before)
    _wait_quiet(page)
    _listen(page, name, "keydown")
    page.keyboard.press(key)
    took = _result(page) / 1e3
    box.fill("")
    _wait_quiet(page)
    return {"filter": took}


def _sorted(page: Page, name: str, path: Path) -> dict[str, Any]:
    head = page.evaluate_handle("side => window.mlopsBench.find(side, 'sort')", name).as_element()
    if head is None:
        return {}
    head.hover(force=True)  # some show what sorts only then
    _wait_quiet(page)
    _listen(page, name, "click")
    head.click()
    return {"sort": _result(page) / 1e3}


def _scrolled(page: Page, name: str, path: Path) -> dict[str, Any]:
    there = "side => !!(mlopsBench.find(side, 'scroll') ?? mlopsBench.find(side, 'wheel'))"
    if not page.evaluate(there, name):
        return {}
    _wait_quiet(page)
    page.evaluate("([side, ms]) => { window.mlopsBench.scroll(side, ms); }", [name, _SCROLL_MS])
    gaps = sorted(_result(page)["gaps"])
    return {"frames": 1e3 / gaps[len(gaps) // 2], "slow_frames": 1e3 / gaps[int(len(gaps) * 0.95)]}


def _saved(page: Page, name: str, path: Path) -> dict[str, Any]:
    page.evaluate(_SAVE)
    page.wait_for_function(_SAVED)
    _run(page, 2)
    return {"saved": growth(json.loads(path.read_text("utf-8")))}


def _run(page: Page, at: int) -> None:
    page.evaluate(_RUN, at)
    page.wait_for_function(_RAN, arg=at)


def _listen(page: Page, name: str, event: str) -> None:
    page.evaluate("([side, event]) => { window.mlopsBench.after(side, event); }", [name, event])
    page.wait_for_function("() => window.mlopsBench.result === 'listening'")


def _result(page: Page) -> Any:
    wanted = "() => !['listening', undefined].includes(window.mlopsBench.result)"
    page.wait_for_function(wanted)
    return page.evaluate("() => window.mlopsBench.result")


def _wait_quiet(page: Page) -> None:
    since = page.evaluate("() => Date.now()")
    quiet = "([since, ms]) => window.mlopsBench.quiet(since) > ms"
    page.wait_for_function(quiet, arg=[since, _QUIET_MS])


def _line(error: Exception) -> str:
    return next(_lines(error), type(error).__name__)[:120]


def _lines(error: Exception) -> Iterator[str]:
    return (line.strip() for line in str(error).splitlines() if line.strip())


_STEPS: Mapping[str, Callable[[Page, str, Path], dict[str, Any]]] = {
    "show": _shown,
    "filter": _filtered,
    "sort": _sorted,
    "scroll": _scrolled,
    "save": _saved,
}
