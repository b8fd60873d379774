"""A server gives nothing to those without a token, holds its limits, and loses nothing when it stops."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import cloudpickle
import pandas as pd
import pytest
from test_serving_process import run, serving

from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def ask(
    address: str, path: str, body: Any = None, token: str = "", **headers: str
) -> tuple[int, dict[str, str], Any]:
    """One request with a connection of its own: status, headers, content."""
    connection = http.client.HTTPConnection(address, timeout=90)
    sent = {"Content-Type": "application/json", **headers, **({"Authorization": token} if token else {})}
    connection.request("GET" if body is None else "POST", path, body and json.dumps(body), sent)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, {key.lower(): value for key, value in answer.getheaders()}, text


@pytest.fixture(scope="module")
def rows(exported: Bundle) -> dict[str, Any]:
    return {"dataframe_records": json.loads((exported.path / "example.json").read_text())}


def new_token(bundle: Path, kind: str, file: Path, *more: str) -> str:
    done = run(bundle, "--new-token", kind, "--tokens", str(file), *more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def until(happens: Callable[[], bool]) -> None:
    """Wait for what the server does within a second or so, on a busy machine later."""
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_each_kind_of_token_opens_its_own_addresses_and_they_rotate_without_a_restart(
    compiled: Bundle, rows: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "tokens"
    predict = new_token(compiled.path, "predict", file, "--token-name", "website")
    admin = new_token(compiled.path, "admin", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = file.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["predict", "admin"]
    assert lines[0].endswith(" website")
    assert predict not in file.read_text()
    command = [sys.executable, str(compiled.path / "serve.py"), "--tokens", str(file)]
    with serving(command) as (process, address):

        def status(path: str, token: str, body: Any = None) -> int:
            return ask(address, path, body, token)[0]

        for path in ("/ping", "/health", "/v2/health/ready", "/v2/models/census%20income/ready", "/docs"):
            assert status(path, "") == 200
        found, headers, content = ask(address, "/invocations", rows)
        assert (found, headers["www-authenticate"]) == (401, "Bearer")
        assert json.loads(content)["error_code"] == "NO_TOKEN"
        for wrong in ("Bearer", "Bearer x", f"Basic {predict}", predict, f"Bearer {predict[:-1]}"):
            assert status("/invocations", wrong, rows) == 401, wrong
        assert status("/invocations", f"bearer  {predict}", rows) == 200
        assert status("/invocations", f"Bearer {admin}", rows) == 403
        assert status("/admin/rollout", f"Bearer {admin}") == 200
        for path in ("/admin/rollout", "/metrics", "/drift", "/feedback", "/admin/anything"):
            assert status(path, f"Bearer {predict}") == 403
            assert status(path, "") == 401
        for path in ("/schema", "/version", "/", "/openapi.json", "/v2/models/census%20income"):
            assert status(path, "") == 401
            assert status(path, f"Bearer {predict}") == status(path, f"Bearer {admin}") == 200
        assert status("/no-such-place", "") == 401
        # A second token for the same, then the first one goes.
        second = new_token(compiled.path, "predict", file)
        until(lambda: status("/invocations", f"Bearer {second}", rows) == 200)
        assert status("/invocations", f"Bearer {predict}", rows) == 200
        kept = [line for line in file.read_text().splitlines() if "website" not in line]
        file.write_text("# rotated\n\n" + "\n".join(kept))
        until(lambda: status("/invocations", f"Bearer {predict}", rows) == 401)
        # A broken file changes nothing and says so once.
        file.write_text("predict sha256:half\n")
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            assert status("/invocations", f"Bearer {second}", rows) == 200
        file.write_text("")
        until(lambda: status("/invocations", f"Bearer {second}", rows) == 401)
        process.terminate()
        said = "".join(process.communicate(timeout=90))
    assert said.count(f"error: Line 1 of {file} is no token. What it said before still holds.\n") == 1
    assert not any(secret in said for secret in (predict, admin, second))


def test_it_does_not_listen_beyond_this_machine_without_tokens_unless_told_to(
    compiled: Bundle, rows: dict[str, Any], tmp_path: Path
) -> None:
    done = run(compiled.path, "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert done.returncode == 1
    assert done.stderr.startswith("error: Anybody who reaches 0.0.0.0 could use the model")
    assert "--insecure" in done.stderr
    variables = {"SERVE_HOST": "0.0.0.0", "SERVE_INSECURE": "1", "SERVE_MAX_BODY_MB": "1"}  # noqa: S104
    environment = {**os.environ, **variables, "SERVE_PORT": "tcp://10.0.0.1:8080", "SERVE_LOG": ""}
    command = [sys.executable, str(compiled.path / "serve.py"), "serve"]
    with serving(command, env=environment) as (_, everywhere):
        address = everywhere.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert ask(address, "/invocations", rows)[0] == 200
        assert ask(address, "/invocations", {"x": " " * 2**20})[0] == 413
        labels = {"labels": [{"request_id": "r", "label": "<=50K"}]}
        assert ask(address, "/feedback", labels)[0] == 409  # a log in no folder is none
        # Nobody from elsewhere changes how the server works.
        assert ask(address, "/admin/rollout", {"mode": "champion"})[0] == 403
    for variable, value in (("SERVE_PORT", "many"), ("SERVE_INSECURE", "perhaps"), ("SERVE_TIMEOUT", "0")):
        done = subprocess.run(
            command, env={**os.environ, variable: value}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, variable in done.stderr, value in done.stderr) == (1, True, False)
    (tmp_path / "empty").write_text("# none yet\n")
    for file, says in (("empty", "has no tokens"), ("absent", "cannot be read")):
        done = run(compiled.path, "--tokens", str(tmp_path / file))
        assert (done.returncode, says in done.stderr) == (1, True)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    for file, lock in (
        (files[1], serialization.NoEncryption()),
        (folder / f"{name}.locked.key", serialization.BestAvailableEncryption(b"word")),
    ):
        form = serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, lock))
    return files


def test_https_by_certificate_files_and_clear_words_when_they_do_not_fit(
    compiled: Bundle, tmp_path: Path
) -> None:
    chain, key = certificate(tmp_path, "ours")
    _, other = certificate(tmp_path, "other")
    command = [sys.executable, str(compiled.path / "serve.py")]
    with serving([*command, "--tls-cert", str(chain), "--tls-key", str(key)]) as (_, address):
        port = int(address.rpartition(":")[2])
        trusting = ssl.create_default_context(cafile=str(chain))
        connection = http.client.HTTPSConnection("localhost", port, context=trusting, timeout=90)
        connection.request("GET", "/ping")
        assert connection.getresponse().status == 200
        connection.close()
    for cert, private, says in (
        (chain, None, "https needs a certificate and its key"),
        (chain, other, f"{other} is not the key of {chain}"),
        (chain, tmp_path / "none", f"{tmp_path / 'none'} cannot be read (No such file or directory)"),
        (chain, tmp_path / "ours.locked.key", "has a password"),
        (compiled.path / "serve.py", key, "are no certificate and key in PEM"),
    ):
        words = ["--tls-cert", str(cert), *(["--tls-key", str(private)] if private else [])]
        done = run(compiled.path, "--port", "0", *words)
        assert (done.returncode, says in done.stderr) == (1, True), done.stderr


def test_a_slow_body_is_408_and_many_clients_get_an_answer_or_are_told_when_to_come_back(
    exported: Bundle, rows: dict[str, Any]
) -> None:
    command = [sys.executable, str(exported.path / "serve.py"), "--max-requests", "4", "--timeout", "3"]
    with serving(command) as (process, address):
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=90) as slow:
            slow.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            said = b""
            while part := slow.recv(4096):
                said += part
        assert said.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in said
        found: list[tuple[int, str | None, int]] = []
        body = json.dumps(rows)

        def client() -> None:
            connection = http.client.HTTPConnection(address, timeout=60)
            for _ in range(5):
                connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                found.append((answer.status, answer.getheader("retry-after"), len(answer.read())))
            connection.close()

        together([client] * 200)
        process.terminate()
        last = process.communicate(timeout=90)[0]
    assert len(found) == 1000
    statuses = [status for status, _, _ in found]
    assert set(statuses) == {200, 503}
    assert statuses.count(200) >= 4
    assert all(retry == "1" for status, retry, _ in found if status == 503)
    assert last.rstrip().endswith("stopped: 1001 requests were taken, 1001 answered")


class Slow:
    """A model that is held up by rows that say so, as long as a file is there."""

    def __init__(self, barrier: Path) -> None:
        self.barrier = barrier

    def predict(self, frame: pd.DataFrame) -> Any:
        while frame["held"].iloc[0] and self.barrier.exists():
            time.sleep(0.02)
        return frame["held"].to_numpy()


@pytest.fixture
def slow(tmp_path: Path) -> Bundle:
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    (tmp_path / "slow.pkl").write_bytes(cloudpickle.dumps(Slow(tmp_path / "barrier")))
    cloudpickle.unregister_pickle_by_value(module)
    schema = infer_schema(pd.DataFrame({"held": [0.5]}))
    file, packages = tmp_path / "slow.pkl", {"python": "3"}
    source = BundleSource("slow", "1", "r", file, "cloudpickle", schema, [{"held": 0.0}], {}, packages)
    return export_bundle(source, tmp_path / "slow")


def test_a_late_answer_is_503_and_one_under_way_is_finished_before_the_end(
    slow: Bundle, tmp_path: Path
) -> None:
    def body(held: float) -> dict[str, Any]:
        return {"inputs": {"held": [held]}}

    barrier = tmp_path / "barrier"
    with serving([sys.executable, str(slow.path / "serve.py"), "--timeout", "8"]) as (process, address):
        barrier.touch()
        status, headers, content = ask(address, "/invocations", body(1.0))
        assert (status, headers["retry-after"], json.loads(content)["error_code"]) == (503, "1", "TIMEOUT")
        barrier.unlink()
        until(lambda: ask(address, "/invocations", body(0.0))[0] == 200)
        barrier.touch()
        got: list[tuple[int, dict[str, str], Any]] = []
        asking = threading.Thread(target=lambda: got.append(ask(address, "/invocations", body(1.0))))
        asking.start()
        until(lambda: b"mlops_inflight 1.0" in ask(address, "/metrics")[2])
        process.send_signal(signal.SIGTERM)
        until(lambda: not is_open(address))
        barrier.unlink()
        asking.join(90)
        assert process.wait(90) == 0
    assert got[0][0] == 200
    assert got[0][1]["connection"] == "close"


def is_open(address: str) -> bool:
    """Whether a server takes connections."""
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=90).close()
    except ConnectionError:
        return False
    return True


def test_a_head_that_does_not_end_costs_neither_memory_nor_a_connection(copy_of: Callable[[], Path]) -> None:
    bundle = copy_of()
    code = bundle / "runtime" / "connection.py"
    code.write_text(code.read_text().replace("HEAD_SECONDS = 10.0", "HEAD_SECONDS = 4.0"))
    with serving([sys.executable, str(bundle / "serve.py")]) as (_, address):
        host, _, port = address.partition(":")
        slow = [socket.create_connection((host, int(port))) for _ in range(2)]
        slow[1].sendall(b"GET /ping HTTP/1.1\r\nHo")  # the other one says nothing at all
        with socket.create_connection((host, int(port))) as large:
            large.sendall(b"GET /ping HTTP/1.1\r\nX: " + b"a" * 2**16)
            assert large.recv(4096).startswith(b"HTTP/1.1 400 ")
        for each in slow:
            each.settimeout(90)
            assert each.recv(1) == b""
            each.close()
        assert ask(address, "/ping")[0] == 200


@pytest.mark.parametrize("engine", ["exported", "compiled"])
def test_a_stop_under_load_loses_no_request_that_was_taken(
    engine: str, request: pytest.FixtureRequest, rows: dict[str, Any]
) -> None:
    body = json.dumps(rows)
    bundle: Bundle = request.getfixturevalue(engine)
    with serving([sys.executable, str(bundle.path / "serve.py")]) as (process, address):
        answered: list[int] = []
        is_gone = threading.Event()

        def client() -> None:
            while not is_gone.is_set():
                connection = http.client.HTTPConnection(address, timeout=60)
                try:
                    while not is_gone.is_set():
                        connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
                        answer = connection.getresponse()
                        answer.read()
                        answered.append(answer.status)
                except OSError:  # refused, or closed before the server read it: its own count says so below
                    pass
                finally:
                    connection.close()

        def stop() -> None:
            until(lambda: len(answered) > 100)
            process.send_signal(signal.SIGTERM)
            process.wait(90)
            is_gone.set()

        together([stop, *[client] * 16])
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0
    assert set(answered) == {200}
    taken, done = map(int, re.findall(r"\d+", said.splitlines()[-1]))
    assert taken == done == len(answered)


def together(work: list[Callable[[], None]]) -> None:
    """Run each in a thread; a failure in one is a failure."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(work)) as pool:
        for each in [pool.submit(one) for one in work]:
            each.result()
