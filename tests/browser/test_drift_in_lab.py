"""The drift widget in a real JupyterLab, used as a person uses it. Each test has its own cell and report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from barriers import serious_findings
from drift_payloads import EVIL, HOSTILE, with_parts
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from lab_in_browser import OpenNotebook

PARTS = f"""
import json
from jupyter_mlops.widgets.drift_widget import DriftWidget
payload = json.loads({json.dumps(with_parts())!r})
DriftWidget(payload)
"""
REPORT = f"""
import numpy as np, pandas as pd, jupyter_mlops
names = {HOSTILE!r}
g = np.random.default_rng(0)
a = pd.DataFrame({{name: g.choice([EVIL, "b", name[:50]], 200) for name in names}})
jupyter_mlops.drift(a, a.assign(**{{EVIL: "b"}}))
""".replace("EVIL", repr(EVIL))
CELLS = {
    "parts": PARTS,
    "keys": "DriftWidget(payload)",
    "search": "DriftWidget(payload)",
    "tabs": "DriftWidget(payload)",
    "report": REPORT,
}
Show = Callable[[str], Locator]


@pytest.fixture(scope="module")
def notebook(open_cells: Callable[..., OpenNotebook]) -> OpenNotebook:
    return open_cells(*CELLS.values())


@pytest.fixture
def show(notebook: OpenNotebook) -> Show:
    """The widget of a cell by its name in CELLS."""
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    return lambda name: cells.nth(list(CELLS).index(name)).locator(".mlops-drift")


def columns(view: Locator) -> Locator:
    return view.get_by_role("listbox", name="Columns").get_by_role("option")


def chosen(view: Locator) -> Locator:
    return view.get_by_role("listbox", name="Columns").get_by_role("option", selected=True)


def test_the_verdict_comes_first_in_words_and_the_worst_column_is_chosen(show: Show) -> None:
    view = show("parts")
    expect(view.locator("p").first).to_contain_text("drift4 of 6 columns drift: gone, age")
    expect(columns(view).first).to_have_accessible_name(re.compile("gone –.*only in reference.*drift"))
    expect(chosen(view)).to_contain_text("gone")
    columns(view).nth(1).click()
    expect(view.get_by_role("heading", name="age")).to_be_visible()
    expect(view.get_by_role("img", name="age: shares of rows, reference outlined")).to_be_visible()
    expect(view.get_by_role("img", name="Effect on age over time, 3 alarms")).to_be_visible()
    expect(view.locator(".mlops-drift-pictures .mlops-drift-alarm")).to_have_count(3)
    expect(view.locator("dt").first).to_have_css("float", "none")  # the Lab's own style of lists
    expect(view.get_by_text("reaches its limit 0.02, and adjusted p (<0.001) is below 0.05")).to_be_visible()


def test_missing_values_are_a_bar_of_their_own(show: Show) -> None:
    view = show("parts")
    view.get_by_role("option", name="hours").click()
    drawn = view.get_by_role("img", name="hours: shares of rows")
    expect(drawn.get_by_text("missing", exact=True)).to_be_visible()
    expect(drawn).to_contain_text("reference 0 %, current 20.1 %")


def test_search_and_order_keep_the_count_and_the_chosen_column(show: Show) -> None:
    view = show("search")
    expect(view.get_by_role("status").first).to_have_text("6 columns")
    view.get_by_role("option", name="city").click()
    view.get_by_label("Sort columns by").select_option("name")
    assert _names(view) == ["age", "city", "day", "gone", "hours", "same"]
    expect(chosen(view)).to_contain_text("city")
    view.get_by_label("Search columns").fill("A")
    expect(view.get_by_role("status").first).to_have_text("3 of 6 columns")
    expect(chosen(view)).to_contain_text("age")
    view.get_by_label("Search columns").fill("nothing is called so")
    expect(columns(view)).to_have_count(0)


def _names(view: Locator) -> list[str]:
    return columns(view).locator("bdi").all_text_contents()


def test_the_keyboard_reaches_everything(show: Show) -> None:
    view, press = show("keys"), show("keys").page.keyboard.press
    view.get_by_role("tab", name="Columns").focus()
    press("ArrowLeft")
    expect(view.get_by_role("tab", name="Performance")).to_be_focused()
    expect(view.get_by_role("tabpanel", name="Performance")).to_be_visible()
    press("Home")
    press("Tab")
    expect(view.get_by_label("Search columns")).to_be_focused()
    press("ArrowDown")
    box = view.get_by_role("listbox", name="Columns")
    expect(box).to_be_focused()
    expect(box).to_have_css("outline-style", "solid")
    press("ArrowDown")
    expect(view.get_by_role("heading", name="age")).to_be_visible()
    press("End")
    expect(chosen(view)).to_have_attribute("aria-posinset", "6")
    expect(box).to_have_attribute("aria-activedescendant", str(chosen(view).get_attribute("id")))
    expect(box).to_be_focused()
    press("Shift+Tab")
    press("Shift+Tab")
    press("Shift+Tab")
    press("Shift+Tab")
    expect(view.get_by_role("button", name="As a table")).to_be_focused()
    press("Enter")
    expect(view.get_by_role("table", name="Shares of all rows")).to_be_visible()


def test_each_tab_is_drawn_when_it_is_opened_and_has_a_table(show: Show) -> None:
    view = show("tabs")
    expect(columns(view)).to_have_count(6)
    expect(view.locator(".mlops-drift-wide")).to_have_count(0)
    view.get_by_role("tab", name="Performance").click()
    expect(view.get_by_label("Metric")).to_have_value("0")
    expect(view.get_by_role("img", name="ROC AUC per chunk: 2 of 6 chunks beyond the limits")).to_be_visible()
    expect(view.get_by_text("Scores stay calibrated.")).to_be_visible()
    view.get_by_role("button", name="As a table").click()
    expect(view.get_by_role("row", name="2024-04-01 1,000 0.8 0.01 – alarm")).to_be_visible()
    view.get_by_role("tab", name="Together").click()
    expect(view.get_by_text("AUC 0.65; without drift 95 % lie in 0.49 to 0.51; p <0.001.")).to_be_visible()
    expect(view.get_by_role("row", name="age 0.1")).to_be_visible()
    view.get_by_role("tab", name="Segments").click()
    expect(view.get_by_role("cell", name="0.400 drift")).to_be_visible()
    expect(view.get_by_role("row", name="8 watch too few rows")).to_be_visible()
    expect(view.get_by_role("rowheader", name="<img src=x onerror='w…hacked=1'>")).to_be_visible()
    view.get_by_role("button", name="age").click()
    expect(view.get_by_role("heading", name="age")).to_be_visible()


def test_hostile_names_are_text_and_nothing_runs(show: Show) -> None:
    view = show("report")
    expect(view.get_by_role("heading", name=EVIL)).to_be_visible()
    for at in range(len(HOSTILE)):
        columns(view).nth(at).click()
    expect(view.locator("img, script")).to_have_count(0)
    assert "\u202e" not in view.inner_text()
    assert max(map(len, columns(view).all_inner_texts())) < 120
    assert view.page.evaluate("() => window.hacked") is None


def test_a_dark_theme_repaints_at_once(show: Show, notebook: OpenNotebook) -> None:
    view = show("parts").locator(".mlops-drift-all")
    text = show("parts").locator("svg text").first
    colour, fill = "n => getComputedStyle(n.parentNode).backgroundColor", "n => getComputedStyle(n).fill"
    light = view.evaluate(colour), text.evaluate(fill)
    notebook.theme("dark")
    expect(show("parts")).not_to_have_css("background-color", light[0])
    expect(text).not_to_have_css("fill", light[1])
    notebook.theme("light")
    expect(show("parts")).to_have_css("background-color", light[0])


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_tab_keeps_anybody_out(theme: str, show: Show, notebook: OpenNotebook) -> None:
    notebook.theme(theme)
    tabs = show("parts").get_by_role("tab")
    for tab in tabs.all():
        tab.click()
        assert serious_findings(show("parts")) == []
    tabs.first.click()


def test_the_console_stayed_clean(show: Show, notebook: OpenNotebook) -> None:
    expect(show("parts").get_by_role("status").first).to_be_visible()
    assert notebook.complaints == []
