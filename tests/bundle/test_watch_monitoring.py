"""Prometheus reads the figures; the dashboard and the alerts that come along ask for those that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from bundle.watched import Service, rows
from real_servers import free_port
from tracking.waiting import until

import jupyter_mlops.bundle
from jupyter_mlops.bundle.runtime.versions.shadow import Shadow
from jupyter_mlops.bundle.runtime.watch import METRICS_TYPE, WatchSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

MONITORING = Path(jupyter_mlops.bundle.__file__).parent / "template" / "monitoring"
DASHBOARD = MONITORING / "grafana-dashboard.json"
OURS = re.compile(r"\b(?:mlops|request|process)_[a-z_]+\b")
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="there is no Prometheus here; tests/bundle/install_prometheus.sh brings Debian's",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("watched")
    running = Service(folder, WatchSettings(log=folder / "log"))
    running.watch.ready = True
    checked = Shadow(None, by_class=False).counts() | {"rows": 10, "disagreements": 1}  # type: ignore[arg-type]
    running.watch.second_opinions = lambda: [("3", "engine", checked)]
    for at in range(5):
        running.ask(rows(20, seed=at), f"r-{at}")
    odd = rows(10)
    odd["city"] = "Atlantis"
    running.ask(odd)
    running.watch.refused("/invocations", "mlflow", 400, 0.0001)
    running.watch.refused('/odd"\n\\', "mlflow", 404, 0.0001)
    running.watch.feedback([{"request_id": "r-1", "label": "yes"}])
    running.counted(110)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def metrics(service: Service) -> str:
    return service.watch.metrics().decode()


@pytest.fixture(scope="module")
def of_numbers(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The figures of a model that predicts numbers."""
    service = Service(tmp_path_factory.mktemp("numbers"), classes=None)
    service.ask(rows(2), answer=np.array([0.0, 1.0]))
    service.stop()
    return service.watch.metrics().decode()


def promtool(*arguments: object, text: str = "", where: Path | None = None) -> str:
    done = subprocess.run(
        ["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, check=False, cwd=where
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs_prometheus
def test_promtool_finds_nothing_to_say_about_the_metrics(metrics: str, of_numbers: str) -> None:
    assert promtool("check", "metrics", text=metrics) == ""
    assert promtool("check", "metrics", text=of_numbers) == ""


@needs_prometheus
def test_a_prometheus_reads_the_figures_and_understands_every_panel(service: Service, tmp_path: Path) -> None:
    class Scraped(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", METRICS_TYPE)
            self.end_headers()
            self.wfile.write(service.watch.metrics())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Scraped)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "250ms"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{server.server_port}"]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    shutil.copy(MONITORING / "alerts.yml", tmp_path)
    port = free_port()

    def ask(expression: str) -> list[Any]:
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?{query}", timeout=90) as reply:
            answer = json.load(reply)
        assert answer["status"] == "success"
        found: list[Any] = answer["data"]["result"]
        return found

    def has(expression: str, value: float) -> bool:
        assert prometheus.poll() is None, "Prometheus did not start"
        try:
            return [float(each["value"][1]) for each in ask(expression)] == [value]
        except OSError:
            return False

    prometheus = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={tmp_path}/prometheus.yml",
            f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: has('mlops_rows_total{version="3"}', 110), "scraping")
        assert has('mlops_input_unseen_total{feature="city"}', 10)
        assert has("mlops_request_seconds_count", 8)
        assert has('mlops_model_info{engine="compiled",name="income",run_id="0123456789abcdef"}', 1)
        assert ask('mlops_drift{feature="city",stat="psi"} > 0')
        # Rates need a second reading.
        until(lambda: ask("count_over_time(mlops_rows_total[1m]) > 1"), "scraping again")
        assert {title for title, expression in panels() if not ask(expression)} == {"Predicted numbers"}
    finally:
        prometheus.terminate()
        prometheus.wait(90)
        server.shutdown()


def panels() -> list[tuple[str, str]]:
    """Each expression of the dashboard with its panel's title, as Grafana sends it."""
    return [
        (panel["title"], target["expr"].replace("$job", "model").replace("$__rate_interval", "1m"))
        for panel in json.loads(DASHBOARD.read_text())["panels"]
        for target in panel["targets"]
    ]


def test_the_dashboard_asks_the_chosen_source_and_has_a_place_for_each_panel() -> None:
    board = json.loads(DASHBOARD.read_text())
    assert [each["type"] for each in board["templating"]["list"] if each["name"] == "DS"] == ["datasource"]
    source = {"type": "prometheus", "uid": "${DS}"}
    for panel in board["panels"]:
        assert panel["datasource"] == source
        assert all(target["datasource"] == source for target in panel["targets"])
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
    assert len(places) == len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_dashboard_and_alerts_name_only_metrics_that_there_are(metrics: str, of_numbers: str) -> None:
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"][0]["rules"]
    asked = [expression for _, expression in panels()] + [rule["expr"] for rule in rules]
    named = {name for expression in asked for name in OURS.findall(expression)}
    there = {re.split(r"[{ ]", line)[0] for line in (metrics + of_numbers).splitlines() if line[:1] != "#"}
    assert named
    assert named <= there


@needs_prometheus
def test_alerts_fire_when_they_should_and_not_before(tmp_path: Path) -> None:
    shutil.copy(MONITORING / "alerts.yml", tmp_path)
    shutil.copy(Path(__file__).parent / "data" / "alerts_test.yml", tmp_path)
    assert "SUCCESS" in promtool("check", "rules", "alerts.yml", where=tmp_path)
    assert "SUCCESS" in promtool("check", "config", MONITORING / "prometheus.yml")
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yml", where=tmp_path)
