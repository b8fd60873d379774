"""What a replay must not do by itself, or too much of: network, input, memory, time; and how it is ended."""

from __future__ import annotations

import contextlib
import http.server
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from jupyter_mlops.errors import BadInputError, ReproduceError
from jupyter_mlops.lineage.asked import checked
from jupyter_mlops.lineage.clean_process import is_running
from jupyter_mlops.lineage.memory_used import most_memory
from jupyter_mlops.lineage.replay import Replayed, Terms, Wanted, replay
from jupyter_mlops.lineage.slice import Slice, SliceCell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_mlops.settings import Settings

MODEL = "from sklearn.dummy import DummyRegressor\nmodel = DummyRegressor().fit([[0.0], [1.0]], [1.0, 3.0])"
ELSEWHERE = "192.0.2.1"
"""An address of nobody (RFC 5737). Connecting a datagram socket sends nothing."""


@pytest.fixture
def run(project: Settings, tmp_path: Path) -> Callable[..., Replayed]:
    def start(*sources: str, asked: tuple[str, ...] = (), **options: object) -> Replayed:
        cells = [SliceCell(n, n, source) for n, source in enumerate((*sources, MODEL), start=1)]
        cells[0] = SliceCell(1, 1, sources[0], asked=asked)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        wanted = Wanted("model", ("score",), project.snapshots)
        on_cell = options.pop("on_cell", lambda done, total: None)
        terms = Terms(project.project, scratch, **options)
        return replay(Slice(tuple(cells), 0), wanted, terms, on_cell=on_cell)

    return start


@pytest.mark.parametrize(
    ("asked", "allow", "says", "fix"),
    [
        ("network", set(), r"^In\[1\] used the network, ", "--allow network"),
        ("credentials", {"network"}, r"^In\[1\] used credentials, ", "--allow credentials"),
        ("input", {"input"}, r"^In\[1\] asked for input, ", "into a variable"),
    ],
)
def test_what_a_cell_asked_for_is_refused_before_anything_runs(
    run: Callable[..., Replayed], asked: str, allow: set[str], says: str, fix: str
) -> None:
    told: list[int] = []
    with pytest.raises(ReproduceError, match=says) as caught:
        run("score = 1", asked=(asked,), allow=frozenset(allow), on_cell=lambda done, _: told.append(done))
    assert fix in caught.value.fix
    assert told == []


def test_all_that_was_asked_for_is_named_at_once(run: Callable[..., Replayed]) -> None:
    with pytest.raises(ReproduceError) as caught:
        run("score = 1", asked=("credentials", "network"))
    assert caught.value.what.startswith("In[1] used credentials and used the network, ")
    assert "--allow network" in caught.value.fix
    assert "--allow credentials" in caught.value.fix


def test_what_is_allowed_runs_again(run: Callable[..., Replayed]) -> None:
    replayed = run(
        "import socket\nscore = 1\nwith socket.socket(type=socket.SOCK_DGRAM) as s:\n"
        f"    try:\n        s.connect(({ELSEWHERE!r}, 9))\n"
        "    except PermissionError:\n        score = 0\n    except OSError:\n        pass  # no way there",
        asked=("network",),
        allow=frozenset({"network"}),
    )
    assert replayed.metrics["score"] == 1.0


def test_only_what_can_be_allowed_is() -> None:
    assert checked(["network"]) == {"network"} == checked("network")
    with pytest.raises(BadInputError, match=r"'netwrk'.* Did you mean 'network'"):
        checked(["netwrk"])
    with pytest.raises(BadInputError) as caught:
        checked(["input"])
    assert "variable" in caught.value.fix


CONNECTS = {
    "a socket": f"import socket\nsocket.create_connection(({ELSEWHERE!r}, 80))",
    "a datagram": f"import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ({ELSEWHERE!r}, 9))",
    "a name": "import socket\nsocket.getaddrinfo('example.org', 80)",
    "urllib": "import urllib.request\nurllib.request.urlopen('http://example.org/')",
    "pandas": "import pandas as pd\npd.read_csv('https://example.org/a.csv')",
    "requests": "import requests\nrequests.get('https://example.org/')",
    "asyncio": f"import asyncio\nawait asyncio.open_connection({ELSEWHERE!r}, 80)",
    "in a thread": "from concurrent.futures import ThreadPoolExecutor\nimport urllib.request\n"
    "list(ThreadPoolExecutor(2).map(urllib.request.urlopen, ['http://example.org/']))",
}


@pytest.mark.parametrize("how", CONNECTS)
def test_a_cell_that_was_not_known_to_use_the_network_cannot(run: Callable[..., Replayed], how: str) -> None:
    with pytest.raises(ReproduceError, match=r"^In\[1\] uses the network") as caught:
        run(CONNECTS[how])
    assert "--allow network" in caught.value.fix


