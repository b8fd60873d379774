"""A saved drift report in Chromium, without Jupyter: no network, no kernel, many columns or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from drift_payloads import drifting, many, with_parts
from playwright.sync_api import Browser, Page, expect

from jupyter_mlops.widgets.drift_page import page as page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], Page]]:
    """Open the page of a payload; at the end nothing may have been fetched or complained of."""
    pages: list[Page] = []
    asked: list[str] = []
    complaints: list[str] = []

    def open_page(payload: dict[str, Any]) -> Page:
        path = tmp_path / "drift.html"
        path.write_text(page_of(payload, "<p>the table</p>"), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1010, "height": 520})
        page.set_default_timeout(60_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield open_page
    assert complaints == []
    assert [url for url in asked if not url.startswith("file:")] == []
    for page in pages:
        page.close()


def test_a_saved_report_works_without_a_kernel(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(drifting().to_html(tmp_path / "drift.html").as_uri())
    expect(page.get_by_role("tab")).to_have_count(0)
    page.get_by_role("option", name="city").click()
    expect(page.get_by_role("img", name="city: shares of rows")).to_contain_text("Bern")
    expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_text("All columns in one table").click()
    expect(page.get_by_role("table")).to_contain_text("only in reference")
    page.close()


def test_a_saved_report_shows_its_table_where_scripts_do_not_run(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(drifting().to_html(tmp_path / "drift.html").as_uri())
    expect(page.get_by_role("table")).to_contain_text("only in reference")
    context.close()


def test_the_inline_size_is_kept_with_every_part(opened: Callable[[dict[str, Any]], Page]) -> None:
    page = opened(with_parts())
    box = page.locator(".mlops-drift").bounding_box()
    assert box
    assert (round(box["width"]), round(box["height"])) == (962, 442)  # 420 and what frames it
    for row in page.get_by_role("listbox").get_by_role("option").all():
        row.click()
        for picture in page.locator(".mlops-drift-pictures > svg").all():
            drawn = picture.bounding_box()
            assert drawn
            assert drawn["y"] + drawn["height"] <= box["y"] + box["height"]


def test_two_thousand_columns_keep_few_rows_in_the_page(opened: Callable[[dict[str, Any]], Page]) -> None:
    page = opened(many(2000))
    expect(page.get_by_role("status").first).to_have_text("1,998 columns")
    box = page.get_by_role("listbox")
    box.press("End")
    expect(box.get_by_role("option", selected=True)).to_have_attribute("aria-posinset", "1998")
    assert box.get_by_role("option").count() < 40
    page.get_by_label("Search columns").fill("age 17")
    expect(page.get_by_role("status").first).to_have_text("11 of 1,998 columns")


def test_no_columns_are_said_in_words(opened: Callable[[dict[str, Any]], Page]) -> None:
    payload = drifting().payload() | {"columns": [], "histograms": {}, "verdict": "ok"}
    expect(opened(payload).get_by_text("No columns were compared.")).to_be_visible()
