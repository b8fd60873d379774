"""A real Jupyter server with our extension, asked over HTTP as a page or a stranger would."""

from __future__ import annotations

import http.cookiejar
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from real_servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TOKEN = "only-on-this-machine"
_SECONDS = 120
_HELD = """
import os, sys, time
parent = os.getppid()
while "held" in sys.orig_argv and os.getppid() == parent:
    time.sleep(0.05)
"""


@dataclass
class Answer:
    """A status and what came with it."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """A running server: its base address, and the folder it shows."""

    url: str
    root: Path
    log: Path
    pid: int
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"token {TOKEN}"})

    def get(self, path: str, **headers: str) -> Answer:
        """``GET /jupyter-mlops/<path>`` with the token."""
        return self.send("GET", path, headers=self.headers | headers)

    def post(self, path: str, content: Any) -> Answer:
        """``POST`` JSON with the token."""
        headers = self.headers | {"Content-Type": "application/json"}
        return self.send("POST", path, json.dumps(content).encode(), headers)

    def delete(self, path: str) -> Answer:
        """``DELETE`` with the token."""
        return self.send("DELETE", path, headers=self.headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Any request, with these headers only."""
        request = urllib.request.Request(
            f"{self.url}jupyter-mlops/{path}", body, headers or {}, method=method
        )
        return ask(urllib.request.build_opener(), request)

    def job(self, request: dict[str, Any], folder: str = "", seconds: float = 120) -> dict[str, Any]:
        """Start a job and wait for its end."""
        started = self.post(f"jobs?folder={folder}", request)
        assert started.status == 202, started
        return self.wait(started.content["id"], seconds)

    def wait(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        """The job when it is over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            job: dict[str, Any] = self.get(f"jobs/{job_id}?wait=5").content
            if job["status"] not in {"waiting", "running"}:
                return job
        raise AssertionError(f"the job {job_id} did not end")


def signed_in(server: Server) -> urllib.request.OpenerDirector:
    """A browser's session: it has the cookies of a page that was opened with the token."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with opener.open(f"{server.url}api/status?token={TOKEN}", timeout=_SECONDS):
        return opener


def ask(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> Answer:
    """The answer, whatever its status."""
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            body, status, headers = answer.read(), answer.status, answer.headers
    except urllib.error.HTTPError as refused:
        body, status, headers = refused.read(), refused.code, refused.headers
    try:
        return Answer(status, json.loads(body) if body else None, headers)
    except ValueError:
        return Answer(status, body.decode("utf-8", "replace"), headers)


@contextmanager
def running_server(
    home: Path, root: Path, base_url: str = "/", options: Sequence[str] = (), **env_too: str
) -> Iterator[Server]:
    """Start ``jupyter server`` on a free port with everything it keeps inside `home`; stop it at the end."""
    port = free_port()
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    env = os.environ | {name: str(home / name.lower()) for name in places}
    for name in ("MLOPS_PROJECT", "MLFLOW_TRACKING_URI"):
        env.pop(name, None)
    env |= env_too
    command = [
        sys.executable,
        "-m",
        "jupyter_server",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
    ]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
    command += [f"--ServerApp.root_dir={root}", f"--ServerApp.base_url={base_url}"]
    command += ["--ServerApp.jpserver_extensions={'jupyter_mlops.server': True}", *options]
    log = home / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
        try:
            server = Server(f"http://127.0.0.1:{port}{base_url}", root, log, process.pid)
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(_SECONDS)
            finally:
                process.kill()


def held_jobs(folder: Path) -> str:
    """A `PYTHONPATH` with which a job about ``held`` does nothing, and does not end by itself."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_HELD)
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}api/status?token={TOKEN}", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"Jupyter's server did not answer:\n{server.log.read_text()[-3000:]}")
