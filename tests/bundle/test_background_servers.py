"""Servers in the background: started when they answer, listed while they live, gone when stopped."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from test_serving_process import reseal
from tracking.waiting import until

from jupyter_mlops.bundle.server import RunningServer, list_servers, start_server, stop_server
from jupyter_mlops.errors import NotFoundError, ServeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_mlops.bundle.export import Bundle


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "servers"
    yield folder
    stop_server(folder, None)


def version(server: RunningServer) -> str:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=90)
    connection.request("GET", "/version")
    return str(json.loads(connection.getresponse().read())["version"])


def test_started_listed_and_stopped(exported: Bundle, state: Path) -> None:
    first = start_server(exported.path, port=None, state=state, tie_to_parent=False)
    second = start_server(exported.path, port=None, state=state, tie_to_parent=True)
    assert (first.name, first.version) == ("census income", "3")
    assert version(first) == version(second) == "3"
    # Someone else's server may end between the two starts, and give its lower port free.
    by_port = sorted([first, second], key=lambda server: server.port)
    assert list_servers(state) == by_port
    with pytest.raises(NotFoundError, match="Did you mean 'census income'"):
        stop_server(state, "census incme")
    assert stop_server(state, "census income") == by_port
    assert list_servers(state) == []
    assert not psutil.pid_exists(first.pid)
    assert "serving census income 3" in first.log.read_text()


def test_a_busy_port_names_a_free_one(exported: Bundle, state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port} is busy") as caught:
            start_server(exported.path, port=port, state=state, tie_to_parent=True)
    assert re.match(r"Use --port \d+ \(free\)", caught.value.fix)
    assert list_servers(state) == []


TAKES_THE_PORT_ONCE = """
import pathlib, subprocess, sys, time, urllib.request
port = sys.argv[sys.argv.index("--port") + 1]
taken = pathlib.Path("taken")
if not taken.exists():
    start = f"{sys.executable} -m http.server --bind 127.0.0.1 {port} >/dev/null 2>&1 & echo $!"  # no child
    taken.write_text(subprocess.run(["sh", "-c", start], capture_output=True, text=True).stdout)
    pathlib.Path("ping").write_text("a stranger")
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ping").close()
            break
        except OSError:
            time.sleep(0.05)
    time.sleep(1)  # it answers 200 while ours has not tried to listen
"""


def test_the_answer_of_whoever_took_the_port_is_not_ours(copy_of: Callable[[], Path], state: Path) -> None:
    bundle = copy_of()
    own = bundle / "serve.py"
    own.write_text(TAKES_THE_PORT_ONCE + own.read_text())
    server = start_server(bundle, port=None, state=state, tie_to_parent=True)
    try:
        assert version(server) == "3"
        assert list_servers(state) == [server]
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # the server of another test was quicker than it
            psutil.Process(int((bundle / "taken").read_text())).kill()


def test_dead_servers_are_dropped_from_the_list(exported: Bundle, state: Path) -> None:
    server = start_server(exported.path, port=None, state=state, tie_to_parent=True)
    process = psutil.Process(server.pid)
    process.kill()
    process.wait(90)
    assert list_servers(state) == []
    assert stop_server(state, None) == []


def test_a_process_that_took_over_the_id_is_not_our_server(exported: Bundle, state: Path) -> None:
    server = start_server(exported.path, port=None, state=state, tie_to_parent=True)
    file = state / f"server-{server.port}.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps({**known, "started": known["started"] - 3600}))
    assert list_servers(state) == []
    file.write_text(json.dumps(known))
    assert list_servers(state) == [server]


def unpredictable(bundle: Path) -> None:
    (bundle / "example.json").write_text("[{}]")
    reseal(bundle)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda bundle: (bundle / "model.skops").write_bytes(b"x"), "model.skops is not the file that was"),
        (unpredictable, "example could not be predicted"),
        (lambda bundle: (bundle / "schema.json").write_text("{}"), "schema.json is not the file that was"),
        (lambda bundle: (bundle / "runtime" / "tables.py").write_text("import no_such"), "No module named"),
        (lambda bundle: (bundle / "serve.py").unlink(), "can't open file"),
    ],
)
def test_a_server_that_cannot_start_says_why(
    copy_of: Callable[[], Path], state: Path, break_it: Callable[[Path], object], says: str
) -> None:
    bundle = copy_of()
    break_it(bundle)
    with pytest.raises(ServeError, match=says) as caught:
        start_server(bundle, port=None, state=state, tie_to_parent=True)
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
    assert list_servers(state) == []


def test_a_folder_that_is_no_bundle_is_named(tmp_path: Path, state: Path) -> None:
    with pytest.raises(NotFoundError, match="is not a bundle"):
        start_server(tmp_path, port=None, state=state, tie_to_parent=True)


STARTER = """
import sys
from pathlib import Path
from jupyter_mlops.bundle.server import start_server

bundle, state, tied = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "tied"
server = start_server(bundle, port=None, state=state, tie_to_parent=tied)
print(server.pid, flush=True)
"""


@pytest.mark.parametrize("tie", ["tied", "free"])
def test_a_tied_server_ends_with_its_parent_and_a_free_one_does_not(
    exported: Bundle, state: Path, tie: str
) -> None:
    command = [sys.executable, "-c", STARTER, str(exported.path), str(state), tie]
    started = subprocess.run(command, capture_output=True, text=True, check=True)
    pid = int(started.stdout)
    if tie == "tied":
        until(lambda: list_servers(state) == [], "the server ends with its parent")
    else:
        assert [server.pid for server in list_servers(state)] == [pid]
