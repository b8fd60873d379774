"""Run the first example in a real JupyterLab with the extension, and save what its sidebar and badges show.

    python docs/images/make_lab_picture.py docs/images/lab    # lab-light.png and lab-dark.png

The notebook's server runs until the pictures are taken. Needs a built extension: ``make extension``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "browser"))

import nbformat
from lab_in_browser import FLAGS, OpenNotebook, find_browser, open_notebook, running_lab
from PIL import Image
from playwright.sync_api import Page, sync_playwright

EXAMPLES = Path(__file__).resolve().parents[2] / "example_notebooks"
NAME = "01_from_cells_to_service.ipynb"
WIDTH, HEIGHT = 1500, 1020
SIDEBAR = 370  # px
SECONDS = 900


def main() -> None:
    """Read the command line, take both pictures."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("output", type=Path, help="the pictures' path without -light.png and -dark.png")
    parser.add_argument("--cell", type=int, default=9, help="the cell at the top, from 0")
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, {"MLOPS_PIPELINE": "off"}),
        running_lab(Path(home)) as lab,
        sync_playwright() as playwright,
    ):
        folder = lab.folder / "census"
        shutil.copytree(EXAMPLES / "data", folder / "data")
        (folder / ".mlops").mkdir()
        _without_end(EXAMPLES / NAME, folder / NAME)
        browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=FLAGS)
        notebook = open_notebook(browser, lab, f"census/{NAME}", height=HEIGHT)
        notebook.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        notebook.run_all(SECONDS)
        try:
            _set_the_stage(notebook, wanted.cell)
            for theme in ("light", "dark"):
                notebook.theme(theme)
                notebook.page.wait_for_timeout(1000)  # icons are drawn anew
                _save(notebook.page, wanted.output.with_name(f"{wanted.output.name}-{theme}.png"))
        finally:
            subprocess.run(
                [sys.executable, "-m", "jupyter_mlops.cli", "serve", "--stop"], cwd=folder, check=True
            )
        browser.close()


def _without_end(source: Path, target: Path) -> None:
    """The notebook without outputs, and without the cell that stops its server."""
    notebook = nbformat.read(source, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip() != "%mlops serve --stop"]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, target)


def _set_the_stage(notebook: OpenNotebook, top: int) -> None:
    """Open the sidebar, wide enough to read, with the gates of the champion; the notebook at a cell."""
    page = notebook.page
    notebook.save()
    page.evaluate("() => { window.jupyterapp.commands.execute('jupyter-mlops:open-panel'); }")
    panel = page.locator("#jp-mlops-panel")
    panel.get_by_role("button", name="gates").first.wait_for()
    edge = page.locator("#jp-main-split-panel > .lm-SplitPanel-handle").first.bounding_box()
    if edge:
        page.mouse.move(edge["x"] + 2, 400)
        page.mouse.down()
        page.mouse.move(SIDEBAR, 400)
        page.mouse.up()
    page.evaluate(
        """top => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.deselectAll();
            notebook.activeCellIndex = top;
            notebook.widgets[top].node.scrollIntoView({ block: 'start' });
        }""",
        top,
    )
    page.wait_for_timeout(3000)  # servers and drift are asked last


def _save(page: Page, path: Path) -> None:
    page.mouse.move(WIDTH / 2, HEIGHT - 4)
    page.screenshot(path=str(path))
    Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)  # a quarter of the bytes


if __name__ == "__main__":
    main()
