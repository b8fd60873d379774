"""From a notebook's cell to a served model by clicks: a gate fails, a typed reason overrides it."""

from __future__ import annotations

import json
import re
import shutil
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from barriers import serious_findings
from lab_in_browser import TOKEN, Lab, OpenNotebook, close_dialog, open_notebook
from playwright.sync_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

DATA = Path(__file__).parents[2] / "example_notebooks/data"
HOSTILE = "<img src=x onerror=alert(1)> & 'first'"
CELLS = (
    "%load_ext jupyter_mlops\n%mlops track on",
    """import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
columns = ["Culmen Length (mm)", "Culmen Depth (mm)", "Body Mass (g)"]
penguins = pd.read_csv("penguins.csv").dropna(subset=[*columns, "Sex"]).query("Sex != '.'")
X, y = penguins[columns], penguins["Sex"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)""",
    f"""%%mlops track --name "{HOSTILE}"
first = LogisticRegression(C=0.01, max_iter=2000).fit(X_train, y_train)
accuracy = accuracy_score(y_test, first.predict(X_test))""",
    """%%mlops track --name second
second = LogisticRegression(C=1.0, max_iter=2000).fit(X_train, y_train)
accuracy = accuracy_score(y_test, second.predict(X_test))""",
)
# A promotion runs it again: it goes on as long as the file is there.
HELD = """
import os, time
while os.path.exists({!r}):
    time.sleep(0.05)"""
KEPT = "jupyter-mlops:jobs"
JOB = re.compile(r"/jupyter-mlops/jobs/\w")
LONG = 150_000  # ms: a promotion runs the notebook's code again


@pytest.fixture(scope="module")
def project(lab: Lab) -> Path:
    folder = lab.folder / "clicks"
    (folder / ".mlops").mkdir(parents=True)
    shutil.copy(DATA / "penguins.csv", folder)
    (folder / "gates.yaml").write_text('metrics: ["accuracy >= 0.999"]\n')
    begin, data, *fits = CELLS
    cells = [begin, data + HELD.format(str(folder / "held")), *fits]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "penguins.ipynb")
    return folder


@pytest.fixture(scope="module")
def notebook(lab: Lab, browser: Browser, project: Path) -> Iterator[OpenNotebook]:
    notebook = open_notebook(browser, lab, "clicks/penguins.ipynb")
    notebook.run_all()
    notebook.save()
    yield notebook
    assert notebook.complaints == []
    notebook.page.close()


def export_by_a_click(page: Page) -> None:
    page.locator('[data-jp-item-name="mlops-export"] jp-button').click()


def says(dialog: Locator, text: str) -> None:
    expect(dialog).to_contain_text(text, timeout=LONG)


def no_barriers(notebook: OpenNotebook, dialog: Locator) -> None:
    for theme in ("dark", "light"):
        notebook.theme(theme)
        assert serious_findings(dialog) == []


@pytest.mark.timeout(600)  # three promotions, beside whatever else runs
def test_a_model_that_a_gate_holds_back_is_promoted_by_a_typed_reason(
    notebook: OpenNotebook, project: Path
) -> None:
    page = notebook.page
    dialog = page.get_by_role("dialog")

    # Nothing is promoted: the selected cell's run is on offer, though another one is newer.
    page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt").click()
    export_by_a_click(page)
    says(dialog, "No model of this notebook is registered yet")
    expect(dialog.get_by_role("button", name="Promote…")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Run").locator("option:checked")).to_have_text(HOSTILE, timeout=LONG)
    name = dialog.get_by_label("Name of the model")
    expect(name).to_have_value("penguins")
    name.fill("a/b")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("none of @ /")

    # Cancelled, it can be begun again.
    held = project / "held"
    held.touch()
    name.fill("sex")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("progressbar")).to_have_attribute(
        "aria-valuenow", re.compile("[1-9]"), timeout=LONG
    )
    dialog.get_by_role("button", name="Cancel").click()
    says(dialog, "Cancelled.")
    held.unlink()
    dialog.get_by_role("button", name="Try Again").click()
    expect(name).to_have_value("sex", timeout=LONG)
    expect(name).to_be_focused()
    page.keyboard.press("Enter")

    # The gate fails; nothing but a reason of a few words makes it champion.
    says(dialog, "sex version 1 is registered, but it is not champion")
    gates = dialog.get_by_role("list", name="Gates").get_by_role("listitem")
    expect(gates.first).to_contain_text("accuracy >= 0.999")
    expect(gates.first).to_contain_text("failed")
    no_barriers(notebook, dialog)
    reason = dialog.get_by_label("Why should it be champion all the same?")
    reason.fill("ok")
    override = dialog.get_by_role("button", name="Make It Champion All the Same")
    override.click()
    expect(dialog.get_by_role("alert")).to_contain_text("in a few words")
    reason.fill("the threshold is only a wish")

    # Closed, the dialog leaves the work alone: a notification tells its end.
    with _goes_on_unheard(page):
        override.click()
        dialog.get_by_role("progressbar").wait_for()
        close_dialog(page)
    told = page.locator(".Toastify__toast", has_text="sex version 1 is now champion")
    expect(told).to_be_visible(timeout=LONG)
    told.get_by_role("button", name="Show").click()
    says(dialog, "sex version 1 is now champion")
    close_dialog(page)


