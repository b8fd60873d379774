"""One JupyterLab with our extension for all browser tests, and a Chromium per test file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import nbformat
import pytest
from lab_in_browser import FLAGS, Lab, OpenNotebook, find_browser, open_notebook, running_lab
from playwright.sync_api import Browser, expect, sync_playwright

OpenCells = Callable[..., OpenNotebook]

expect.set_options(timeout=60_000)  # ms: a page waits for kernel and server, and these for other tests


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


# Per file, not per session: while Playwright is open, asyncio.run() fails in every other test.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            pytest.fail("No Chromium: apt install chromium, or run `playwright install chromium`.")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_cells(lab: Lab, browser: Browser) -> OpenCells:
    """Open a notebook made of these code cells, run it, and return it."""
    count = iter(range(1000))

    def open_them(*cells: str) -> OpenNotebook:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        name = f"notebook-{id(open_them)}-{next(count)}.ipynb"
        nbformat.write(notebook, lab.folder / name)
        opened = open_notebook(browser, lab, name)
        opened.run_all()
        return opened

    return open_them
