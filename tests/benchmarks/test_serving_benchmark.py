from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from real_servers import free_port

from benchmarks.serving_running import running
from benchmarks.serving_servers import SERVERS
from benchmarks.serving_tables import tables

if TYPE_CHECKING:
    from pathlib import Path

ECHO = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Echo(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
"""


def test_a_server_is_measured_with_all_its_processes_and_ends(tmp_path: Path) -> None:
    port = free_port()
    # a shell as its parent, as some servers are started
    command = ["sh", "-c", f"\"{sys.executable}\" -c '{ECHO}' {port}; true"]
    with running(command, tmp_path, port, "/", tmp_path / "log", dict(os.environ), b"[1]") as server:
        assert server.ask(b'{"a": 2}') == {"a": 2}
        assert server.memory()["processes"] == 2
        assert 0 < server.start_cpu <= server.cpu()
        assert server.start_seconds > 0
    with pytest.raises(OSError, match="refused"):
        server.ask(b"[1]")


def test_a_server_that_ends_at_once_is_shown_with_its_last_words(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "raise SystemExit('no model here')"]
    with (
        pytest.raises(SystemExit, match="no model here"),
        running(words, tmp_path, free_port(), "/", tmp_path / "log", {}, b"[1]"),
    ):
        pass


def test_each_server_is_asked_for_the_same_rows_in_its_own_form() -> None:
    columns, rows = ["n", "c"], [[1.5, "a"], [2.5, "b"]]
    bodies = {name: server.body(columns, rows) for name, server in SERVERS.items()}
    split = {"dataframe_split": {"columns": columns, "data": rows}}
    assert bodies["mlflow"] == bodies["bundle, compiled"] == bodies["bundle, sklearn"] == split
    assert bodies["FastAPI"] == bodies["BentoML"]["rows"] == [{"n": 1.5, "c": "a"}, {"n": 2.5, "c": "b"}]
    numbers, texts = bodies["MLServer"]["inputs"]
    assert (numbers["datatype"], numbers["data"]) == ("FP64", [1.5, 2.5])
    assert (texts["datatype"], texts["data"], texts["shape"]) == ("BYTES", ["a", "b"], [2, 1])


def test_bars_are_judged_by_ratios_of_the_same_round() -> None:
    def taken(cpu: float, start: float) -> dict[str, Any]:
        load = {
            "cpu": cpu,
            "p50": cpu,
            "p99": cpu,
            "rate": 1 / cpu,
            "requests": 10,
            "pss": 4e8,
            "processes": 1,
        }
        return {"one": load, "sixteen": load, "many": load, "start": start, "start_cpu": 1.0}

    found = {
        "mlflow": [taken(0.03, 9.0), taken(0.06, 9.0)],
        "bundle, sklearn": [taken(0.02, 9.0), taken(0.04, 9.0)],
        "bundle, compiled": [taken(0.0002, 0.5), taken(0.0004, 0.6)],
    }
    *_, bars = tables(found, {"bundle, compiled": 151_000_000})
    told = {row[0]: row[2:] for row in bars.rows}
    assert told["compiled: CPU of a request of one row"] == ("150 (150–150)", "met")
    assert told["compiled: cold start"] == ("16.5 (15.0–18.0)", "met")
    assert told["compiled: memory, 1,000 rows at once"] == ("1.0 (1.0–1.0)", "**missed**")
    assert told["sklearn: CPU of a row, 1,000 at once"] == ("1.5 (1.5–1.5)", "met")
    assert told["compiled: p50"] == ("0.300 ms", "met")
    assert told["compiled: environment"] == ("151.00 MB", "**missed**")
