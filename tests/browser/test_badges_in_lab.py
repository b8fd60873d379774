"""Badges of cells in a real JupyterLab: run, edited since, stale, and what the file keeps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from barriers import serious_findings
from lab_in_browser import READY, open_notebook
from new_store import with_store
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab_in_browser import Lab, OpenNotebook
    from playwright.sync_api import Browser

EVIL = "<img src=x onerror=window.hacked=1> | a"
CELLS = (
    "%load_ext jupyter_mlops\n%mlops track on",
    "x = 1",
    f"%%mlops track --name '{EVIL}'\nrate = 2\nloss = x / rate",
    "%%mlops track --name other\nz = 3\nscore = z / 4",
)
LINES = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(
    cell => [cell.model.type, cell.model.sharedModel.getMetadata("mlops") ?? null])"""
# A second key within a second of the first is one shortcut with it: a busy machine may take longer.
PATIENT = """() => {
    const own = window.setTimeout;
    window.setTimeout = (run, ms, ...more) => own(run, ms === 1000 ? 60_000 : ms, ...more);
}"""
LONG = 150_000  # ms: until MLflow has the runs, of a process that comes last on a busy machine
DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"


@pytest.fixture
def opened(lab: Lab, browser: Browser) -> Iterator[Callable[..., OpenNotebook]]:
    """Open a notebook in a project of the badges' own; at the end nothing may have complained."""
    folder = lab.folder / "badges"
    if not folder.exists():
        folder.mkdir()
        with_store(folder)
    notebooks: list[OpenNotebook] = []

    def open_it(name: str, cells: tuple[str, ...] = CELLS) -> OpenNotebook:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / name)
        notebooks.append(open_notebook(browser, lab, f"badges/{name}"))
        return notebooks[-1]

    yield open_it
    for notebook in notebooks:
        assert notebook.complaints == []
        assert notebook.page.evaluate("() => window.hacked") is None
        notebook.page.close()


def badges(page: Page) -> Locator:
    return page.locator(".jp-NotebookPanel:visible .jp-mlops-badge")


def cells(page: Page, what: str) -> list[Any]:
    """Something of each cell's model."""
    widgets = "window.jupyterapp.shell.currentWidget.content.widgets"
    found: list[Any] = page.evaluate(f"() => {widgets}.map(cell => cell.model.{what})")
    return found


def do(page: Page, command: str, at: int | None = None, **args: Any) -> None:
    page.evaluate(
        """([command, at, args]) => {
            if (at !== null) window.jupyterapp.shell.currentWidget.content.activeCellIndex = at;
            return window.jupyterapp.commands.execute(command, args).then(() => null);
        }""",
        [command, at, args],
    )


def write(page: Page, at: int, source: str) -> None:
    """Replace what stands in a cell."""
    page.evaluate(
        """([at, source]) => window.jupyterapp.shell.currentWidget.content.widgets[at]
            .model.sharedModel.setSource(source)""",
        [at, source],
    )


def with_ids(page: Page) -> list[str]:
    """The lines of the cells that have one, once MLflow has the runs."""
    return page.wait_for_function(
        f"""() => {{
            const lines = ({LINES})().map(each => each[1]).filter(line => /^[0-9a-f]{{32}} /.test(line));
            return lines.length === 2 && lines;
        }}""",
        timeout=LONG,
    ).json_value()


def have_lines(page: Page, start: int, lines: list[list[str | None]]) -> None:
    """Wait until the cells from `start` on have these lines: cells that came are looked at a moment later."""
    page.wait_for_function(
        f"([start, lines]) => JSON.stringify(({LINES})().slice(start)) === lines",
        arg=[start, json.dumps(lines, separators=(",", ":"), ensure_ascii=False)],
    )


def test_a_badge_tells_of_the_run_of_an_edit_of_newer_inputs_and_outlives_the_page(
    opened: Callable[..., OpenNotebook], lab: Lab
) -> None:
    notebook = opened("story.ipynb")
    page = notebook.page
    notebook.run_all()
    first, second = badges(page).nth(0), badges(page).nth(1)
    expect(first).to_have_text(f"{EVIL} 0.5")
    expect(first).to_have_accessible_name(f"{EVIL} 0.5")
    expect(first).to_have_accessible_description(f"Run {EVIL}: loss 0.5")
    expect(second).to_have_text("other 0.75")

    write(page, 3, f"{CELLS[3]}  # more")
    expect(second).to_have_text("other 0.75 edited")
    write(page, 3, CELLS[3])
    expect(second).to_have_text("other 0.75")
    write(page, 1, "x = 5")
    notebook.run_cell(1)
    expect(first).to_have_text(f"{EVIL} 0.5 stale")
    expect(first).to_have_attribute("title", f"Run {EVIL}: loss 0.5\nStale: x changed since it ran.")
    write(page, 2, f"{CELLS[2]} + 1")
    expect(first).to_have_text(f"{EVIL} 0.5 edited stale")
    for theme in ("dark", "light"):
        notebook.theme(theme)
        assert serious_findings(first) == []

    lines = with_ids(page)
    notebook.save()
    page.wait_for_function(f"() => !({DIRTY})()")
    file = lab.folder / "badges" / "story.ipynb"
    kept = [cell["metadata"].get("mlops") for cell in json.loads(file.read_text())["cells"]]
    assert kept == [None, None, *lines]
    assert lines[0][32:].startswith(" | <img src=x onerror=window.hacked=1> ¦ a | loss 0.5 | ")
    notebook.reload()
    expect(first).to_have_text(f"{EVIL} 0.5 edited stale")
    assert not page.evaluate(DIRTY), "looking changes nothing"


