"""What one JupyterLab takes, with or without the extension: to start, to type, to scroll; and its sidebar."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

import nbformat

from benchmarks.compare_lab import chromium
from benchmarks.many_runs import make_runs
from benchmarks.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab_in_browser import Lab
    from playwright.sync_api import Browser, CDPSession, Page

_PAGE = Path(__file__).with_name("lab_page.js").read_text("utf-8")
_STARTED = """() => {
    let app;
    Object.defineProperty(window, 'jupyterapp', {
        get: () => app,
        set: made => { app = made; made.restored.then(() => { window.restoredAt = performance.now(); }); },
    });
}"""
_AWAY = (
    "() => { Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });"
    " Object.defineProperty(document, 'hidden', { get: () => true });"
    " document.dispatchEvent(new Event('visibilitychange')); }"
)
_SPEED = 3_000  # px a second
_MS = 120_000
"""How long anything may take."""
_SETTLE = 3.0  # seconds
NOTEBOOK = "long.ipynb"


@dataclass(frozen=True)
class Work:
    """How much is done on each side."""

    cells: int
    keys: int
    scroll: int
    """Milliseconds."""
    runs: int
    idle: int
    """Seconds."""


def long_notebook(cells: int) -> nbformat.NotebookNode:
    """Code cells that ran, one in four with the run of its badge, and a text now and then."""
    made = []
    for at in range(cells):
        if at % 10 == 9:
            made.append(nbformat.v4.new_markdown_cell(f"## Part {at // 10}\n\nWhat was found so far."))
            continue
        source = "\n".join(f"value_{at}_{line} = sum(range({line}))" for line in range(6))
        output = nbformat.v4.new_output("stream", text=f"cell {at}\n" * 3)
        cell = nbformat.v4.new_code_cell(source, execution_count=at + 1, outputs=[output])
        if at % 4 == 0:
            cell.metadata["mlops"] = f"{at:032x} | run-{at} | auc 0.9{at % 10} | another"
        made.append(cell)
    notebook = nbformat.v4.new_notebook(cells=made)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def measured(has_extension: bool, work: Work) -> dict[str, float]:
    """Start a JupyterLab, open the long notebook in a new Chromium, type and scroll; seconds and counts.

    Raises:
        SystemExit: the notebook did not get what was typed, or did not scroll.
    """
    began = time.perf_counter()
    with _lab(has_extension) as lab, chromium() as browser:
        found = {"server": time.perf_counter() - began}
        nbformat.write(long_notebook(work.cells), lab.folder / NOTEBOOK)
        found["page"] = _page_start(browser, lab)
        page, meter = _opened(browser, lab)
        found |= _typed(page, meter, work) | _scrolled(page, meter, work)
    return found


def sidebar(work: Work) -> dict[str, float]:
    """Open the sidebar on many runs, first and again, and count what an idle page asks.

    Raises:
        SystemExit: the sidebar does not know all runs.
    """
    with _lab(True) as lab, chromium() as browser:
        settings = lab.folder.parent / "settings/jupyter-mlops/panel.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text('{"runsOf": "project"}')
        make_runs(f"sqlite:///{lab.folder / 'mlflow.db'}", work.runs, seed=0)
        (lab.folder / ".mlops").mkdir()
        nbformat.write(long_notebook(3), lab.folder / NOTEBOOK)
        found = {}
        for name in ("first", "again"):
            page, _ = _opened(browser, lab)
            if name == "first":
                found["closed"] = _asked(page, work.idle)
            page.evaluate("() => { window.mlopsLab.openPanel(); }")
            page.wait_for_function("() => window.mlopsLab.opened", timeout=_MS)
            found[name] = page.evaluate("() => window.mlopsLab.opened") / 1e3
        told = page.locator("#jp-mlops-panel .jp-mlops-run").first.get_attribute("aria-setsize")
        if told != str(work.runs):
            raise SystemExit(f"the sidebar knows {told} of {work.runs} runs")
        found["rows"] = page.locator("#jp-mlops-panel .jp-mlops-run").count()
        found["looked"] = _asked(page, work.idle)
        page.evaluate(_AWAY)
        found["hidden"] = _asked(page, work.idle)
    return found


@contextmanager
def _lab(has_extension: bool) -> Iterator[Lab]:
    """A JupyterLab that shows long notebooks as it does by default."""
    from lab_in_browser import running_lab

    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (
        tempfile.TemporaryDirectory(prefix="mlops-bench-", ignore_cleanup_errors=True) as home,
        patch.dict(os.environ, {"PYTHONPATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"}),
        running_lab(Path(home), has_extension) as lab,
    ):
        (Path(home) / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings").unlink()
        yield lab


def _page_start(browser: Browser, lab: Lab) -> float:
    """Seconds from navigation until JupyterLab is restored, with a warm cache."""
    from lab_in_browser import TOKEN

    page = browser.new_page()
    page.add_init_script(f"({_STARTED})()")
    for _ in range(2):
        page.goto(f"{lab.url}/lab?reset&token={TOKEN}")
        page.wait_for_function("() => window.restoredAt", timeout=_MS)
    restored: float = page.evaluate("() => window.restoredAt")
    page.close()
    return restored / 1e3


def _opened(browser: Browser, lab: Lab) -> tuple[Page, CDPSession]:
    """The notebook's page when it has come to rest, and the meter of its main thread."""
    from lab_in_browser import open_notebook

    page = open_notebook(browser, lab, NOTEBOOK).page
    page.set_default_timeout(_MS)
    page.evaluate(_PAGE)
    meter = page.context.new_cdp_session(page)
    meter.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.wait_for_timeout(_SETTLE * 1e3)
    return page, meter


