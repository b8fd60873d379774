"""Runs in the left sidebar of a real JupyterLab: live, by keys alone, dragged into a cell, in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from barriers import serious_findings
from filelock import FileLock
from lab_in_browser import Lab, OpenNotebook, open_notebook
from new_store import with_store
from playwright.sync_api import expect

from benchmarks.many_runs import make_runs
from jupyter_mlops.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Request

EVIL = "<img src=x onerror=window.hacked=1>"
BEGIN = """
%load_ext jupyter_mlops
%mlops track on
from sklearn.datasets import load_iris
from sklearn.linear_model import Ridge
X, y = load_iris(return_X_y=True)
"""
FIT = """%%mlops track --name "{name}"
model = Ridge(alpha={alpha}).fit(X, y)
r2 = model.score(X, y)
"""
OLD_RUNS = 250
SLOW = 150_000  # ms: MLflow is loaded, also by a process that comes last on a machine that may be busy
NAME = "sidebar/runs.ipynb"
# None while a run's view is still the current widget.
CELLS = """() => window.jupyterapp.shell.currentWidget?.context?.model.toJSON().cells.map(cell => cell.source)
                ?? []"""
STILL = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 200)))"


@pytest.fixture(scope="module")
def folder_in(lab: Lab) -> str:
    folder = lab.folder / "sidebar"
    folder.mkdir()
    with_store(folder)
    make_runs(f"sqlite:///{folder / 'mlflow.db'}", runs=OLD_RUNS, metrics=3, params=1)
    cells = [BEGIN, FIT.format(name="first", alpha=1), FIT.format(name=EVIL, alpha=2)]
    cells += [FIT.format(name="later", alpha=3)]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, lab.folder / NAME)
    return folder.name


@pytest.fixture(scope="module")
def notebook(lab: Lab, browser: Browser, folder_in: str) -> OpenNotebook:
    opened = open_notebook(browser, lab, NAME)
    journals = Settings(lab.folder / folder_in, "").journals
    journals.mkdir(parents=True, exist_ok=True)
    status = opened.page.locator(".jp-mlops-status-bar").get_by_role("button")
    with FileLock(journals / ".background.lock"):  # else a run may be in MLflow before the last is made
        opened.run_all()
        expect(status).to_have_text("Catching up: 3 runs")
    status.click()
    return opened


@pytest.fixture
def panel(notebook: OpenNotebook) -> Iterator[Locator]:
    found = notebook.page.get_by_role("region", name="MLOps", exact=True)
    found.get_by_role("button", name="This notebook").click()
    yield found
    assert notebook.complaints == []
    assert notebook.page.evaluate("() => window.hacked") is None


def test_runs_appear_while_they_are_looked_at_and_nothing_is_asked_otherwise(
    notebook: OpenNotebook, panel: Locator
) -> None:
    expect(panel.get_by_role("option")).to_have_count(3, timeout=SLOW)
    expect(panel.get_by_role("option").nth(1)).to_contain_text(EVIL)
    expect(panel.locator("img")).to_have_count(0)
    panel.get_by_role("button", name="Runs", exact=False).first.click()
    expect(panel.get_by_role("listbox")).to_have_count(0)
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('filebrowser:activate')")
    expect(panel).to_be_hidden()
    notebook.page.evaluate(STILL)  # what is hidden is drawn once more, and then asks no more
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    notebook.page.on("request", note)
    notebook.run_cell(2)
    notebook.page.wait_for_timeout(2000)
    notebook.page.remove_listener("request", note)
    assert [url for url in asked if "/jupyter-mlops/" in url] == []
    notebook.page.evaluate("() => { window.jupyterapp.commands.execute('jupyter-mlops:open-panel'); }")
    panel.get_by_role("button", name="Runs", exact=False).first.click()
    expect(panel.get_by_role("option").first).to_contain_text(EVIL, timeout=SLOW)
    notebook.run_cell(2)  # and one while it is seen
    expect(panel.get_by_role("option")).to_have_count(5, timeout=SLOW)


def test_keys_alone_choose_runs_compare_them_and_open_one(notebook: OpenNotebook, panel: Locator) -> None:
    page = notebook.page
    runs = panel.get_by_role("listbox")
    panel.get_by_label("Search runs").focus()
    page.keyboard.type("LATER")
    expect(panel.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(panel.get_by_role("option")).to_have_count(5, timeout=SLOW)
    page.keyboard.press("Tab")
    expect(runs).to_be_focused()
    for key in ("Home", "ArrowDown", "ArrowDown", "Space", "End", "Space"):
        page.keyboard.press(key)
    expect(panel.get_by_role("option", selected=True)).to_have_count(2)
    for key in ("Shift+Tab", "Shift+Tab", "Enter"):  # back over Clear to Compare
        page.keyboard.press(key)
    page.wait_for_function(f"line => ({CELLS})().includes(line)", arg='%mlops compare "later" "first"')
    expect(page.locator(".jp-Notebook").get_by_text("2 of 2 runs")).to_be_visible(timeout=SLOW)
    runs.focus()
    expect(runs).to_be_focused()
    page.keyboard.press("Enter")
    view = page.locator(".jp-mlops-run-view")
    expect(view.get_by_role("heading", level=1)).to_have_text("first", timeout=SLOW)
    expect(view.get_by_role("table", name="Parameters")).to_contain_text("alpha", timeout=SLOW)
    view.get_by_role("button", name="Insert %mlops show").click()
    page.wait_for_function(f"line => ({CELLS})().includes(line)", arg='%mlops show "first"')


def test_a_run_dragged_into_the_notebook_becomes_a_cell(notebook: OpenNotebook, panel: Locator) -> None:
    page = notebook.page
    run = panel.get_by_role("option").filter(has_text="later")
    first = page.locator(".jp-Notebook .jp-CodeCell").first
    first.hover(position={"x": 150, "y": 20})  # both where they stay: a cell that was added is scrolled to
    run.hover(position={"x": 60, "y": 10})
    start, end = run.bounding_box(), first.bounding_box()
    assert start
    assert end
    page.mouse.down()
    page.mouse.move(start["x"] + 90, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + 150, end["y"] + 20, steps=5)
    page.mouse.up()
    expect(first).to_contain_text('%mlops show "later"')
    expect(page.locator(".jp-mlops-run-view")).to_have_count(1)  # the drag was no click


def test_a_long_list_is_fetched_by_the_page_and_keeps_few_rows_in_the_page(
    notebook: OpenNotebook, panel: Locator
) -> None:
    panel.get_by_role("button", name="Project").click()
    runs = panel.get_by_role("listbox")
    expect(runs.get_by_role("option").first).to_have_attribute(
        "aria-setsize", str(OLD_RUNS + 5), timeout=SLOW
    )
    runs.focus()
    notebook.page.keyboard.press("End")
    last = runs.get_by_role("option").last
    expect(last).to_have_attribute("aria-posinset", str(OLD_RUNS + 5))
    expect(last).to_contain_text("run-00000", timeout=SLOW)
    assert runs.get_by_role("option").count() < 60


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_panel_keeps_nobody_out(theme: str, notebook: OpenNotebook, panel: Locator) -> None:
    notebook.theme(theme)
    expect(panel.get_by_role("option")).to_have_count(5, timeout=SLOW)
    panel.get_by_role("option").last.click()
    expect(notebook.page.locator(".jp-mlops-run-view")).to_be_visible(timeout=SLOW)
    findings = serious_findings(panel) + serious_findings(notebook.page.locator(".jp-mlops-run-view"))
    assert findings == []


def test_notebook_7_has_the_panel(lab: Lab, browser: Browser, notebook: OpenNotebook) -> None:
    opened = open_notebook(browser, lab, NAME, app="notebooks")
    opened.page.evaluate("() => { window.jupyterapp.commands.execute('jupyter-mlops:open-panel'); }")
    runs = opened.page.get_by_role("region", name="MLOps", exact=True).get_by_role("option")
    expect(runs).to_have_count(5, timeout=SLOW)
    runs.filter(has_text="later").click()
    expect(opened.page.locator(".jp-mlops-run-view").get_by_role("heading", level=1)).to_have_text(
        "later", timeout=SLOW
    )
    assert opened.complaints == []
