"""The comparison's module alone in Chromium, without Jupyter: the filter's reader and the saved page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from jupyter_mlops.tracking.run_table import RunTable
from jupyter_mlops.widgets import modules
from jupyter_mlops.widgets.compare import Comparison
from jupyter_mlops.widgets.compare_columns import TextColumn, columns_of
from jupyter_mlops.widgets.compare_packing import pack

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = json.loads((Path(__file__).parents[1] / "widgets" / "filter_cases.json").read_text(encoding="utf-8"))
RUNS = CASES["runs"]
WIDGETS = Path(modules.__file__).parent
LOAD = """async columns => {
    const files = ['dom', 'compare_columns', 'compare_filter'].map(name => import(`/${name}.js`));
    window.mlops = Object.assign({}, ...await Promise.all(files));
    window.columns = columns.map(c => c.words ? {...c, codes: Int32Array.from(c.codes)}
                                              : {...c, numbers: Float64Array.from(c.numbers.map(Number))});
}"""
READ = """text => {
    const {keep, problem} = window.mlops.readFilter(text, window.columns);
    return [[0, 1, 2, 3].filter(keep), problem];
}"""


def plain_columns() -> list[dict[str, Any]]:
    """The columns of the cases with values that JSON can carry (Number() reads NaN and Infinity)."""
    table = RunTable(RUNS["names"], list("abcd"), params=RUNS["params"], info=RUNS["info"])
    rows = np.arange(4)
    texts = [
        {**pack(column, rows), "codes": column.codes.tolist()}
        for column in columns_of(table)
        if isinstance(column, TextColumn)
    ]
    numbers = [
        {"group": "metrics", "name": name, "numbers": [str(v).replace("inf", "Infinity") for v in values]}
        for name, values in RUNS["metrics"].items()
    ]
    return [texts[0], *numbers, *texts[1:]]


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(path=WIDGETS / route.request.url.rpartition("/")[2]))
    page.goto("http://widgets.test/dom.js")
    page.evaluate(LOAD, plain_columns())
    yield page
    page.close()


@pytest.mark.parametrize(("text", "rows"), CASES["kept"])
def test_the_browser_keeps_the_same_runs_as_the_kernel(blank: Page, text: str, rows: list[int]) -> None:
    assert blank.evaluate(READ, text) == [rows, ""]


@pytest.mark.parametrize(("text", "problem"), CASES["problems"])
def test_the_browser_says_why_a_filter_cannot_be_read(blank: Page, text: str, problem: str | None) -> None:
    rows, said = blank.evaluate(READ, text)
    assert said
    assert problem is None or said == problem
    assert rows == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "not " * 10_000 + "a", "x " * 10_000, "a and " * 10_000 + "a"]
)
def test_the_browser_answers_a_filter_of_any_length(blank: Page, text: str) -> None:
    blank.evaluate(READ, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (12345.678, "12346"),
        (9999.96, "10000"),
        (0.00001234, "1.234e-5"),
        (-0.5, "-0.5000"),
        (2e12, "2.000e+12"),
    ],
)
def test_numbers_are_shown_with_four_significant_digits(blank: Page, value: float, text: str) -> None:
    shown = blank.evaluate("value => window.mlops.textOf({numbers: [value], whole: false}, 0)", value)
    assert shown == text


def test_long_names_are_cut_in_the_middle_without_splitting_an_emoji(blank: Page) -> None:
    cut = blank.evaluate(
        "() => [0, 1, 2].map(n => window.mlops.cutMiddle('x'.repeat(n) + '🦊'.repeat(50), 20))"
    )
    assert all("�" not in text.encode("utf-16", "replace").decode("utf-16") for text in cut)
    assert all("…" in text for text in cut)


def test_a_saved_page_sorts_and_filters_without_a_kernel_and_loads_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    table = RunTable(
        ["a", "</script><script>window.hacked=1</script>", "c"],
        list("123"),
        metrics={"auc": [0.7, 0.9, 0.8]},
        params={"model": ["x", "y", "<img src=x onerror='window.hacked=1'>"]},
    )
    page = browser.new_page(viewport={"width": 1000, "height": 500})
    page.set_default_timeout(60_000)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    address = Comparison(table, sort="auc").to_html(tmp_path / "runs.html").as_uri()
    page.goto(address)
    expect(page.get_by_role("status")).to_have_text("3 of 3 runs")
    expect(page.get_by_role("rowheader").first).to_have_text("</script><script>window.hacked=1</script>")
    page.get_by_label("Filter runs").fill("auc < 0.9")
    expect(page.get_by_role("status")).to_have_text("2 of 3 runs")
    model = page.get_by_role("columnheader", name="model")
    model.click()
    expect(model).to_have_attribute("aria-sort", "ascending")
    assert page.get_by_role("rowheader").all_text_contents() == ["c", "a"]
    assert page.evaluate("() => window.hacked") is None
    assert asked == [address]
    assert complaints == []
    page.close()


def test_a_saved_page_shows_its_table_where_scripts_do_not_run(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(Comparison(RunTable(["a"], ["1"], {"auc": [0.5]})).to_html(tmp_path / "runs.html").as_uri())
    expect(page.get_by_role("table")).to_contain_text("0.5000")
    context.close()