def _typed(page: Page, meter: CDPSession, work: Work) -> dict[str, float]:
    at = work.cells // 2
    page.evaluate("at => { window.mlopsLab.type(at); }", at)
    page.wait_for_function("() => window.mlopsLab.isTyping")
    before = page.evaluate("at => window.mlopsLab.source(at)", at)
    painted = "count => window.mlopsLab.keys.filter(Boolean).length === count"
    page.keyboard.type("ab")
    page.wait_for_function(painted, arg=2)
    page.wait_for_timeout(500)
    page.evaluate("() => { window.mlopsLab.keys = []; }")
    busy = _busy(meter)
    for _ in range(work.keys):
        page.keyboard.press("a")
        page.wait_for_timeout(30)
    page.wait_for_function(painted, arg=work.keys)
    busy = _busy(meter) - busy
    keys = page.evaluate("() => { window.mlopsLab.end(); return window.mlopsLab.keys; }")
    after = page.evaluate("at => window.mlopsLab.source(at)", at)
    if len(after) != len(before) + 2 + work.keys:
        raise SystemExit("the notebook did not get what was typed")
    slow = sorted(keys)[int(len(keys) * 0.95)]
    return {"key": median(keys) / 1e3, "slow_key": slow / 1e3, "key_cpu": busy / work.keys}


def _scrolled(page: Page, meter: CDPSession, work: Work) -> dict[str, float]:
    busy = _busy(meter)
    page.evaluate("([ms, speed]) => { window.mlopsLab.scroll(ms, speed); }", [work.scroll, _SPEED])
    page.wait_for_function("() => window.mlopsLab.gaps.length")
    busy = _busy(meter) - busy
    gaps = sorted(page.evaluate("() => window.mlopsLab.gaps"))
    if not page.evaluate("() => window.mlopsLab.moved"):
        raise SystemExit("the notebook did not scroll")
    seconds = work.scroll / 1e3
    return {
        "frame": median(gaps) / 1e3,
        "slow_frame": gaps[int(len(gaps) * 0.95)] / 1e3,
        "scroll_cpu": busy / seconds,
    }


def _busy(meter: CDPSession) -> float:
    """CPU seconds of the page's main thread so far."""
    metrics = {each["name"]: each["value"] for each in meter.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def _asked(page: Page, seconds: int) -> int:
    """Requests to our part of the server in that time."""
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/jupyter-mlops/" in request.url else None
    )
    page.wait_for_timeout(seconds * 1e3)
    return len(asked)