def test_a_copied_file_tells_what_was_kept_beside_the_notebook_and_enter_opens_the_run(
    opened: Callable[..., OpenNotebook], lab: Lab
) -> None:
    notebook = opened("first.ipynb")
    page = notebook.page
    notebook.run_all()
    with_ids(page)
    write(page, 2, f"{CELLS[2]} + 1")
    notebook.save()
    page.wait_for_function(f"() => !({DIRTY})()")
    write(page, 1, "x = 7")
    notebook.run_cell(1)
    expect(badges(page)).to_have_text([f"{EVIL} 0.5 edited stale", "other 0.75"])
    copied = nbformat.read(lab.folder / "badges" / "first.ipynb", as_version=4)
    del copied.metadata["language_info"]  # as in notebooks that no kernel has seen yet
    nbformat.write(copied, lab.folder / "badges" / "second.ipynb")
    do(page, "docmanager:open", path="badges/second.ipynb")
    expect(badges(page)).to_have_text([f"{EVIL.replace('|', '¦')} 0.5 edited", "other 0.75"])
    page.wait_for_function(READY, timeout=120_000)  # until then the notebook may take the focus
    badges(page).nth(1).focus()
    expect(badges(page).nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    view = page.locator(".lm-TabBar-tab.lm-mod-current[data-id^='jp-mlops-run-view']")
    expect(view).to_have_text("other", timeout=LONG)  # the server's first answer


def test_lines_go_where_the_run_is_not_and_badges_with_the_setting(
    opened: Callable[..., OpenNotebook],
) -> None:
    notebook = opened("cells.ipynb")
    page = notebook.page
    notebook.run_all()
    first, second = with_ids(page)
    do(page, "notebook:copy-cell", 2)
    do(page, "notebook:paste-cell-below", 2)
    have_lines(page, 2, [["code", first], ["code", None], ["code", second]])
    expect(badges(page)).to_have_count(2)
    do(page, "notebook:change-cell-to-markdown", 4)
    expect(badges(page)).to_have_count(1)
    have_lines(page, 4, [["markdown", None]])
    do(page, "notebook:undo-cell-action")
    expect(badges(page)).to_have_count(2)
    do(page, "notebook:cut-cell", 2)
    expect(badges(page)).to_have_count(1)
    do(page, "notebook:paste-cell-below", 0)
    expect(badges(page)).to_have_text([f"{EVIL} 0.5", "other 0.75"])

    do(page, "jupyter-mlops:toggle-badges")
    expect(page.locator(".jp-mlops-badge, .jp-mlops-badged")).to_have_count(0)
    do(page, "jupyter-mlops:toggle-badges")
    expect(badges(page)).to_have_count(2)
    do(page, "notebook:clear-cell-output", 1)
    expect(badges(page)).to_have_text(["other 0.75"])
    assert page.evaluate(LINES)[1] == ["code", None]


def test_a_click_tracks_the_notebook_and_runs_are_shown_while_cells_still_run(
    opened: Callable[..., OpenNotebook], lab: Lab
) -> None:
    go_on = lab.folder / "badges" / "go on"
    wait = f"import os, time\nwhile not os.path.exists({str(go_on)!r}):\n    time.sleep(0.05)"
    notebook = opened("switch.ipynb", ("%%capture\n1", "%%mlops track --name fit\nloss = 1 / 2", wait))
    page = notebook.page
    switch = page.locator(".jp-NotebookPanel:visible .jp-mlops-switch")
    expect(switch).to_have_text("Tracking off")
    switch.get_by_role("button").click()
    expect(switch).to_contain_text(re.compile("Tracking on"), timeout=LONG)
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    expect(badges(page)).to_have_text("fit 0.5", timeout=LONG)
    counts = (
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.executionCount)"
    )
    assert page.evaluate(counts)[2] is None, "the last cell waits still"
    go_on.touch()
    expect(switch).to_have_text("Tracking on", timeout=LONG)
    page.evaluate(PATIENT)
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell").first.locator(".jp-InputPrompt").click()
    page.keyboard.type("wt")
    expect(switch).to_have_text("Tracking off", timeout=LONG)
    page.keyboard.type("ws")
    expect(page.locator("#jp-mlops-panel")).to_be_visible()
    outputs = (
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.outputs.toJSON())"
    )
    assert page.evaluate(outputs) == [[], [], []], "nobody asked for output"
