"""A real JupyterLab with its own settings, and notebooks run in it through a real Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from real_servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Playwright

TOKEN = "only-on-this-machine"
EXTENSION = Path(__file__).parents[2] / "jupyter_mlops" / "labextension"
SETTINGS = {
    "apputils-extension/notification.jupyterlab-settings": '{"fetchNews": "false", "checkForUpdates": false}',
    # Every cell is in the page, also those out of view: a test finds its own.
    "notebook-extension/tracker.jupyterlab-settings": '{"windowingMode": "none"}',
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
READY = """() => { const c = window.jupyterapp?.shell.currentWidget?.sessionContext;
                   return c?.isReady && c.session?.kernel?.status === 'idle'; }"""
# Not before the kernel is idle: running earlier asks which kernel to use. Execution counts come last.
DONE = """() => { const panel = window.jupyterapp.shell.currentWidget;
                  const code = panel.content.widgets.filter(cell => cell.model.type === 'code' &&
                                                                    cell.model.sharedModel.source.trim());
                  const isDone = panel.sessionContext.session.kernel.status === 'idle' &&
                                 code.every(cell => cell.model.executionCount);
                  const outputs = code.flatMap(cell => cell.model.outputs.toJSON());
                  const error = outputs.find(output => output.output_type === 'error');
                  return error ? `${error.ename}: ${error.evalue}` : isDone && 'done'; }"""
# What a widget changes goes another way than cells do (a subshell), one change after the other.
HEARD = """() => ![...window.jupyterapp.shell.currentWidget.sessionContext.session.kernel._futures.values()]
                        .some(future => future.msg.content.data?.method === 'update')"""
# anywidget gives a widget two seconds to load, and drops its messages for good where a machine was too busy.
PATIENT = """const limit = AbortSignal.timeout.bind(AbortSignal);
             AbortSignal.timeout = ms => limit(Math.max(ms, 60_000));"""


@dataclass
class Lab:
    """A running JupyterLab: its address and the folder it shows."""

    url: str
    folder: Path


@dataclass
class OpenNotebook:
    """A notebook in the browser, and what the page complained about since it was opened."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def run_all(self, seconds: float = 150) -> None:
        """Run every cell and wait for the last.

        Raises:
            RuntimeError: a cell failed.
        """
        # The braces keep the promise from being returned: evaluate() has no timeout.
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self._wait(seconds)

    def run_cell(self, at: int) -> None:
        """Run one cell and wait for it, after what clicks in a widget have changed has come to the kernel."""
        self.page.wait_for_function(HEARD)
        self.page.evaluate(
            """at => {
                const { content: notebook } = window.jupyterapp.shell.currentWidget;
                notebook.activeCellIndex = at;
                notebook.widgets[at].model.sharedModel.execution_count = null;
                window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            at,
        )
        self._wait(150)

    def save(self, with_views: bool = False) -> None:
        """Write the file; `with_views` as the Lab's setting to save the state of widgets does."""
        if with_views:
            command = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
            self.page.evaluate("command => window.jupyterapp.commands.execute(command)", command)
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def reload(self) -> None:
        """Load the page again and wait for the kernel, which went on."""
        self.page.reload()
        self.page.wait_for_function(READY, timeout=120_000)

    def _wait(self, seconds: float) -> None:
        end = self.page.wait_for_function(DONE, timeout=seconds * 1000).json_value()
        if end != "done":
            raise RuntimeError(f"A cell failed. {end}")

    def theme(self, name: str) -> None:
        """Switch to ``light`` or ``dark`` and wait until the page has it."""
        theme = f"JupyterLab {name.capitalize()}"
        self.page.evaluate(
            "theme => { window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }", theme
        )
        is_light = "true" if name == "light" else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{is_light}']", state="attached")


def find_browser(playwright: Playwright) -> str | None:
    """The system's Chromium or Chrome, else Playwright's own; None if there is neither."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def running_lab(home: Path, has_extension: bool = True) -> Iterator[Lab]:
    """Start JupyterLab on a free port with everything it keeps inside `home`; stop it at the end.

    Args:
        home: an empty folder.
        has_extension: with the checkout's own extension and its server's side, or without both.

    Raises:
        RuntimeError: the extension is not built, or JupyterLab did not answer within 150 seconds: the message
            has its log.
    """
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "run",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "spaces",
        "IPYTHONDIR": "ipython",
    }
    env = os.environ | {key: str(home / name) for key, name in places.items()}
    env["JUPYTER_PREFER_ENV_PATH"] = "0"  # else what the environment has goes before `home`
    for name, text in SETTINGS.items():
        setting = home / "settings/@jupyterlab" / name
        setting.parent.mkdir(parents=True)
        setting.write_text(text)
    _extend(home, has_extension)
    folder = home / "notebooks"
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"]  # the same server shows Notebook 7
    log = home / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out)
        try:
            _wait(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, log)
            yield Lab(f"http://127.0.0.1:{port}", folder)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


def open_notebook(
    browser: Browser, lab: Lab, name: str, height: int = 1000, app: str = "lab/tree"
) -> OpenNotebook:
    """Open ``<lab.folder>/<name>`` in a page, its kernel ready; `app` ``notebooks`` is Notebook 7."""
    page = browser.new_page(viewport={"width": 1400, "height": height})
    page.set_default_timeout(60_000)
    page.add_init_script(PATIENT)
    notebook = OpenNotebook(page)
    page.on("console", lambda m: notebook.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: notebook.complaints.extend(_not_of_lab(str(error.stack))))
    page.goto(f"{lab.url}/{app}/{name}?reset&token={TOKEN}")
    page.wait_for_function(READY, timeout=120_000)
    return notebook


def close_dialog(page: Page) -> None:
    """Close a dialog by its key once it has the focus, before which it hears no keys."""
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(":focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def _extend(home: Path, has_extension: bool) -> None:
    """Say in the Lab's own settings whether it has the extension, whatever the environment has installed."""
    config = home / "config"
    server = {"ServerApp": {"jpserver_extensions": {"jupyter_mlops.server": has_extension}}}
    (config / "jupyter_server_config.d").mkdir(parents=True)
    (config / "jupyter_server_config.d/jupyter-mlops.json").write_text(json.dumps(server))
    if has_extension:
        if not (EXTENSION / "static").is_dir():
            raise RuntimeError("The JupyterLab extension is not built. Build it: make extension")
        (home / "data/labextensions").mkdir(parents=True)
        (home / "data/labextensions/jupyter-mlops").symlink_to(EXTENSION)
    else:
        (config / "labconfig").mkdir()
        (config / "labconfig/page_config.json").write_text('{"disabledExtensions": {"jupyter-mlops": true}}')


def _not_of_lab(stack: str) -> list[str]:
    """`stack`, unless every frame is JupyterLab's or Notebook's own: their races are not ours to test."""
    frames = [line for line in stack.splitlines() if line.lstrip().startswith("at ")]
    theirs = [re.search(r"/static/(?:lab|notebook)/|Promise\.all \(index", frame) for frame in frames]
    return [] if any(theirs) and all(theirs) else [stack]


def _wait(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 150) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)  # polling: a server says nothing before it answers
    raise RuntimeError(f"JupyterLab did not answer:\n{log.read_text()[-3000:]}")
