"""The comparison in a real JupyterLab, used as a person uses it. Each test has its own cell and table."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from lab_in_browser import Lab, OpenNotebook

TABLE = """
from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets.compare import Comparison

def table(n):
    return RunTable(
        names=[f"run-{i}" for i in range(n)], run_ids=[f"id-{i}" for i in range(n)],
        metrics={"auc": [(i * 37 % n) / n for i in range(n)], "log loss": [1 + i / n for i in range(n)]},
        params={"depth": [str(i % 8) for i in range(n)], "model": ["forest"] * n},
        info={"status": ["finished"] * n},
    )
"""
HOSTILE = """
names = ["<img src=x onerror='window.hacked=1'>", "</script><script>window.hacked=1</script>",
         "\\u202eevil", "\\U0001f98a" * 20, "x" * 10_000]
Comparison(RunTable(names, list("abcde"), metrics={names[0]: [1, 2, float("nan"), float("inf"), 3]},
                    params={names[1]: [names[0], "a", None, "b", "c"]}), filter="<img")
"""
MANY = """
import numpy as np
n = 3000
numbers = np.random.default_rng(0).normal(size=n)
Comparison(RunTable([f"run-{i}" for i in range(n)], [f"id-{i}" for i in range(n)],
    metrics={"auc": np.round(numbers, 3), **{f"m{i}": numbers + i for i in range(60)}}))
"""
EDITED = """
changes = []
def note(arguments):
    if arguments.get("text") == "taken":
        raise NotFoundError("the run is gone", "Run the cell again.")
    changes.append([arguments["run_ids"], arguments.get("text", arguments.get("on"))])

named = table(5)
named.info["hypothesis"] = [None] * 5
Comparison(named, answers=dict.fromkeys(("rename", "hypothesis", "archive", "delete", "pins"), note))
"""
PROBE = """
import time
from pathlib import Path
from jupyter_mlops.errors import NotFoundError
from jupyter_mlops.widgets import asking

class Probe(asking.AnsweringWidget):
    _esm = Path(asking.__file__).with_suffix(".js").read_text() + '''
        export default { render({ model, el }) {
            const say = document.createElement("p");
            const ask = asker(model, (text) => { say.textContent ||= text; });
            for (const what of ["size", "late", "gone", "unknown"]) {
                const button = document.createElement("button");
                button.textContent = what;
                button.onclick = async () => {
                    say.textContent = "";
                    const answer = await ask(what, { n: 3 }).catch((error) => ({ said: error.message }));
                    say.textContent += " → " + (answer.said ?? answer.buffers[0].byteLength);
                };
                el.append(button);
            }
            el.append(say);
        } };'''

def gone(arguments):
    raise NotFoundError("the file is gone", "Make it again.")

def late(arguments):
    while not Path("go").exists():
        time.sleep(0.05)
    return {"said": "done"}

Probe({"size": lambda arguments: asking.WithBuffers({}, [b"x" * arguments["n"]]), "late": late, "gone": gone})
"""
CELLS = {
    "table": TABLE,
    "rows": "Comparison(table(40))",
    "filter": "filtered = Comparison(table(40))\nfiltered",
    "told": "print(repr(filtered.filter), len(filtered.to_frame()))",
    "preset": "Comparison(table(40), filter='depth = 3', sort='log loss')",
    "sort": "Comparison(table(40))",
    "keys": "pressed = Comparison(table(40))\npressed",
    "differences": "Comparison(table(40))",
    "ticks": "ticked = Comparison(table(40), sort='auc')\nticked",
    "selected": "print(ticked.selected)",
    "driven": "driven = Comparison(table(40))\ndriven",
    "drive": "driven.filter = 'run-1'\ndriven.selected = ['id-1', 'id-10']",
    "columns": "Comparison(table(40))",
    "large": "Comparison(table(10_000))",
    "window": MANY,
    "edited": EDITED,
    "changes": "print(*changes[-1:])",
    "hostile": HOSTILE.replace(', filter="<img"', ""),
    "probe": PROBE,
    "none": "Comparison(RunTable([], []))",
    "one": "Comparison(table(1))",
}
Show = Callable[[str], Locator]


@pytest.fixture(scope="module")
def notebook(open_cells: Callable[..., OpenNotebook]) -> OpenNotebook:
    return open_cells(*CELLS.values())


@pytest.fixture
def show(notebook: OpenNotebook) -> Show:
    """The output of a cell by its name in CELLS."""
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    return lambda name: cells.nth(list(CELLS).index(name)).locator(".jp-OutputArea-output")


@pytest.fixture
def kernel_says(notebook: OpenNotebook, show: Show) -> Callable[[str, str], None]:
    """Run a cell until it prints this: a view's messages take a way of their own, beside that of cells."""

    def said(name: str, text: str) -> None:
        until = time.monotonic() + 60
        printed = ""
        while printed != text and time.monotonic() < until:
            notebook.run_cell(list(CELLS).index(name))
            printed = show(name).first.inner_text().strip()
        assert printed == text

    return said