def test_one_click_exports_the_promoted_model_and_another_serves_it(
    notebook: OpenNotebook, lab: Lab, project: Path
) -> None:
    page = notebook.page
    dialog = page.get_by_role("dialog")
    export_by_a_click(page)
    says(dialog, "sex version 1 is exported")
    bundle = project / "bundle-sex-1"
    digest = json.loads((bundle / "bundle.json").read_text())["digest"]
    expect(dialog.get_by_text(digest)).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog.get_by_role("button", name="Copy the path").click()
    assert page.evaluate("navigator.clipboard.readText()") == str(bundle)

    # It is served from the same dialog, and answers.
    dialog.get_by_role("button", name="Serve Now").click()
    link = dialog.get_by_role("link")
    link.wait_for(timeout=LONG)
    no_barriers(notebook, dialog)
    address = link.inner_text()
    rows = json.loads((bundle / "example.json").read_text())
    request = urllib.request.Request(
        f"{address}/invocations",
        json.dumps({"dataframe_records": rows[:2]}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=90) as answer:
        assert len(json.load(answer)["predictions"]) == 2
    stop = urllib.request.Request(
        f"{lab.url}/jupyter-mlops/servers/{address.rpartition(':')[2]}?folder=clicks",
        headers={"Authorization": f"token {TOKEN}"},
        method="DELETE",
    )
    with urllib.request.urlopen(stop, timeout=90) as answer:
        assert answer.status == 204
    close_dialog(page)

    # A bundle that is there is kept, unless somebody says otherwise.
    made = bundle.stat().st_mtime_ns
    export_by_a_click(page)
    says(dialog, "There is a bundle in bundle-sex-1 already")
    expect(dialog.get_by_role("button", name="Keep It")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert bundle.stat().st_mtime_ns == made


def test_a_job_that_ends_while_the_page_is_loaded_again_is_told_of_once(
    notebook: OpenNotebook, lab: Lab, project: Path
) -> None:
    page = notebook.page
    bundle = project / "bundle-sex-1"
    made = bundle.stat().st_mtime_ns
    with _ends_on_the_way_out(page, lab) as ended:
        export_by_a_click(page)
        page.get_by_role("dialog").get_by_role("button", name="Replace", exact=True).click(timeout=LONG)
        page.wait_for_function(f"sessionStorage.getItem('{KEPT}')?.length > 2")  # it has begun
        ended()
        notebook.reload()
    told = page.locator(".Toastify__toast", has_text="Export sex/1: done.")
    expect(told).to_be_visible(timeout=LONG)
    assert bundle.stat().st_mtime_ns != made

    # It is told once.
    notebook.reload()
    assert page.evaluate(f"sessionStorage.getItem('{KEPT}')") == "[]"
    expect(told).to_have_count(0)


class _Questions:
    """What the page asks of its jobs, held until it may be answered."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        self.is_over = False
        self._page = page
        page.route(JOB, self._ask)

    def _ask(self, route: Route) -> None:
        if self.is_over:
            route.continue_()
        else:
            self.held.append(route)

    def first(self) -> Route:
        """The first one, as soon as it is asked."""
        while not self.held:
            self._page.wait_for_timeout(50)
        return self.held[0]


@contextmanager
def _goes_on_unheard(page: Page) -> Iterator[None]:
    """Let the page hear nothing of its job before the end of the block: it might be over too soon."""
    questions = _Questions(page)
    yield
    questions.first()
    questions.is_over = True
    for question in questions.held:
        question.continue_()
    page.unroute(JOB)


@contextmanager
def _ends_on_the_way_out(page: Page, lab: Lab) -> Iterator[Callable[[], None]]:
    """Let the page hear of its job's end only when it is asked to be loaded again, just before it is.

    Gives what waits for that end.
    """
    questions = _Questions(page)

    def go(route: Route) -> None:
        if not questions.is_over:
            questions.is_over = True
            for question in questions.held:
                question.continue_()
                answer = question.request.response()
                assert answer
                answer.finished()
        route.continue_()

    page.route(re.compile("/lab/tree/"), go)
    yield lambda: _wait_for_end(lab, questions.first().request.url)
    page.unroute_all()


def _wait_for_end(lab: Lab, url: str) -> None:
    address = f"{lab.url}{urllib.parse.urlsplit(url).path}?wait=20&token={TOKEN}&seen="
    job = {"status": "waiting", "changes": 0}
    while job["status"] in {"waiting", "running"}:
        with urllib.request.urlopen(f"{address}{job['changes']}", timeout=60) as answer:
            job = json.load(answer)
