"""The lineage of a model in a real JupyterLab: one notebook, its own view and the comparison's tab."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from new_store import with_store
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab_in_browser import OpenNotebook

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"
HOSTILE = "<img src=x onerror=window.hacked=1>"
BEGIN = """
import os
os.environ["MLOPS_PROJECT"] = {folder!r}
os.environ.pop("MLFLOW_TRACKING_URI", None)
%load_ext jupyter_mlops
%mlops track on
"""
LOAD = f"""
import pandas as pd
people = pd.read_csv({str(ADULT)!r}, header=None, nrows=400, usecols=[0, 4, 12])
people.columns = ["age", "years", "hours"]
"""
FIT = f"""%%mlops track --name "ridge {HOSTILE}"
from sklearn.linear_model import Ridge
model = Ridge(alpha=0.5).fit(people[["age", "hours"]], people["years"])
r2 = model.score(people[["age", "hours"]], people["years"])
"""
CELLS = (
    LOAD,
    f"people[{HOSTILE!r}] = 1",
    "people = people[people['age'] > 30]",
    FIT,
    "%mlops lineage model",
    "%mlops compare",
)


@pytest.fixture(scope="module")
def notebook(
    open_cells: Callable[..., OpenNotebook], tmp_path_factory: pytest.TempPathFactory
) -> OpenNotebook:
    folder = tmp_path_factory.mktemp("project")
    with_store(folder)
    return open_cells(BEGIN.format(folder=str(folder)), *CELLS)


@pytest.fixture(autouse=True)
def _nothing_complained(notebook: OpenNotebook) -> Iterator[None]:
    notebook.page.keyboard.press("Escape")
    yield
    assert notebook.complaints == []
    assert notebook.page.evaluate("window.hacked") is None


def output(notebook: OpenNotebook, at: int) -> Locator:
    return notebook.page.locator(".jp-Notebook-cell").nth(at).locator(".jp-OutputArea-output").last


def node(view: Locator, label: str) -> Locator:
    return view.locator(".mlops-lineage-node").filter(has_text=label)


def heading(view: Locator) -> Locator:
    return view.locator(".mlops-lineage-heading")


def test_a_click_on_a_node_tells_rows_and_columns_and_one_on_a_line_what_changed(
    notebook: OpenNotebook,
) -> None:
    view = output(notebook, 5)
    expect(view.locator(".mlops-lineage-node")).to_have_count(
        10
    )  # 5 cells (one sets the environment), 4 values, 1 file
    node(view, "people@2").click()
    expect(heading(view)).to_have_text("Valuepeople@2")
    rows = view.get_by_role("group", name="First rows")
    expect(rows.get_by_role("columnheader").nth(4)).to_have_text(HOSTILE)
    expect(rows.get_by_role("row")).to_have_count(1 + 10)
    columns = view.get_by_role("group", name="Columns")
    expect(columns.get_by_role("row").nth(1)).to_contain_text("age")
    expect(columns.get_by_role("img")).to_have_count(4)
    view.get_by_role("button", name="What In[3] changed in people@2", exact=True).click()
    expect(view.locator(".mlops-lineage-detail")).to_contain_text(f"1 column added: +{HOSTILE}")
    expect(view.locator(".mlops-lineage-source")).to_have_text(f"people[{HOSTILE!r}] = 1")


def test_a_click_on_a_node_at_the_edge_opens_it_though_it_is_scrolled_into_view_meanwhile(
    notebook: OpenNotebook,
) -> None:
    view, page = output(notebook, 5), notebook.page
    for _ in range(4):
        view.get_by_role("button", name="Larger").click()
    drawing = view.locator(".mlops-lineage-scroll")
    drawing.scroll_into_view_if_needed()
    cut = node(view, "In[4]")
    box, area = cut.bounding_box(), drawing.bounding_box()
    assert box
    assert area
    half = box["width"] / 2
    drawing.evaluate("(node, by) => { node.scrollLeft += by; }", box["x"] + half - area["x"])
    cut_off = drawing.evaluate("node => node.scrollLeft")
    x, y = area["x"] + half - 8, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 1, y)
    page.mouse.up()
    expect(heading(view)).to_have_text(re.compile("In\\[4\\]"))
    assert drawing.evaluate("node => node.scrollLeft") < cut_off
    view.get_by_role("button", name="Fit", exact=True).click()


def test_keys_walk_along_the_lines_open_a_node_and_come_back(notebook: OpenNotebook) -> None:
    view, page = output(notebook, 5), notebook.page
    node(view, "model@1").focus()
    page.keyboard.press("ArrowLeft")
    expect(node(view, "In[5]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(node(view, "people@3")).to_be_focused()
    page.keyboard.press("Enter")
    expect(heading(view)).to_be_focused()
    expect(heading(view)).to_have_text("Valuepeople@3")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # its button for what changed
    expect(heading(view)).to_have_text("What In[4] changed: people@2 → people@3")
    expect(view.locator(".mlops-lineage-detail")).to_contain_text("rows removed")
    page.keyboard.press("Escape")
    expect(node(view, "people@3")).to_be_focused()
    page.keyboard.press("Home")
    expect(view.locator(".mlops-lineage-node[data-kind=file]")).to_be_focused()


def test_the_list_tells_the_same_and_the_theme_changes_at_once(notebook: OpenNotebook) -> None:
    view = output(notebook, 5)
    ground = view.locator(".mlops-lineage-alone")
    bright = ground.evaluate("node => getComputedStyle(node).backgroundColor")
    notebook.theme("dark")
    expect(ground).not_to_have_css("background-color", bright)
    notebook.theme("light")
    view.get_by_role("button", name="As a list").click()
    steps = view.get_by_role("list").get_by_role("listitem")
    expect(steps).to_have_count(5)
    expect(steps.nth(3)).to_contain_text("In[4]people = people[people['age'] > 30]")
    expect(steps.nth(3)).to_contain_text("madepeople@3Δ what changed")
    view.get_by_role("button", name="As a list").click()


def test_the_tab_of_a_comparison_draws_the_ticked_run(notebook: OpenNotebook) -> None:
    view = output(notebook, 6)
    view.get_by_role("tab", name="Lineage").click()
    view.get_by_role("button", name="Show the best by r2").click()
    expect(node(view, f"ridge {HOSTILE}")).to_be_visible()
    expect(view.locator(".mlops-lineage-node")).to_have_count(11)
    node(view, "In[4]").click()
    expect(view.locator(".mlops-lineage-source")).to_have_text("people = people[people['age'] > 30]")