def names(view: Locator, count: int) -> list[str]:
    return view.get_by_role("rowheader").all_text_contents()[:count]


def header(view: Locator, name: str) -> Locator:
    return view.get_by_role("columnheader", name=name, exact=True)


def test_rows_are_there_in_the_order_given(show: Show) -> None:
    view = show("rows")
    expect(view.get_by_role("rowheader").first).to_have_text("run-0")
    expect(view.get_by_role("status")).to_have_text("40 of 40 runs")
    expect(view.get_by_role("grid")).to_have_attribute("aria-rowcount", "41")


def test_the_best_of_each_metric_is_said_in_words(show: Show) -> None:
    best = show("rows").get_by_role("row", name="run-0").get_by_role("gridcell").nth(2)
    expect(best).to_have_text("★1.000 best")


def test_a_typed_filter_narrows_counts_and_reaches_the_kernel(
    show: Show, kernel_says: Callable[[str, str], None]
) -> None:
    view = show("filter")
    view.get_by_label("Filter runs").fill("")
    view.get_by_label("Filter runs").press_sequentially("auc > 0.9 and depth < 6")
    expect(view.get_by_role("status")).to_have_text("2 of 40 runs")
    kernel_says("told", "'auc > 0.9 and depth < 6' 2")


def test_a_half_typed_filter_says_what_is_missing_and_leaves_the_rows(show: Show) -> None:
    view = show("preset")
    box = view.get_by_label("Filter runs")
    expect(box).to_have_value("depth = 3")
    expect(view.get_by_role("status")).to_have_text("5 of 40 runs")
    box.fill("depth = 3 and aux > ")
    expect(view.locator(".mlops-problem")).to_have_text("No column is called “aux”. Did you mean “auc”?")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(view.get_by_role("status")).to_have_text("5 of 40 runs")
    box.fill("nothing has this name")
    expect(view.get_by_text("No run matches this filter.")).to_be_visible()


def test_a_click_on_a_header_sorts_best_first_then_worst_then_as_given(show: Show) -> None:
    view = show("sort")
    loss = header(view, "log loss")
    expect(loss).not_to_have_attribute("aria-sort", "ascending")
    loss.click()
    expect(loss).to_have_attribute("aria-sort", "ascending")
    loss.click()
    expect(loss).to_have_attribute("aria-sort", "descending")
    assert names(view, 2) == ["run-39", "run-38"]
    loss.click()
    assert names(view, 2) == ["run-0", "run-1"]


def test_the_keyboard_moves_sorts_and_ticks_and_keeps_its_place(show: Show) -> None:
    view = show("keys")
    view.get_by_label("Filter runs").focus()
    for _ in range(5):  # the tabs, only differences, summary, columns, and the grid
        view.page.keyboard.press("Tab")
    grid = view.get_by_role("grid")
    expect(grid).to_be_focused()
    for key in ("ArrowUp", "ArrowRight", "Enter"):
        view.page.keyboard.press(key)
    expect(header(view, "auc")).to_have_attribute("aria-sort", "descending")
    expect(grid).to_be_focused()
    assert names(view, 1) == ["run-27"]
    for key in ("ArrowDown", " ", "Control+End"):
        view.page.keyboard.press(key)
    expect(view.get_by_text("1 selected")).to_be_visible()
    expect(view.get_by_role("rowheader").last).to_have_text("run-0")
    active = grid.get_attribute("aria-activedescendant")
    expect(view.locator(f"#{active}")).to_have_css("outline-style", "solid")


