"""A comparison opened again: with its kernel, another one, none, in Notebook 7, converted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from barriers import serious_findings
from lab_in_browser import TOKEN, Lab, OpenNotebook, open_notebook
from nbconvert import HTMLExporter, MarkdownExporter
from playwright.sync_api import Browser, Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbformat import NotebookNode

TABLE = """
from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.compare import Comparison

n = 40
# In two parts: Markdown has the source as it is.
shown = Comparison(RunTable(
    names=["<" "img src=x onerror='window.hacked=1'>", *(f"run-{i}" for i in range(1, n))],
    run_ids=[f"id-{i}" for i in range(n)],
    metrics={"auc": [1 - i / n for i in range(n)]},
    params={"depth": [str(i % 8) for i in range(n)]},
), sort="auc", filter="auc > 0.25")
shown
"""
NAME = "reopened.ipynb"
GONE = "none.ipynb"


@pytest.fixture(scope="module")
def notebook(lab: Lab, browser: Browser) -> Iterator[OpenNotebook]:
    """Run, saved with its views, and loaded again while the kernel goes on."""
    file = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TABLE), nbformat.v4.new_code_cell("")])
    file.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(file, lab.folder / NAME)
    notebook = open_notebook(browser, lab, NAME)
    notebook.run_all()
    expect(view_in(notebook.page).get_by_role("status").first).to_have_text("30 of 40 runs")
    notebook.save(with_views=True)
    notebook.reload()
    yield notebook
    notebook.page.close()


@pytest.fixture
def saved(notebook: OpenNotebook, lab: Lab) -> NotebookNode:
    """The file on the disk, without the state of its widgets, as the Lab saves it by default."""
    file = nbformat.read(lab.folder / NAME, as_version=4)
    del file.metadata["widgets"]
    return file


def view_in(page: Page) -> Locator:
    return page.locator(".jp-OutputArea-output .mlops-compare")


def test_a_page_that_is_loaded_again_goes_on_with_its_kernel(notebook: OpenNotebook) -> None:
    view = view_in(notebook.page)
    expect(view.get_by_role("status").first).to_have_text("30 of 40 runs")
    view.get_by_label("Filter runs").fill("auc > 0.9")
    expect(view.get_by_role("status").first).to_have_text("4 of 40 runs")
    view.get_by_label("Select run-1", exact=True).click()
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    notebook.page.evaluate(
        """() => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[1];
                  cell.model.sharedModel.setSource("print(shown.filter, shown.selected)"); }"""
    )
    notebook.run_cell(1)
    expect(cells.nth(1).locator(".jp-OutputArea-output")).to_have_text("auc > 0.9 ['id-1']")
    assert notebook.complaints == []


def test_with_its_views_saved_another_kernel_finds_them_and_they_work(
    notebook: OpenNotebook, lab: Lab, browser: Browser
) -> None:
    (lab.folder / "another.ipynb").write_bytes((lab.folder / NAME).read_bytes())
    # Where a kernel connects late, ipywidgets may have looked for the view before it read the file.
    for _ in range(5):
        again = open_notebook(browser, lab, "another.ipynb")
        view, missed = view_in(again.page), again.page.get_by_text("model not found")
        expect(view.or_(missed).first).to_be_visible()
        if not missed.is_visible():
            break
        again.page.close()
    expect(view.get_by_role("status").first).to_have_text("30 of 40 runs")
    view.get_by_label("Filter runs").fill("depth = 3")
    expect(view.get_by_role("status").first).to_have_text("5 of 40 runs")
    assert again.complaints == []
    again.page.close()


def test_without_a_kernel_the_static_table_is_shown(saved: NotebookNode, lab: Lab, browser: Browser) -> None:
    saved.metadata.kernelspec = {"name": "not-here", "display_name": "Not here", "language": "none"}
    saved.metadata.pop("language_info", None)
    nbformat.write(saved, lab.folder / GONE)
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{lab.url}/lab/tree/{GONE}?reset&token={TOKEN}")
    page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()
    table = page.locator(".jp-OutputArea-output").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(21)
    expect(page.locator(".jp-OutputArea-output")).to_contain_text(
        "20 of 40 runs, filter “auc > 0.25” matches 30, sorted by auc"
    )
    expect(table.get_by_role("row").nth(1)).to_contain_text("<img src=x onerror=")
    assert page.evaluate("() => window.hacked") is None
    page.close()


def test_notebook_7_shows_it_as_the_lab_does(notebook: OpenNotebook, lab: Lab, browser: Browser) -> None:
    seven = open_notebook(browser, lab, NAME, app="notebooks")
    assert seven.page.evaluate("() => window.jupyterapp.name") == "Jupyter Notebook"
    seven.run_all()
    view = view_in(seven.page)
    expect(view.get_by_role("status").first).to_have_text("30 of 40 runs")
    view.get_by_label("Filter runs").fill("auc > 0.9")
    expect(view.get_by_role("status").first).to_have_text("4 of 40 runs")
    expect(view.get_by_role("rowheader").first).to_have_text("<img src=x onerror='window.hacked=1'>")
    assert serious_findings(view) == []
    seven.theme("dark")
    assert serious_findings(view) == []
    assert seven.complaints == []
    seven.page.close()


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
def test_converted_the_saved_notebook_shows_the_static_table(
    exporter: Callable[[], HTMLExporter], saved: NotebookNode, browser: Browser, tmp_path: Path
) -> None:
    text, _ = exporter().from_notebook_node(saved)
    file = tmp_path / "converted.html"
    file.write_text(text, encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    table = page.get_by_role("table").first
    expect(table.get_by_role("row")).to_have_count(21)
    expect(table.get_by_role("row").nth(1)).to_contain_text("<img src=x onerror=")
    expect(page.locator("img")).to_have_count(0)
    context.close()
