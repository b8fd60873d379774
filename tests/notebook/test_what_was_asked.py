"""What a cell asked of the world outside: input, the network, credentials. Hosts and values are not kept."""

from __future__ import annotations

import io
import json
import os
import sys
import types
from typing import TYPE_CHECKING

import pytest
from jupyter_client.manager import start_new_kernel

from jupyter_mlops.lineage.record import CellRecord
from jupyter_mlops.lineage.slice import Slice, slice_name
from jupyter_mlops.notebook.commands import reaches_out
from jupyter_mlops.notebook.journal import read_journal

if TYPE_CHECKING:
    from pathlib import Path

    from tracked_shell import TrackedShell

    from jupyter_mlops.settings import Settings

ELSEWHERE = "192.0.2.1"
"""An address of nobody (RFC 5737). Connecting a datagram socket sends nothing."""
CONNECT = f"""
import socket
with socket.socket(type=socket.SOCK_DGRAM) as s:
    try: s.connect(({ELSEWHERE!r}, 9))
    except OSError: pass
"""
REMOTE = {
    "a socket": CONNECT,
    "a thread": f"import threading\nthread = threading.Thread(target=exec, args=[{CONNECT!r}])\n"
    "thread.start(); thread.join()",
    "a name": "import socket\n"
    "try: socket.getaddrinfo('host.invalid', 80, flags=socket.AI_NUMERICHOST)\nexcept OSError: pass",
    "urllib": "import urllib.request\n"
    "try: urllib.request.urlopen('http://host.invalid/a.csv')\nexcept OSError: pass",
    "a proxy here": "import requests\n"
    "try: requests.get('http://host.invalid/', timeout=5)\nexcept OSError: pass",
    "pandas": "import pandas as pd\ntry: pd.read_csv('https://host.invalid/a.csv')\nexcept OSError: pass",
}
LOCAL = {
    "its own name": "import socket, contextlib\n"
    "with contextlib.suppress(OSError): socket.getaddrinfo(socket.gethostname(), 80)",
    "a server": "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
    "client = socket.create_connection(('localhost', server.getsockname()[1]))\n"
    "client.close(); server.close()",
    "a pair": "import socket\na, b = socket.socketpair()\na.sendmsg([b'x']); a.close(); b.close()",
    "a Unix socket": "import socket, contextlib\n"
    "with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as s: s.connect('nowhere')",
    "a file": "import urllib.request, contextlib, pathlib\nhere = pathlib.Path('a.csv').absolute().as_uri()\n"
    "with contextlib.suppress(OSError): urllib.request.urlopen(here)",
    "HTTP": "import http.client, contextlib\n"
    "with contextlib.suppress(OSError): http.client.HTTPConnection('[::1]', 1).connect()",
}


def test_a_cell_that_asks_nothing_has_nothing(notebook: TrackedShell) -> None:
    record = notebook.run("import os, pandas as pd\nx = os.environ.get('HOME')\nopen('a.txt', 'w').close()")
    assert record.asked == ()


