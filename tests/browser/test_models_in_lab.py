"""Models, servers, bundles and drift in the panel: what is clicked happens, and names are text."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pandas as pd
import pytest
import skops.io
from barriers import serious_findings
from lab_in_browser import close_dialog, open_notebook
from new_store import with_store
from playwright.sync_api import expect
from sklearn.linear_model import LogisticRegression

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.export import BundleSource, export_bundle
from jupyter_mlops.bundle.server import stop_server
from jupyter_mlops.registry.history import history
from jupyter_mlops.registry.moves import move_alias
from jupyter_mlops.registry.registering import register
from jupyter_mlops.registry.versions import find_version
from jupyter_mlops.settings import Settings, local_uri
from jupyter_mlops.snapshot.schema import infer_schema
from jupyter_mlops.tracking.client import connect, experiment_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab_in_browser import Lab, OpenNotebook
    from playwright.sync_api import Browser, Locator

PENGUINS = Path(__file__).parents[2] / "example_notebooks" / "data" / "penguins.csv"
COLUMNS = ["Culmen Length (mm)", "Culmen Depth (mm)", "Body Mass (g)"]
MODEL = '<img src=x onerror="hacked=1">'
RUN = "<b onclick='hacked=2'>\u202eenil"
BUNDLE = "<img src=x onerror=hacked=3>"
SOON = 150_000
"""In ms: what imports MLflow, or starts a process."""
REASON = "the first <i>was</i> fine"


@dataclass
class Panel:
    """The panel of a notebook whose project has a model of two versions and a bundle."""

    notebook: OpenNotebook
    view: Locator
    settings: Settings
    rows: pd.DataFrame

    def section(self, name: str) -> Locator:
        return self.view.locator(f"[data-section={name}]")

    def look_again(self) -> None:
        """Hide and show it: what is looked at anew is asked for at once."""
        for _ in range(2):
            self.view.page.evaluate(
                "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
            )


@pytest.fixture(scope="module")
def panel(lab: Lab, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    project = lab.folder / "models"
    with_store(project)
    settings = Settings(project, local_uri(project))
    model_file = tmp_path_factory.mktemp("model") / "model.skops"
    rows = _export(model_file, project / BUNDLE)
    _register(settings, model_file)
    empty = nbformat.v4.new_notebook()
    empty.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(empty, project / "empty.ipynb")
    notebook = open_notebook(browser, lab, "models/empty.ipynb", height=1400)
    view = notebook.page.locator(".jp-mlops-panel")
    notebook.page.evaluate("() => { window.jupyterapp.commands.execute('jupyter-mlops:open-panel'); }")
    yield Panel(notebook, view, settings, rows)
    stop_server(settings.servers, None)


def _export(model_file: Path, target: Path) -> pd.DataFrame:
    known = pd.read_csv(PENGUINS).dropna(subset=[*COLUMNS, "Sex"])
    model = LogisticRegression(max_iter=2000).fit(known[COLUMNS], known["Sex"])
    skops.io.dump(model, model_file)
    source = BundleSource(
        name=MODEL,
        version="2",
        run_id="0" * 32,
        model_file=model_file,
        serialization="skops",
        schema=infer_schema(known[COLUMNS]),
        example=json.loads(known[COLUMNS].head(3).to_json(orient="records")),
        metrics={},
        packages={"scikit-learn": metadata.version("scikit-learn")},
        original=Original(model, (known[COLUMNS],), "training", is_typical=True),
    )
    export_bundle(source, target)
    return known[COLUMNS]


def _register(settings: Settings, model_file: Path) -> None:
    model_file.with_name("MLmodel").write_text("flavors: {}\n")
    client = connect(settings)
    run = client.create_run(experiment_id(client, settings)).info.run_id
    for number in ("1", "2"):
        tags = {"mlops.run": RUN, "mlops.verified": "true", "mlops.metrics": f'{{"auc": 0.9{number}}}'}
        tags["mlops.gates"] = '{"passed": 7, "failed": 1}'
        made = register(settings, MODEL, run, model_file.parent, f"promoted/{number}", tags)
        move_alias(settings, MODEL, made.version, why="better")


def test_a_step_back_says_what_it_changes_wants_a_reason_and_moves_the_alias(panel: Panel) -> None:
    models, keys = panel.section("models"), panel.view.page.keyboard
    expect(models.get_by_role("heading", name=MODEL)).to_be_visible(timeout=SOON)
    expect(models.get_by_role("button", name="<b onclick='hacked=2'> enil")).to_have_count(2)
    row = models.locator("[data-mlops=version]")
    expect(row.filter(has_text="champion")).to_contain_text("Version 2")
    models.get_by_role("button", name=f"Roll {MODEL} back…").click()
    dialog = panel.view.page.get_by_role("dialog")
    expect(dialog.get_by_text("auc 0.92 → 0.91")).to_be_visible(timeout=SOON)
    expect(dialog.get_by_role("textbox")).to_be_focused()
    keys.type("no")
    keys.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("a few words")
    keys.press("Control+A")
    keys.type(REASON)
    keys.press("Enter")
    expect(row.filter(has_text="champion")).to_contain_text("Version 1", timeout=SOON)
    assert find_version(panel.settings, f"{MODEL}@champion").version == "1"
    assert history(panel.settings, MODEL)[-1].why == REASON
    models.get_by_role("button", name=f"History of {MODEL}").click()
    expect(models.get_by_role("list", name="History of").get_by_text(REASON)).to_be_visible(timeout=SOON)


def test_a_bundle_is_served_called_over_http_rings_for_drift_and_is_stopped(panel: Panel) -> None:
    page, servers, alarms = panel.view.page, panel.section("servers"), panel.section("alarms")
    expect(servers.get_by_text("No server runs.")).to_be_visible(timeout=SOON)
    panel.section("bundles").get_by_role("button", name=f"Serve {BUNDLE}…").click()
    expect(page.get_by_role("dialog").get_by_text("is served")).to_be_visible(timeout=SOON)
    close_dialog(page)
    expect(alarms.get_by_text("no rows yet")).to_be_visible(timeout=SOON)
    url = f"http://{servers.locator('.jp-mlops-code').inner_text()}"
    assert len(_asked(url, panel.rows)) == len(panel.rows)
    _asked(url, panel.rows * 2)
    panel.look_again()
    expect(alarms.locator("[data-verdict=drift]")).to_contain_text(
        "Drifting: Culmen Length (mm)", timeout=SOON
    )
    expect(alarms.get_by_role("button", name="Drift 1 drift")).to_be_visible()
    for theme in ("dark", "light"):
        panel.notebook.theme(theme)
        assert serious_findings(panel.view) == []
    servers.get_by_role("button", name="Log of").click()
    expect(page.get_by_role("log")).to_contain_text(f"at {url}", timeout=SOON)
    servers.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop", exact=True).click()
    expect(servers.get_by_text("No server runs.")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("The server has ended.")).to_be_visible()
    with pytest.raises(urllib.error.URLError):
        _asked(url, panel.rows)
    assert panel.view.locator("img, b, i").count() == 0
    assert page.evaluate("window.hacked") is None
    assert panel.notebook.complaints == []


def _asked(url: str, rows: pd.DataFrame) -> list[Any]:
    content = json.dumps({"dataframe_records": rows.to_dict("records")}).encode()
    request = urllib.request.Request(f"{url}/invocations", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=90) as answer:
        predictions: list[Any] = json.load(answer)["predictions"]
        return predictions
