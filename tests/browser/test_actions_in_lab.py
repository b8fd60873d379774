"""Actions on a ticked run, the diff of two, and the card of one, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from barriers import serious_findings
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from lab_in_browser import OpenNotebook

DATA = """import pandas as pd
frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.5]})"""
FIT = """%%mlops track --name {name} --hypothesis "it is flat"
slope = {slope}
error = float((frame.y - slope * frame.x).abs().sum())"""
FIGURE = """
from IPython.display import SVG, display
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="window.hacked=1"/>'))"""
CELLS = {
    "track": "%load_ext jupyter_mlops\n%mlops track on",
    "data": DATA,
    "flat": FIT.format(name="flat", slope=1),
    "steep": FIT.format(name="steep", slope=2) + FIGURE,
    "compare": "%mlops compare",
    "card": "%mlops show steep",
    "bind": "back = None",
    "told": "print(back)",
}
Show = Callable[[str], Locator]


@pytest.fixture(scope="module")
def notebook(open_cells: Callable[..., OpenNotebook]) -> OpenNotebook:
    return open_cells(*CELLS.values())


@pytest.fixture
def show(notebook: OpenNotebook) -> Show:
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    return lambda name: cells.nth(list(CELLS).index(name)).locator(".jp-OutputArea-output")


def test_a_value_is_restored_by_keyboard_alone_and_is_the_notebook_s_variable(
    notebook: OpenNotebook, show: Show
) -> None:
    view, keys = show("compare"), notebook.page.keyboard
    expect(view.get_by_role("button", name="Actions")).to_be_hidden()
    view.get_by_label("Select steep", exact=True).click()
    opener = view.get_by_role("button", name="Actions")
    opener.focus()
    keys.press("ArrowDown")
    expect(view.get_by_role("menuitem", name="Restore a value")).to_be_focused()
    keys.press("Enter")
    form = view.get_by_role("form", name="Restore a value")
    expect(form.get_by_text("%mlops restore steep:frame --as frame_steep")).to_be_visible()
    keys.press("Tab")
    keys.press("Control+A")
    keys.type("back")
    expect(form.get_by_text("%mlops restore steep:frame --as back")).to_be_visible()
    keys.press("Enter")
    expect(form.get_by_text("The variable back exists and has other content")).to_be_visible()
    form.get_by_label("Replace the variable").check()
    keys.press("Enter")
    expect(form.get_by_label("Result")).to_contain_text("back is restored")
    keys.press("Escape")
    expect(form).to_have_count(0)
    expect(opener).to_be_focused()
    notebook.run_cell(list(CELLS).index("told"))
    expect(show("told")).to_contain_text("1  2.0  4.0")


def test_a_run_is_reproduced_with_its_result_told_and_one_without_a_model_is_not_promoted(
    notebook: OpenNotebook, show: Show
) -> None:
    view = show("compare")
    view.get_by_role("button", name="Actions").click()
    view.get_by_role("menuitem", name="Promote").click()
    expect(view.get_by_text("No model was fitted in it.")).to_be_visible()
    expect(view.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    view.get_by_role("button", name="Actions").click()
    view.get_by_role("menuitem", name="Reproduce").click()
    form = view.get_by_role("form", name="Reproduce")
    form.get_by_role("button", name="Run", exact=True).click()
    expect(form.get_by_label("Result")).to_contain_text("steep: all", timeout=150_000)
    notebook.theme("dark")
    assert serious_findings(view) == []
    notebook.theme("light")
    assert serious_findings(view) == []
    form.get_by_role("button", name="Close").click()


def test_ticked_runs_are_compared_with_code_and_data_by_the_kernel(show: Show) -> None:
    view = show("compare")
    view.get_by_label("Select flat", exact=True).click()
    view.get_by_role("tab", name="Diff").click()
    code = view.get_by_role("region", name="Code")
    expect(code.locator("mark").first).to_have_text("2")
    expect(view.get_by_role("region", name="Data")).to_contain_text("equal")
    view.get_by_label("Compare with").select_option("B flat")
    expect(code.locator("mark").first).to_have_text("1")
    view.get_by_role("tab", name="Table").click()


def test_a_card_takes_a_hypothesis_and_shows_a_picture_that_runs_nothing(
    notebook: OpenNotebook, show: Show
) -> None:
    card, keys = show("card"), notebook.page.keyboard
    card.get_by_role("button", name="Edit: hypothesis").click()
    keys.press("Control+A")
    keys.type("it bends")
    keys.press("Escape")
    expect(card.get_by_text("it is flat")).to_be_visible()
    card.get_by_role("button", name="Edit: hypothesis").click()
    keys.press("Control+A")
    keys.type("it <b>bends</b>")
    keys.press("Enter")
    expect(card.get_by_text("Written to MLflow.")).to_be_visible()
    expect(card.get_by_text("it <b>bends</b>")).to_be_visible()
    card.locator("summary", has_text="Figures").click()
    assert str(card.get_by_role("img", name="1.svg").get_attribute("src")).startswith("data:image/svg+xml;")
    assert notebook.page.evaluate("window.hacked") is None
    assert notebook.complaints == []