@pytest.fixture
def local_server() -> Iterator[str]:
    class Seven(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"7")

        def log_message(self, *_: object) -> None:
            """Quietly."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Seven) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()


def test_this_machine_itself_can_be_asked(run: Callable[..., Replayed], local_server: str) -> None:
    replayed = run(
        f"import urllib.request\nscore = float(urllib.request.urlopen({local_server!r}).read())",
        "import socket\na, b = socket.socketpair()\na.sendmsg([b'x'])",
    )
    assert replayed.metrics["score"] == 7.0


MUCH = "import numpy as np, time; held = [np.ones(10_000_000) for _ in range(25)]; time.sleep(60)"
TOO_MUCH = {
    "bit by bit": MUCH,
    "at once": "import numpy as np, time\nheld = np.ones(250_000_000)\ntime.sleep(60)",
    "in a child process": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {MUCH!r}])",
    "in a shell command": f"!{sys.executable} -c {MUCH!r}",
}


@pytest.mark.parametrize("how", TOO_MUCH)
def test_code_that_takes_too_much_memory_is_ended(run: Callable[..., Replayed], how: str) -> None:
    with pytest.raises(ReproduceError, match=r"needs more than 0\.8 GB of memory in a clean proc") as caught:
        run(TOO_MUCH[how], memory=800_000_000)
    assert "--memory" in caught.value.fix


def test_memory_nobody_has_is_named_with_its_cell(run: Callable[..., Replayed]) -> None:
    with pytest.raises(ReproduceError, match=r"^In\[1\] needs more than"):
        run("import numpy as np\nnp.ones(10**14)")


def test_memory_that_forked_processes_share_counts_once(run: Callable[..., Replayed]) -> None:
    replayed = run(
        "import numpy as np, os, time\nheld = np.ones(40_000_000)",
        "children = [os.fork() for _ in range(1)]\n"
        "if 0 in children:\n    os.closerange(0, 1024); time.sleep(600); os._exit(0)",  # it is ended before
        "time.sleep(1); score = 1",
        memory=600_000_000,
    )
    assert replayed.metrics["score"] == 1.0


def test_what_is_reserved_and_not_used_does_not_count(run: Callable[..., Replayed]) -> None:
    replayed = run(
        "import mmap\nheld = mmap.mmap(-1, 1 << 30, mmap.MAP_PRIVATE)\nscore = 1", memory=900_000_000
    )
    assert replayed.metrics["score"] == 1.0


def test_without_a_word_a_replay_may_use_most_of_what_is_free() -> None:
    assert 0 < most_memory() < psutil.virtual_memory().available


APART = """
import sys, tempfile
from pathlib import Path
from jupyter_mlops.lineage.replay import Terms, Wanted, replay
from jupyter_mlops.lineage.slice import Slice, SliceCell
sources = [
    "import subprocess\\nchild = subprocess.Popen(['sleep', '600'])",
    "other = subprocess.Popen(['sleep', '600'], start_new_session=True)",
    "!sleep 600",
]
cells = tuple(SliceCell(n, n, source) for n, source in enumerate(sources, start=1))
try:
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as scratch:
        replay(
            Slice(cells, 0), Wanted("model", (), Path("none")),
            Terms(Path(sys.argv[1]), Path(scratch), timeout=float(sys.argv[2])),
            on_cell=lambda done, total: print(done, flush=True),
        )
except KeyboardInterrupt:
    print("cancelled")
except Exception as error:
    print(error)
"""


def name_of(process: psutil.Process) -> str:
    """Empty for one that ended while it was asked."""
    with contextlib.suppress(psutil.Error):
        return process.name()
    return ""


def started(folder: Path, timeout: float = 600) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A process that replays, and all processes below it once the replay waits for a shell command.

    There are none if its time was over before that.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", APART, str(folder), str(timeout)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    below: list[psutil.Process] = []
    if [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]:
        while [*map(name_of, below)].count("sleep") < 3 and process.poll() is None:
            time.sleep(0.02)
            below = psutil.Process(process.pid).children(recursive=True) or below
    return process, below


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_ctrl_c_ends_the_process_its_children_and_the_scratch_folder(tmp_path: Path) -> None:
    process, below = started(tmp_path)
    assert below
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=90)[0] == "cancelled\n"
    assert not [each for each in below if is_running(each)]
    assert list(tmp_path.iterdir()) == []


def test_what_took_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    for seconds in (5, 20, 80):  # a slow machine needs longer until there are children
        process, below = started(tmp_path, seconds)
        assert f"still running after {seconds} seconds" in process.communicate(timeout=120)[0]
        if below:
            break
    assert below
    assert not [each for each in below if is_running(each)]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_kernel_leaves_no_replay_behind(tmp_path: Path) -> None:
    process, below = started(tmp_path)
    assert below
    process.kill()
    process.communicate(timeout=90)
    until = time.monotonic() + 60
    while any(map(is_running, below)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [each for each in below if is_running(each)]


def test_what_the_code_leaves_running_ends_with_it(run: Callable[..., Replayed]) -> None:
    replayed = run("import subprocess\nchild = subprocess.Popen(['sleep', '600'])", "score = child.pid")
    pid = int(replayed.metrics["score"])
    with contextlib.suppress(psutil.NoSuchProcess):
        assert not is_running(psutil.Process(pid))
