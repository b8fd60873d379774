"""Run a notebook in a real JupyterLab and save a picture of some of its cells.

    python docs/images/make_screenshot.py NOTEBOOK OUTPUT.png --cells 4 7 --theme dark --height 1200

Cells are counted from 0; without ``--cells`` the picture is of the whole window, with them the window grows
until they fit. A plotly figure may take a while to start: the picture waits for it, and fails if it never
comes. Tabs of a comparison come one below the other, each with so many runs ticked:

    python docs/images/make_screenshot.py NOTEBOOK OUTPUT.png --tabs 7:Table 7:Parallel 16:Diff:2 --theme dark
"""

from __future__ import annotations

import argparse
import io
import math
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "browser"))

import nbformat
from lab_in_browser import FLAGS, OpenNotebook, find_browser, open_notebook, running_lab
from PIL import Image
from playwright.sync_api import sync_playwright

PLOTLY_MS = 60_000
MARGIN = 8
GAP = 14
FRAME = 160  # px of JupyterLab around the cells
WINDOW = {"width": 1400, "height": 1200}


def main() -> None:
    """Read the command line, take the picture."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument(
        "--cells", type=int, nargs="+", default=[], help="indices of the cells to show, from 0"
    )
    parser.add_argument(
        "--tabs", nargs="+", default=[], metavar="CELL:TAB[:TICKS]", help="tabs of comparisons to show"
    )
    parser.add_argument("--outputs-only", action="store_true", help="leave out the cells' source")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--height", type=int, default=1200, help="height of the window in pixels")
    parser.add_argument("--seconds", type=float, default=600, help="how long the notebook may run")
    take(parser.parse_args())


def take(wanted: argparse.Namespace) -> None:
    """Run the notebook in a copy of its folder and save the picture."""
    with (
        tempfile.TemporaryDirectory() as home,
        tempfile.TemporaryDirectory() as project,
        # A journal of SQLite that comes and goes in the folder that JupyterLab lists would open a dialog.
        patch.dict(os.environ, {"MLOPS_PROJECT": project}),
        running_lab(Path(home)) as lab,
        sync_playwright() as playwright,
    ):
        copied = lab.folder / "run"
        shutil.copytree(wanted.notebook.parent, copied, ignore=shutil.ignore_patterns(".*", "mlruns"))
        _without_outputs(copied / wanted.notebook.name)
        browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=FLAGS)
        notebook = open_notebook(browser, lab, f"run/{wanted.notebook.name}", height=wanted.height)
        page = notebook.page
        page.evaluate("() => { window.jupyterapp.commands.execute('application:toggle-left-area'); }")
        notebook.theme(wanted.theme)
        notebook.run_all(wanted.seconds)
        if wanted.tabs:
            _stack([_tab(notebook, *named.split(":")) for named in wanted.tabs]).save(wanted.output)
            browser.close()
            return
        if wanted.cells:
            _show_only(notebook, wanted.cells, wanted.outputs_only)
            _fit_window(notebook)
        _wait_for_plots(notebook)
        if wanted.cells:
            _fit_window(notebook)  # once more: a figure has its height only when it is drawn
        page.screenshot(path=str(wanted.output), **_clip(notebook, bool(wanted.cells)))
        browser.close()


def _tab(notebook: OpenNotebook, cell: str, tab: str, ticks: str = "0") -> Image.Image:
    """A picture of one comparison after its first rows were ticked and a tab was opened."""
    view = notebook.page.locator(".jp-Notebook .jp-CodeCell, .jp-Notebook .jp-MarkdownCell")
    view = view.nth(int(cell)).locator(".mlops-compare")
    view.scroll_into_view_if_needed()
    view.get_by_role("tab", name="Table").click()
    boxes = view.get_by_role("grid").locator("[aria-rowindex] input[type=checkbox]")
    for at in range(1, int(ticks) + 1):  # 0 is the box for all of them
        boxes.nth(at).check()
    view.get_by_role("tab", name=tab, exact=True).click()
    notebook.page.mouse.move(0, 0)
    view.locator("[aria-busy=true]").wait_for(state="detached")
    notebook.page.wait_for_timeout(2000)  # what the kernel is asked for has no sign of its own everywhere
    return Image.open(io.BytesIO(view.screenshot())).convert("RGB")


def _stack(pictures: list[Image.Image]) -> Image.Image:
    """One below the other, on the ground of the first."""
    ground = pictures[0].getpixel((0, 0))
    width = max(picture.width for picture in pictures)
    height = sum(picture.height for picture in pictures) + GAP * (len(pictures) - 1)
    stacked = Image.new("RGB", (width, height), ground)
    top = 0
    for picture in pictures:
        stacked.paste(picture, (0, top))
        top += picture.height + GAP
    return stacked.quantize(256)  # a quarter of the bytes, and no eye sees it


def _without_outputs(path: Path) -> None:
    """Saved outputs and counts would pass for those of this run."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, path)


def _show_only(notebook: OpenNotebook, cells: list[int], outputs_only: bool) -> None:
    """Hide the other cells and what marks the active one."""
    notebook.page.add_style_tag(content=".jp-cell-toolbar, .jp-Collapser { visibility: hidden !important; }")
    notebook.page.evaluate(
        """([cells, outputsOnly]) => {
            const panel = window.jupyterapp.shell.currentWidget.content;
            panel.widgets.forEach((cell, at) => {
                if (!cells.includes(at)) cell.node.style.display = 'none';
                if (outputsOnly) for (const part of cell.node.querySelectorAll('.jp-Cell-inputWrapper'))
                    part.style.display = 'none';
            });
            panel.deselectAll();
            panel.activeCellIndex = cells[0];
        }""",
        [cells, outputs_only],
    )


def _fit_window(notebook: OpenNotebook) -> None:
    """Make the window as high as the shown cells, and scroll to the first of them.

    What lies below the window's edge would be missing in the picture, and plotly starts no figure there.
    """
    boxes = _boxes(notebook)
    size = notebook.page.viewport_size or WINDOW
    height = math.ceil(boxes[-1]["y"] + boxes[-1]["height"] - boxes[0]["y"])
    notebook.page.set_viewport_size({**size, "height": max(size["height"], height + FRAME)})
    # The node around the notebook scrolls, not the notebook's own.
    notebook.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.outerNode.scrollTop = 0; }")


def _boxes(notebook: OpenNotebook) -> list[Any]:
    """The rectangles of the shown cells, from top to bottom."""
    boxes = [cell.bounding_box() for cell in notebook.page.locator(".jp-Notebook .jp-Cell:visible").all()]
    return [box for box in boxes if box]


def _wait_for_plots(notebook: OpenNotebook) -> None:
    page = notebook.page
    plots = page.locator(".jp-RenderedPlotly:visible")
    for at in range(plots.count()):
        plots.nth(at).locator(".main-svg").first.wait_for(timeout=PLOTLY_MS)
    page.wait_for_timeout(1000)  # fonts and transitions settle; nothing announces it


def _clip(notebook: OpenNotebook, only_cells: bool) -> dict[str, Any]:
    """The rectangle around the visible cells, inside the window."""
    if not only_cells:
        return {}
    seen = _boxes(notebook)
    left, top = min(b["x"] for b in seen) - MARGIN, min(b["y"] for b in seen) - MARGIN
    right = max(b["x"] + b["width"] for b in seen) + MARGIN
    bottom = max(b["y"] + b["height"] for b in seen) + MARGIN
    return {"clip": {"x": max(left, 0), "y": max(top, 0), "width": right - left, "height": bottom - top}}


if __name__ == "__main__":
    main()
