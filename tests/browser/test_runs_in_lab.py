"""Real runs with hostile names compared in a real JupyterLab: by keys alone, in both themes, as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from barriers import serious_findings
from new_store import with_store
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lab_in_browser import OpenNotebook

ADULT = Path(__file__).parents[2] / "example_notebooks" / "data" / "adult.csv"
EVIL = "<img src=x onerror=window.hacked=1>"
TURNED = "\u202eevil \U0001f98a"
BEGIN = """
import os
os.environ["MLOPS_PROJECT"] = {folder!r}
os.environ.pop("MLFLOW_TRACKING_URI", None)
%load_ext jupyter_mlops
%mlops track on
import pandas as pd
people = pd.read_csv({adult!r}, header=None, nrows=300, usecols=[0, 4, 12])
people.columns = ["age", "years", {evil!r}]
"""
LONG = "x" * 200
FIT = """%%mlops track --name "{name}"
from sklearn.linear_model import Ridge
alpha = {alpha}
model = Ridge(alpha=alpha).fit(people.drop(columns="years"), people["years"])
r2 = model.score(people.drop(columns="years"), people["years"])
"""
COMPARE = "import jupyter_mlops\nshown = jupyter_mlops.compare()\nshown"
FRAME = f"""
names = [{EVIL!r}, {TURNED!r}, "x" * 10_000, "</script><script>window.hacked=1</script>"]
jupyter_mlops.compare(pd.DataFrame({{"name": names, names[0]: [1.0, 2.0, 4.0, 3.0], names[2]: names}}))
"""
TABS = ("Table", "Parallel", "Scatter", "History", "Diff", "Lineage")
ROLE = "() => document.activeElement.getAttribute('role') ?? document.activeElement.className"


@pytest.fixture(scope="module")
def notebook(
    open_cells: Callable[..., OpenNotebook], tmp_path_factory: pytest.TempPathFactory
) -> OpenNotebook:
    folder = tmp_path_factory.mktemp("project")
    with_store(folder)
    begin = BEGIN.format(folder=str(folder), adult=str(ADULT), evil=EVIL)
    fits = [FIT.format(name=name, alpha=alpha) for name, alpha in ((EVIL, 0.5), (TURNED, 50), (LONG, 5e6))]
    return open_cells(
        begin, fits[0], f"people[{EVIL!r}] *= 2", *fits[1:], COMPARE, FRAME, f"%mlops show {LONG}", COMPARE
    )


@pytest.fixture
def show(notebook: OpenNotebook) -> Callable[[str], Locator]:
    """The view of a cell by its name."""
    cells = {"runs": 5, "frame": 6, "card": 7, "keys": 8}
    outputs = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    return lambda name: outputs.nth(cells[name]).locator(".jp-OutputArea-output").last


@pytest.fixture(autouse=True)
def _nothing_ran_or_complained(notebook: OpenNotebook) -> Iterator[None]:
    yield
    assert notebook.complaints == []
    assert notebook.page.evaluate("() => window.hacked") is None


def go_to(view: Locator, role: str, key: str = "Tab") -> None:
    """Press a key until something of this role (or, without roles, class) has the focus."""
    for _ in range(12):
        view.page.keyboard.press(key)
        if role in view.page.evaluate(ROLE):
            return
    pytest.fail(f"{key} does not reach {role}")


def tick(view: Locator, count: int) -> None:
    """Tick the first runs of the table, once it has them."""
    boxes = view.get_by_role("gridcell").get_by_role("checkbox")
    for at in range(count):
        boxes.nth(at).set_checked(True)


def test_keys_alone_lead_from_the_filter_to_a_diff_and_to_what_led_to_a_run(
    show: Callable[[str], Locator],
) -> None:
    view = show("keys")
    press = view.page.keyboard.press
    view.get_by_label("Filter runs").focus()
    view.page.keyboard.type("alpha < 1000")
    expect(view.get_by_role("status").first).to_have_text("2 of 3 runs")
    go_to(view, "tab")
    go_to(view, "grid")
    for key in ("ArrowUp", "ArrowRight", "Enter", "ArrowDown", "ArrowLeft", " ", "ArrowDown", " "):
        press(key)
    expect(view.get_by_text("2 selected")).to_be_visible()
    go_to(view, "tab", "Shift+Tab")
    for _ in range(TABS.index("Diff")):
        press("ArrowRight")
    expect(view.get_by_role("tab", name="Diff")).to_be_focused()
    params = view.get_by_role("region", name="Parameters")
    expect(params.get_by_role("rowheader").first).to_contain_text("alpha")
    expect(view.get_by_role("region", name="Data")).to_contain_text("300 cells changed")
    press("ArrowRight")
    expect(view.locator(".mlops-lineage-node").first).to_be_visible()
    go_to(view, "mlops-lineage-node")
    press("Enter")
    expect(view.locator(".mlops-lineage-heading")).to_be_focused()


def test_a_brush_on_an_axis_narrows_the_table(show: Callable[[str], Locator]) -> None:
    view = show("runs")
    view.get_by_role("tab", name="Parallel").click()
    view.get_by_role("slider", name="Brush on alpha: least value that stays").focus()
    view.page.keyboard.press("PageUp")
    expect(view.get_by_role("status").first).to_have_text("2 of 3 runs, brushed")
    view.get_by_role("tab", name="Table").click()
    expect(view.get_by_role("rowheader")).to_have_count(2)
    view.get_by_role("button", name="End brush").click()
    expect(view.get_by_role("status").first).to_have_text("3 of 3 runs")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_tab_keeps_anybody_out(theme: str, show: Callable[[str], Locator], notebook: OpenNotebook) -> None:
    view = show("runs")
    view.get_by_role("tab", name="Table").click()
    tick(view, 2)
    notebook.theme(theme)
    found = {}
    for name in TABS:
        view.get_by_role("tab", name=name).click()
        expect(view.get_by_role("tabpanel", name=name)).to_be_visible()
        if name == "Diff":
            expect(view.get_by_role("region", name="Code")).to_be_visible()
        if name == "Lineage":
            expect(view.locator(".mlops-lineage-node").first).to_be_visible()
        found[name] = serious_findings(view)
    found["card"] = serious_findings(show("card"))
    assert not any(found.values()), found


@pytest.mark.parametrize("name", ["runs", "frame"])
def test_names_are_text_in_every_tab_and_take_no_room_from_others(
    name: str, show: Callable[[str], Locator]
) -> None:
    view = show(name)
    view.get_by_role("tab", name="Table").click()
    tick(view, 3)
    for tab in TABS:
        view.get_by_role("tab", name=tab).click()
        expect(view.get_by_role("tabpanel", name=tab)).to_be_visible()
        expect(view.locator("img, script, iframe")).to_have_count(0)
        assert "\u202e" not in view.inner_text(), tab
        assert view.evaluate("view => view.scrollWidth <= view.clientWidth"), tab
    assert "x" * 2000 not in view.inner_text()
