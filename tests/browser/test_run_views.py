"""What runs differ in and a run's card in Chromium, on a page without Jupyter."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from barriers import serious_findings
from diff_payload import diff_payload
from playwright.sync_api import Browser, Page, expect

from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets import run_card, run_diff_widget
from jupyter_mlops.widgets.compare import Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A view</title>
<main id="view"></main><script type="application/json" id="state">{state}</script>
<script type="module">
import view from "data:text/javascript;base64,{module}";
const state = JSON.parse(document.getElementById("state").textContent);
const model = {{ get: (name) => state[name], on() {{}}, off() {{}} }};
view.render({{ model, el: document.getElementById("view") }});
</script></html>"""


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a view of a state; at the end nothing may have complained, and no name may have run."""
    pages: list[Page] = []
    complaints: list[str] = []

    def open_page(module: str, width: int = 1010, **state: Any) -> Page:
        path = tmp_path / f"{len(pages)}.html"
        text = json.dumps(state).replace("<", "\\u003c")
        code = base64.b64encode(module.encode()).decode()
        path.write_text(PAGE.format(module=code, state=text), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 700})
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        expect(page.locator("#view > :not(style)")).not_to_have_count(0)  # the module is unpacked first
        pages.append(page)
        return page

    yield open_page
    assert complaints == []
    for page in pages:
        assert page.evaluate("window.hacked") is None
        page.close()


def diff_page(opened: Callable[..., Page], runs: int, **more: Any) -> Page:
    return opened(run_diff_widget.MODULE, _payload=diff_payload(runs), **more)


def test_a_diff_shows_what_differs_counts_it_and_brings_the_rest_when_asked(
    opened: Callable[..., Page],
) -> None:
    page = diff_page(opened, 2)
    heads = page.get_by_role("heading", level=3).all_inner_texts()
    assert [" ".join(head.split()) for head in heads] == [
        "Parameters 2 of 3 differ",
        "Metrics 2 of 3 differ",
        "Data 1 of 2 differs",
        "Code 2 of 15 differ",
        "Environment 1 of 2 differs",
    ]
    params = page.get_by_role("region", name="Parameters").get_by_role("table")
    expect(params.get_by_role("rowheader")).to_have_text(["≠differs: C", "≠differs: depth"])
    page.get_by_label("Also what is equal").check()
    expect(params.get_by_role("rowheader")).to_have_text(
        ["≠differs: C", "≠differs: depth", "=equal: random_state"]
    )
    expect(page.get_by_role("heading", level=4)).to_have_text(["X_train training", "X_test evaluation"])
    assert serious_findings(page.locator("main")) == []


def test_differences_of_metrics_have_sign_word_interval_or_the_reason_for_none(
    opened: Callable[..., Page],
) -> None:
    page = diff_page(opened, 3)
    rows = page.get_by_role("region", name="Metrics").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("▲+0.021better+0.004 to +0.038, 742 rows")
    expect(rows.nth(1)).to_contain_text("▲+0.029better, may be chance−0.001 to +0.05, 742 rows")
    expect(rows.nth(2)).to_contain_text("▲+0.06worseno predictions kept")
    expect(rows.nth(2)).to_contain_text("▼−0.08better")
    zeros = page.locator(".mlops-diff-zero").all()
    spans = page.locator(".mlops-diff-span").all()
    ends = [(float(str(s.get_attribute("x1"))), float(str(s.get_attribute("x2")))) for s in spans]
    at = [float(str(zero.get_attribute("x1"))) for zero in zeros]
    assert at[0] == at[1] < ends[0][0] < ends[0][1] < ends[1][1]  # one scale for both
    assert ends[1][0] < at[1]


def test_data_says_rows_columns_cells_and_shifts(opened: Callable[..., Page]) -> None:
    data = diff_page(opened, 2).get_by_role("region", name="Data")
    expect(data).to_contain_text("3,000 → 2,997 rows · 3 rows removed")
    expect(data).to_contain_text("2 columns added: +age squared+<img src=x onerror=window.hacked=1>")
    cells = data.locator(".mlops-diff-cells")
    expect(cells).to_have_count(12)
    assert cells.all_inner_texts()[:2] == ["age\n2,997 cells changed", "hours-per-week\n211 cells changed"]
    data.get_by_role("button", name="and 4 columns more").press("Enter")
    expect(cells).to_have_count(16)
    expect(cells.nth(12)).to_be_focused()
    expect(data.get_by_role("row").nth(1)).to_contain_text("age✗drift0.93 Wassersteinmoved")


def test_code_folds_what_is_equal_and_marks_changed_words_by_more_than_colour(
    opened: Callable[..., Page],
) -> None:
    page = diff_page(opened, 3)
    code = page.get_by_role("region", name="Code")
    fold = code.get_by_role("button", name="12 equal statements")
    expect(code.get_by_role("row")).to_have_count(1 + 1 + 3)
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(code.get_by_role("row")).to_have_count(1 + 1 + 12 + 3)
    page.keyboard.press("Enter")
    expect(code.get_by_role("row")).to_have_count(1 + 1 + 3)
    changed = code.get_by_role("row").filter(has=page.get_by_text("changed", exact=True))
    marks = changed.get_by_role("cell").nth(1).locator("mark")
    expect(marks).to_have_text(["tree", "DecisionTreeClassifier", "max_depth", "depth"])
    expect(marks.first).to_have_css("border-bottom-style", "solid")
    expect(marks.first).to_have_css("font-weight", "700")
    expect(changed.get_by_role("cell").nth(2).locator("mark")).to_have_count(0)  # as the first run's
    expect(code.get_by_text("onerror=window.hacked=1>\\u202e")).to_be_visible()


def test_a_narrow_place_scrolls_inside_tables_only(opened: Callable[..., Page]) -> None:
    page = diff_page(opened, 3, width=460)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_a_kernel_the_ticked_runs_are_compared_by_what_the_table_knows(
    browser: Browser, tmp_path: Path
) -> None:
    table = RunTable(
        ["line", "tree", "forest"],
        ["a", "b", "c"],
        metrics={"auc": [0.8, 0.9, 0.85], "loss": [0.5, float("nan"), 0.4]},
        params={"depth": [None, "6", "6"], "seed": ["0", "0", "0"]},
    )
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(Comparison(table).to_html(tmp_path / "runs.html").as_uri())
    page.get_by_role("tab", name="Diff").click()
    expect(page.get_by_text("Tick two or three runs in the table")).to_be_visible()
    page.get_by_role("button", name="Compare the two best by auc").click()
    metrics = page.get_by_role("region", name="Metrics").get_by_role("row")
    expect(metrics.nth(1)).to_contain_text("0.90.85▼−0.05worseno interval without the kernel")
    expect(metrics.nth(2)).to_contain_text("none0.4")
    expect(page.get_by_text("this is what the table knows")).to_be_visible()
    page.get_by_label("Compare with").select_option("B forest")
    expect(metrics.nth(1)).to_contain_text("0.850.9▲+0.05better")
    expect(page.get_by_label("Compare with")).to_be_focused()
    page.get_by_role("tab", name="Table").click()
    page.get_by_label("Select line", exact=True).click()
    page.get_by_role("tab", name="Diff").click()
    params = page.get_by_role("region", name="Parameters").get_by_role("row")
    expect(params.first).to_have_text("NameAtreeBforestCline")
    expect(params.nth(1)).to_have_text("≠differs: depth66none")
    page.close()


CARD: dict[str, Any] = {
    "name": f"tree {diff_payload()['data'][0]['changes'][0]['columns_added'][1]}",
    "status": "failed",
    "experiment": "census",
    "cell": "In[7]",
    "started": "2026-10-22T06:00:01+00:00",
    "seconds": 2.7,
    "error": "ValueError",
    "hypothesis": "it bends",
    "metrics": [{"name": "loss", "value": 0.25, "text": "", "lower": True}],
    "params": [["depth", "6"]],
    "left_out": 0,
    "data": [
        {
            "name": "X",
            "kind": "frame",
            "use": "training",
            "shape": "3 × 2",
            "digest": "1a2b3c4d",
            "kept": True,
            "commands": ["%mlops restore tree:X"],
        }
    ],
    "code": {"cells": [["In[3]", "x = '</script>'"]], "note": "", "commands": ["%mlops reproduce tree"]},
    "environment": {"facts": [["python", "3.11.2"]], "packages": [["numpy", "2.4.0"]], "note": ""},
    "figures": ["1.svg", "2.plotly.json"],
    "not_kept": ["1 larger than 4 MB"],
    "history": [{"name": "loss", "steps": [1, 2, 3], "values": [1.0, None, 0.25]}],
}


def test_a_run_s_card_opens_its_parts_by_keyboard_and_needs_no_kernel(opened: Callable[..., Page]) -> None:
    page = opened(run_card.MODULE, _payload=CARD, _asks=[])
    card = page.get_by_role("article")
    expect(card.get_by_role("heading", level=3)).to_have_text("tree <img src=x onerror=window.hacked=1>")
    expect(card.get_by_text("✗failed")).to_be_visible()
    expect(card.get_by_role("button", name=": hypothesis")).to_have_count(0)
    expect(card.get_by_role("definition").first).to_have_text("0.25")
    expect(card.get_by_text("%mlops restore tree:X")).to_be_hidden()
    for title in ("History", "Figures", "Data", "Code", "Environment"):
        card.locator("summary", has_text=title).first.focus()
        page.keyboard.press("Enter")
    expect(card.get_by_role("img", name="loss: 1 at step 1, 0.25 at step 3")).to_be_visible()
    expect(card.get_by_text("There is no kernel here")).to_be_visible()
    expect(card.get_by_text("x = '</script>'")).to_be_visible()
    assert serious_findings(card) == []
    page.clock.install(time=0)
    page.clock.pause_at(1)  # what is said goes after two seconds: here when this test is done with it
    card.get_by_role("button", name="Copy %mlops restore tree:X").click()
    said = card.get_by_text("Copied").or_(card.get_by_text("Press Ctrl+C"))
    expect(said).to_be_visible()
    page.clock.run_for(2000)
    expect(said).to_have_count(0)
