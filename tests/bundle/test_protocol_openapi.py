"""The description of a bundle's addresses holds, and the page made from it sends requests from Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import expect, sync_playwright
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    from asking import Connection
    from playwright.sync_api import Browser, Page

    from jupyter_mlops.bundle.export import Bundle

PREDICT = "/v1/models/census%20income:predict"


@pytest.fixture(scope="module")
def told(census: Connection) -> dict[str, Any]:
    document: dict[str, Any] = census.get("/openapi.json").json
    return document


def test_it_has_the_columns_as_they_are_asked_for(census: Connection, told: dict[str, Any]) -> None:
    assert told["openapi"] == "3.1.0"
    record = told["components"]["schemas"]["Record"]
    columns = census.get("/schema").json["columns"]
    assert list(record["properties"]) == record["required"] == [column["name"] for column in columns]
    for column in columns:
        kinds = record["properties"][column["name"]]["type"]
        assert ([column["type"], "null"] if column["nullable"] else column["type"]) == kinds
    assert told["components"]["schemas"]["Params"]["properties"]["method"]["enum"] == [
        "predict",
        "predict_proba",
    ]


def test_its_examples_are_good_requests_and_nobodys_data(
    census: Connection, told: dict[str, Any], features: pd.DataFrame
) -> None:
    for path in ("/invocations", PREDICT):
        example = told["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert census.post(path, example).status == 200
        sent = json.dumps(example)
        assert not any(text in sent for text in features["education"].unique())


def test_every_address_answers_as_described(census: Connection, told: dict[str, Any]) -> None:
    """Bodies made from the description, right ones and wrong ones; and each answer is held against it."""
    schema = schemathesis.openapi.from_dict(told)
    schema.config.update(base_url=census.url)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert {operation.path for operation in operations} == set(told["paths"])
    for operation in operations:
        modes = list(GenerationMode) if operation.method == "post" else [GenerationMode.POSITIVE]
        for mode in modes:
            send(operation, mode, 6 if operation.method == "post" else 1)


def send(operation: Any, mode: GenerationMode, count: int) -> None:
    # Its words cannot say that columns are equally long, that a shape fits its data, or what CSV holds.
    excluded = [] if operation.path == PREDICT else [positive_data_acceptance]

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers(case: Any) -> None:
        case.call_and_validate(excluded_checks=excluded)

    answers()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser: Browser, census: Connection) -> Page:
    page = browser.new_page()
    page.goto(f"{census.url}/docs")
    page.wait_for_selector("#field-0")
    return page


def test_the_page_sends_a_row_by_keyboard_and_shows_the_answer(
    page: Page, census: Connection, features: pd.DataFrame, model: Any
) -> None:
    row = features.dropna().iloc[[7]]
    for index, cell in enumerate(row.iloc[0]):
        page.fill(f"#field-{index}", str(cell))
    page.press("#field-0", "Enter")
    page.wait_for_selector("#status.good")
    assert json.loads(page.inner_text("#answer")) == {"predictions": model.predict(row).tolist()}
    page.select_option("#address", PREDICT)
    page.select_option("#method", "predict_proba")
    page.click("button[type=submit]")
    expect(page.locator("#answer")).to_contain_text("0.")
    assert json.loads(page.inner_text("#answer")) == {"predictions": model.predict_proba(row).tolist()}
    assert PREDICT in page.inner_text("#request")
    assert '"method": "predict_proba"' in page.inner_text("#request")


def test_the_page_marks_the_field_that_was_refused(page: Page) -> None:
    page.select_option("#address", "/invocations")
    page.fill("#field-12", "<img src=x onerror=alert(1)>")
    page.press("#field-12", "Enter")
    page.wait_for_selector("#status.bad")
    assert page.get_attribute("#field-12", "aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "field-12"
    assert "expected an integer" in page.inner_text("#answer")
    assert page.locator("img").count() == 0


def test_the_page_asks_for_a_token_where_the_server_does(
    browser: Browser, compiled: Bundle, tmp_path: Path
) -> None:
    program = [sys.executable, str(compiled.path / "serve.py"), "--tokens", str(tmp_path / "tokens")]
    made = subprocess.run([*program, "--new-token", "predict"], capture_output=True, text=True, check=True)
    token = made.stdout.strip()
    with subprocess.Popen([*program, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            page = browser.new_page()
            page.goto(f"http://{process.stdout.readline().strip().rpartition('//')[2]}/docs")
            expect(page.locator("#status")).to_contain_text("asks for a token")
            page.keyboard.type(token)
            page.keyboard.press("Enter")
            page.press("#field-0", "Enter")
            page.wait_for_selector("#status.good")
            assert '-H "Authorization: Bearer $TOKEN"' in page.inner_text("#request")
        finally:
            process.kill()


def test_pages_run_only_their_own_script_and_ask_nobody_else(census: Connection) -> None:
    for path in ("/", "/docs"):
        answer = census.get(path, {"Accept": "text/html,*/*"})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert b"http://" not in answer.body
        assert b"https://" not in answer.body
    assert census.get("/", {"Accept": "*/*"}).json["status"] == "alive"