def test_input(notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Ann\n"))
    assert notebook.run("name = input('Who? ')").asked == ("input",)
    assert notebook["name"] == "Ann"


def test_input_and_passwords_in_a_kernel(project: Settings) -> None:
    manager, client = start_new_kernel(
        kernel_name="python3", env={**os.environ, "MLOPS_PROJECT": str(project.project)}
    )
    try:

        def run(code: str) -> None:
            client.execute_interactive(
                code,
                timeout=60,
                allow_stdin=True,
                stdin_hook=lambda _: client.input("x"),
                output_hook=lambda _: None,
            )

        for code in (
            "%load_ext jupyter_mlops",
            "from getpass import getpass",
            "%mlops track on",
            "n = input()",
            "p = getpass()",
            "x = 1",
        ):
            run(code)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    (journal,) = project.journals.glob("*.jsonl")
    asked = {event["source"]: event["asked"] for event in read_journal(journal) if event["type"] == "cell"}
    assert asked["n = input()"] == ["input"]
    assert asked["p = getpass()"] == ["credentials", "input"]
    assert asked["x = 1"] == []


def test_a_password_that_is_asked_for(notebook: TrackedShell) -> None:
    assert notebook.run(
        "import getpass, contextlib, warnings\nwarnings.simplefilter('ignore')\n"
        "with contextlib.suppress(Exception): getpass.getpass()"
    ).asked == ("credentials", "input")


@pytest.mark.parametrize("how", REMOTE)
def test_the_network(notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    for name in ("http_proxy", "https_proxy"):  # so that nothing really leaves: nobody listens there
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setattr("urllib.request._opener", None)
    record = notebook.run(REMOTE[how])
    assert record.asked == ("network",)
    told = {key: value for key, value in record.to_dict().items() if key != "source"}
    assert "invalid" not in str(told)
    assert ELSEWHERE not in str(told)


@pytest.mark.parametrize("how", LOCAL)
def test_this_machine_is_not_the_network(notebook: TrackedShell, how: str) -> None:
    assert notebook.run(LOCAL[how]).asked == ()


def test_libraries_that_open_addresses_without_python_are_known_by_the_address(
    notebook: TrackedShell,
) -> None:
    notebook.run("place = 's3://bucket/a.parquet'\ndef polars(path): pass")
    assert notebook.run("polars(place)").asked == ("network",)
    assert notebook.run("polars('data/a.parquet')").asked == ()


def test_what_this_package_does_is_not_the_cells(notebook: TrackedShell) -> None:
    ours = {"__name__": "jupyter_mlops.tracking.of_a_test"}
    notebook.shell.user_ns["call"] = types.FunctionType(compile(CONNECT, "ours", "exec"), ours)
    assert notebook.run("call()").asked == ()


@pytest.mark.parametrize(
    ("cell", "asked"),
    [
        ("!git pull --help > /dev/null", ("network",)),
        ("where = 'example'\n!true || curl https://{where}.invalid", ("network",)),
        (
            "import subprocess\nsubprocess.run(['pip', 'install', '--help'], capture_output=True)",
            ("network",),
        ),
        ("import os\nos.system('true || wget x');", ("network",)),
        ("out = !true || ssh nobody", ("network",)),
        ("%%bash\ntrue ||\n  curl x", ("network",)),
        ("%%sh\necho curl", ()),
        ("!echo hello", ()),
        ("!pip --version", ()),
        ("!git status > /dev/null 2>&1", ()),
    ],
)
def test_commands_are_known_by_their_words(notebook: TrackedShell, cell: str, asked: tuple[str, ...]) -> None:
    assert notebook.run(cell).asked == asked


@pytest.mark.parametrize(
    ("command", "reaches"),
    [
        ("cd data && wget -q https://example.org/a.zip; unzip a.zip", True),
        ("HTTPS_PROXY=x sudo -E /usr/bin/curl x | tar xz", True),
        ("python3 -m pip install -q pandas", True),
        ("for i in 1 2; do scp host:$i .; done", True),
        ("x=$(curl y)", True),
        ("uv pip install x", True),
        ("git -C repo pull", True),
        ("grep 'curl' file.txt", False),
        ("pip list", False),
        ("git commit -m 'it'", False),
        ("python train.py --download", False),
        ("echo 'it is\n", False),
        ("", False),
        (["bash", "-c", "curl x"], True),
        (["/usr/bin/wget", "x"], True),
        (["ls"], False),
        ([], False),
    ],
)
def test_words_of_commands(command: str | list[str], reaches: bool) -> None:
    assert reaches_out(command) is reaches


@pytest.mark.parametrize(
    ("cell", "asked"),
    [
        ("import os\nt = os.environ['HF_TOKEN']", True),
        ("import os\nt = os.getenv('DB_PASSWORD', '')", True),
        ("import os\ndef f(): return os.environ.get('WANDB_API_KEY')\nf()", True),
        ("import os\nkeys = ['AWS_SECRET_ACCESS_KEY']\nv = [os.environ.get(k) for k in keys]", True),
        ("%env HF_TOKEN", True),
        ("import os\nos.environ['HF_TOKEN'] = 'x'", False),
        ("import os\nt = os.environ.get('TOKENIZERS_PARALLELISM')", False),
        ("import os\nn = len(os.environ)", False),
        ("text = 'HF_TOKEN'", False),
    ],
)
def test_credentials_are_known_by_the_names_of_variables(
    notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch, cell: str, asked: bool
) -> None:
    monkeypatch.setenv("HF_TOKEN", "x")
    assert notebook.run(cell).asked == (("credentials",) if asked else ())


def test_credentials_that_a_function_reads(notebook: TrackedShell) -> None:
    notebook.run("import os\ndef token(): return os.environ.get('HF_TOKEN')")
    assert notebook.run("t = token()").asked == ("credentials",)


def test_credentials_from_files_and_keyrings(
    notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine example.org login ann password x")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert notebook.run("import netrc\nn = netrc.netrc()").asked == ("credentials",)
    keyring = types.ModuleType("keyring")
    keyring.get_password = lambda service, user: "x"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert notebook.run("import keyring").asked == ()
    assert notebook.run("p = keyring.get_password('a', 'b')").asked == ("credentials",)


def test_it_survives_the_journal_and_is_in_slices(notebook: TrackedShell) -> None:
    record = notebook.run(f"{CONNECT}\nx = 1")
    assert CellRecord.from_dict(record.to_dict()) == record
    old = record.to_dict()
    del old["asked"]
    assert CellRecord.from_dict(old).asked == ()
    code = slice_name(notebook.session.records, "x")
    assert [cell.asked for cell in code.cells] == [("network",)]
    assert Slice.from_json(code.to_json()) == code


def test_slices_of_older_versions_have_nothing(notebook: TrackedShell) -> None:
    notebook.run("x = 1")
    data = json.loads(slice_name(notebook.session.records, "x").to_json())
    del data["cells"][0]["asked"]
    assert Slice.from_json(json.dumps(data)).cells[0].asked == ()


def test_cells_that_ran_unseen_have_what_their_code_says(untracked: TrackedShell) -> None:
    untracked.execute("from getpass import getpass")
    untracked.execute("import os\nname = '' and input()\nt = os.environ.get('HF_TOKEN')")
    untracked.track()
    untracked.run("x = 1")
    assert [record.asked for record in untracked.session.records] == [
        (),
        (),
        ("credentials", "input"),
        (),
    ]


def test_a_cell_that_failed_has_asked_too(notebook: TrackedShell) -> None:
    assert notebook.run(f"{CONNECT}\n1 / 0").asked == ("network",)


def test_logging_to_a_server_of_mlflow_is_none_of_it(
    notebook: TrackedShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    notebook.run("import mlflow, requests")
    ask = "mlflow.MlflowClient('http://mlflow.invalid').search_experiments()"
    logs = notebook.run(f"try:\n    {ask}\nexcept mlflow.MlflowException as error:\n    said = str(error)")
    assert "mlflow.invalid" in notebook["said"]
    assert logs.asked == ()
    other = notebook.run(
        f"try:\n    {ask}\nexcept mlflow.MlflowException:\n    pass\ntry:\n"
        "    requests.get('http://mlflow.invalid')\nexcept OSError:\n    pass"
    )
    assert other.asked == ("network",)