def test_columns_in_which_all_runs_agree_come_back_when_asked_for(show: Show) -> None:
    view = show("differences")
    expect(header(view, "depth")).to_be_visible()
    expect(header(view, "model")).to_have_count(0)
    expect(view.get_by_text("Same in all: model = forest · status = finished")).to_be_visible()
    view.get_by_label("Only differences").uncheck()
    expect(header(view, "model")).to_be_visible()
    expect(view.get_by_text("Same in all")).to_have_count(0)


def test_a_column_can_be_hidden_and_shown(show: Show) -> None:
    view = show("columns")
    view.get_by_role("button", name="Columns").click()
    view.get_by_label("log loss").uncheck()
    expect(header(view, "log loss")).to_have_count(0)
    view.get_by_label("log loss").check()
    expect(header(view, "log loss")).to_be_visible()


def test_ticked_runs_are_selected_in_the_kernel(show: Show, kernel_says: Callable[[str, str], None]) -> None:
    view = show("ticks")
    expect(view.get_by_role("rowheader").first).to_have_text("run-27")
    for name in names(view, 2):
        view.get_by_label(f"Select {name}", exact=True).click()
    kernel_says("selected", "['id-27', 'id-14']")


def test_what_the_kernel_sets_is_seen(show: Show) -> None:
    view = show("driven")
    expect(view.get_by_role("status")).to_have_text("11 of 40 runs")
    expect(view.get_by_label("Select run-10", exact=True)).to_be_checked()
    expect(view.get_by_label("Select run-11", exact=True)).not_to_be_checked()


def test_ten_thousand_runs_keep_few_rows_in_the_page_and_scroll_to_the_last(show: Show) -> None:
    view = show("large")
    expect(view.get_by_role("status")).to_have_text("10,000 of 10,000 runs")
    view.get_by_role("grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    expect(view.get_by_role("rowheader").last).to_have_text("run-9999")
    assert view.get_by_role("row").count() < 60


def test_runs_beyond_what_a_notebook_holds_follow_when_the_kernel_is_free(show: Show) -> None:
    view = show("window")
    expect(view.get_by_role("status")).to_have_text("3,000 of 3,000 runs")
    expect(view.get_by_text("rest follow")).to_have_count(0)
    view.get_by_label("Filter runs").fill("auc = 0.126")
    expect(view.get_by_role("rowheader").first).to_have_text("run-0")
    auc = view.get_by_role("row", name="run-0").get_by_role("gridcell").nth(1)
    expect(auc).to_have_attribute("title", "0.126")


def test_a_name_is_edited_in_its_cell_and_what_fails_stays_to_be_tried_again(
    show: Show, kernel_says: Callable[[str, str], None]
) -> None:
    view = show("edited")
    view.get_by_role("rowheader", name="run-1").dblclick()
    box = view.get_by_label("Name of run-1")
    box.fill("taken")
    box.press("Enter")
    expect(view.get_by_text("The run is gone. Run the cell again.")).to_be_visible()
    expect(box).to_have_value("taken")
    box.fill("<b>mine</b>")
    box.press("Enter")
    expect(view.get_by_role("rowheader").nth(1)).to_have_text("<b>mine</b>")
    expect(view.get_by_role("grid")).to_be_focused()
    view.page.keyboard.press("F2")
    view.get_by_label("Name of <b>mine</b>").press("Escape")
    expect(view.get_by_role("rowheader").nth(1)).to_have_text("<b>mine</b>")
    kernel_says("changes", "[['id-1'], '<b>mine</b>']")


def test_a_hypothesis_is_written_by_keyboard(show: Show) -> None:
    view = show("edited")
    view.get_by_role("rowheader").nth(2).click()
    expect(view.get_by_role("grid")).to_be_focused()
    for key in ("End", "F2"):
        view.page.keyboard.press(key)
    expect(view.get_by_label("Hypothesis of run-2")).to_be_focused()
    view.page.keyboard.type("deeper is better")
    view.page.keyboard.press("Enter")
    expect(view.get_by_role("gridcell", name="deeper is better")).to_be_visible()


def test_deleted_runs_leave_the_table_and_come_back(
    show: Show, kernel_says: Callable[[str, str], None]
) -> None:
    view = show("edited")
    view.get_by_role("rowheader").nth(3).click()
    view.page.keyboard.press("Delete")
    expect(view.get_by_role("button", name="Keep")).to_be_focused()
    view.page.keyboard.press("Escape")
    expect(view.get_by_role("grid")).to_be_focused()
    view.page.keyboard.press("Delete")
    view.get_by_role("button", name="Delete", exact=True).click()
    expect(view.get_by_role("status")).to_have_text("4 of 4 runs")
    expect(view.get_by_role("rowheader", name="run-3")).to_have_count(0)
    view.get_by_role("button", name="Undo").click()
    expect(view.get_by_role("status")).to_have_text("5 of 5 runs")
    view.get_by_label("Select run-4", exact=True).click()
    view.get_by_role("button", name="Archive").click()
    expect(view.get_by_role("status")).to_have_text("4 of 4 runs")
    kernel_says("changes", "[['id-4'], True]")


def test_pinned_runs_stay_on_top_whatever_the_filter_keeps(show: Show) -> None:
    view = show("rows")
    view.get_by_role("rowheader", name="run-7", exact=False).first.click()
    view.page.keyboard.press("p")
    expect(view.get_by_role("rowheader").first).to_have_text("run-7")
    view.get_by_label("Filter runs").fill("run-2")
    expect(view.get_by_role("status")).to_have_text("11 of 40 runs")
    assert names(view, 3) == ["run-7", "run-2", "run-20"]
    view.get_by_role("button", name="Pin run-7").click()
    view.get_by_label("Filter runs").fill("")
    assert names(view, 1) == ["run-0"]


def test_the_foot_sums_up_what_is_shown(show: Show) -> None:
    view = show("driven")
    view.get_by_label("Summary").check()
    foot = view.locator(".mlops-foot")
    expect(foot.get_by_role("row")).to_have_text(["min0.025001.025", "max0.95001.475", "last0.57501.475"])


def test_hostile_names_are_text_and_nothing_runs(show: Show) -> None:
    view = show("hostile")
    expect(view.get_by_role("rowheader").first).to_have_text("<img src=x onerror='window.hacked=1'>")
    expect(view.locator("img, script")).to_have_count(0)
    longest = view.get_by_role("rowheader").last
    assert len(longest.inner_text()) < 60
    assert len(str(longest.get_attribute("title"))) <= 500
    view.get_by_label("Filter runs").fill("'<img'")
    expect(view.get_by_role("status")).to_have_text("1 of 5 runs")
    assert view.page.evaluate("() => window.hacked") is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("size", " → 3"),
        ("gone", " → The file is gone. Make it again."),
        ("unknown", " → Nobody answers that here."),
    ],
)
def test_what_a_view_asks_is_answered_in_words(show: Show, asked: str, said: str) -> None:
    view = show("probe")
    view.get_by_role("button", name=asked).click()
    # Where the machine is busy, the answer waits for more than a second, and that is said first.
    expect(view.locator("p")).to_have_text(re.compile(f"{re.escape(said.lstrip())}$"))


def test_an_answer_that_waits_says_so_until_it_comes(show: Show, lab: Lab) -> None:
    view = show("probe")
    go = lab.folder / "go"
    go.unlink(missing_ok=True)
    view.get_by_role("button", name="late").click()
    expect(view.locator("p")).to_have_text("The kernel is busy; the answer follows.")
    go.touch()
    expect(view.locator("p")).to_have_text("The kernel is busy; the answer follows. → done")


def test_no_runs_get_a_kind_sentence(show: Show) -> None:
    expect(show("none")).to_have_text("No runs yet. Track a cell and its run appears here.")


def test_one_run_shows_every_column(show: Show) -> None:
    view = show("one")
    expect(view.get_by_role("status")).to_have_text("1 of 1 run")
    expect(header(view, "model")).to_be_visible()


def test_a_dark_theme_repaints_at_once(show: Show, notebook: OpenNotebook) -> None:
    colour = "node => getComputedStyle(node).backgroundColor"
    view = show("rows").locator(".mlops-compare")
    cell = show("rows").get_by_role("rowheader").first
    light = view.evaluate(colour), cell.evaluate(colour)
    notebook.theme("dark")
    expect(view).not_to_have_css("background-color", light[0])
    expect(cell).not_to_have_css("background-color", light[1])
    notebook.theme("light")
    expect(view).to_have_css("background-color", light[0])


def test_the_console_stayed_clean(show: Show, notebook: OpenNotebook) -> None:
    expect(show("rows").get_by_role("status")).to_be_visible()
    assert notebook.complaints == []
