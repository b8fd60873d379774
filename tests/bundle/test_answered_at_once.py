"""Quick answers go a short way; what a client gets is the same as on the long one, byte for byte."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_serving_process import run, serving
from test_serving_safety import ask, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_mlops.bundle.export import Bundle

_CHANGING = re.compile(rb"(?<=date: )[^\r]+|(?<=x-request-id: )[0-9a-f]{16}-[0-9a-f]+")


class Wire:
    """A connection on which a test decides what is sent together."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=90)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, *pieces: bytes) -> None:
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.02)  # so that the server reads them one by one
            self.socket.sendall(piece)

    def answer(self, *, with_body: bool = True) -> bytes:
        """The next answer, without what changes from one to the next; empty when the connection has ended."""
        while b"\r\n\r\n" not in self._rest:
            if not (part := self.socket.recv(65536)):
                return b""
            self._rest += part
        head, _, rest = self._rest.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]) if with_body else 0
        while len(rest) < length:
            rest += self.socket.recv(65536)
        self._rest = rest[length:]
        return _CHANGING.sub(b"-", head + b"\r\n\r\n" + rest[:length])

    def has_ended(self) -> bool:
        return not self._rest and self.socket.recv(1) == b""


def asked(
    body: Any, path: str = "/invocations", method: str = "POST", version: str = "1.1", **more: str
) -> bytes:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"host": "x", "content-type": "application/json", "content-length": str(len(sent))}
    named = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {path} HTTP/{version}\r\n{lines}\r\n".encode() + sent


@pytest.fixture(scope="module")
def token(compiled: Bundle, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    file = tmp_path_factory.mktemp("tokens") / "tokens"
    made = run(compiled.path, "--new-token", "predict", "--tokens", str(file))
    return file, f"Bearer {made.stdout.strip()}"


@pytest.fixture(scope="module")
def address(compiled: Bundle, token: tuple[Path, str]) -> Iterator[str]:
    command = [sys.executable, str(compiled.path / "serve.py"), "--tokens", str(token[0])]
    with serving(command) as (_, address):
        yield address


@pytest.fixture(scope="module")
def rows(compiled: Bundle) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((compiled.path / "example.json").read_text())
    return found


def requests(rows: list[dict[str, Any]], token: str) -> dict[str, bytes]:
    one = {"dataframe_records": rows[:1]}
    wrong = {"dataframe_records": [{**rows[0], "age": "old"}]}
    model = "/v2/models/census%20income"
    tensors = [
        {"name": name, "shape": [1], "datatype": "INT64" if type(value) is int else "BYTES", "data": [value]}
        for name, value in rows[0].items()
    ]
    known = {"authorization": token}
    return {
        "a row": asked(one, **known),
        "an id": asked(one, x_request_id="mine-7", **known),
        "rows": asked({"dataframe_records": rows * 20}, **known),
        "more rows than are quick": asked({"instances": [list(rows[0].values())] * 1500}, **known),
        "probabilities": asked({**one, "params": {"method": "predict_proba"}}, **known),
        "answered as csv": asked(one, accept="text/csv", **known),
        "kserve": asked({"instances": rows[:2]}, "/v1/models/census%20income:predict", **known),
        "open inference": asked({"id": "7", "inputs": tensors}, f"{model}/infer", **known),
        "a version": asked({"inputs": tensors}, f"{model}/versions/3/infer", **known),
        "a query": asked(one, "/invocations?x=1", **known),
        "the last one": asked(one, connection="close", **known),
        "an old client": asked(one, version="1.0", **known),
        "no token": asked(one),
        "another token": asked(one, authorization="Bearer x"),
        "a wrong cell": asked(wrong, **known),
        "a wrong cell for kserve": asked({"instances": [{}]}, "/v1/models/census%20income:predict", **known),
        "no json": asked(b"{", **known),
        "an empty body": asked(b"", **known),
        "another type": asked(one, content_type="text/plain", **known),
        "compressed": asked(one, content_encoding="gzip", **known),
        "another method": asked(one, method="PUT", **known),
        "an unknown address": asked(one, "/invocation", **known),
        "an unknown parameter": asked({**one, "params": {"method": "fly"}}, **known),
    }


def test_an_answer_is_the_same_however_its_request_arrived(
    address: str, rows: list[dict[str, Any]], token: tuple[Path, str]
) -> None:
    for name, request in requests(rows, token[1]).items():
        got = []
        for cut in (len(request), len(request) // 2 if b"\r\n\r\n" in request[:-10] else 40):
            wire = Wire(address)
            wire.send(*filter(None, (request[:cut], request[cut:])))
            got.append((wire.answer(), wire.has_ended() if b"connection: close" in request else None))
        assert got[0] == got[1], name
        assert got[0][0].startswith(b"HTTP/1.1 "), name


def test_requests_sent_together_are_answered_in_their_order_whatever_way_they_go(
    address: str, rows: list[dict[str, Any]], token: tuple[Path, str]
) -> None:
    def named(mark: str, count: int = 1) -> bytes:
        return asked({"dataframe_records": rows[:1] * count}, authorization=token[1], x_request_id=mark)

    quick, large = [named(f"q{number}") for number in range(6)], named("large", 2000)
    ping = b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n"
    wire = Wire(address)
    together = b"".join([quick[0], quick[1], ping, quick[2], large, quick[3], quick[4][:30]])
    wire.send(together, quick[4][30:] + quick[5])
    ids = [wire.answer().lower().partition(b"x-request-id: ")[2].split(b"\r\n")[0] for _ in range(8)]
    assert ids == [b"q0", b"q1", b"", b"q2", b"large", b"q3", b"q4", b"q5"]


def test_what_has_to_wait_goes_the_long_way(
    address: str, rows: list[dict[str, Any]], token: tuple[Path, str]
) -> None:
    one = json.dumps({"dataframe_records": rows[:1]}).encode()
    expected = Wire(address)
    expected.send(asked(one, authorization=token[1]))
    wanted = expected.answer()
    wire = Wire(address)
    request = asked(one, authorization=token[1], expect="100-continue")
    head = request[: -len(one)]
    wire.send(head)
    assert wire.answer(with_body=False) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.send(one)
    assert wire.answer() == wanted
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (one[:50], one[50:])) + b"0\r\n\r\n"
    length = b"content-length: %d" % len(one)
    head = asked(one, authorization=token[1])[: -len(one)].replace(length, b"transfer-encoding: chunked")
    for pieces in ((head + chunks,), (head + chunks[:70], chunks[70:]), (head, chunks)):
        wire.send(*pieces)
        assert wire.answer() == wanted
    wire.send(asked(b" " * (16 * 2**20 + 1), authorization=token[1]))
    assert wire.answer().startswith(b"HTTP/1.1 413 ")


def test_both_ways_count(compiled: Bundle, rows: list[dict[str, Any]]) -> None:
    whole = asked({"dataframe_records": rows[:2]})
    with serving([sys.executable, str(compiled.path / "serve.py"), "--drain", "15"]) as (process, address):
        wire = Wire(address)
        for pieces in ((whole,), (whole[:-5], whole[-5:]), (asked({}),), (asked({})[:-1], b"}")):
            wire.send(*pieces)
            wire.answer()
        wire.send(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")
        told = wire.answer().decode()
        process.terminate()
        until(lambda: json.loads(ask(address, "/v2/health/ready")[2])["ready"] is False)
        for pieces in ((whole,), (whole[:-5], whole[-5:])):
            last = Wire(address)
            last.send(*pieces)
            assert b"\r\nconnection: close\r\n" in last.answer()
            assert last.has_ended()
        said = process.communicate(timeout=90)[0]
    for line in (
        'mlops_requests_total{code="200",protocol="mlflow",route="/invocations"} 2.0',
        'mlops_requests_total{code="400",protocol="mlflow",route="/invocations"} 2.0',
        'mlops_rows_total{version="3"} 4.0',
        "mlops_request_seconds_count 4.0",
        "mlops_inflight 0.0",
    ):
        assert line in told.splitlines(), line
    taken, done = map(int, re.findall(r"\d+", said.splitlines()[-1]))
    assert taken == done


def test_a_connection_ends_when_it_is_idle_and_not_before(
    compiled: Bundle, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    bundle = Path(shutil.copytree(compiled.path, tmp_path / "copy"))
    code = bundle / "runtime" / "run.py"
    code.write_text(code.read_text().replace("_IDLE_SECONDS = 75", "_IDLE_SECONDS = 4"))
    whole = asked({"dataframe_records": rows[:2]})
    with serving([sys.executable, str(bundle / "serve.py")]) as (_, address):
        wires = [Wire(address) for _ in range(2)]
        for _ in range(4):
            wires[0].send(whole)
            wires[1].send(whole[:-5], whole[-5:])
            for wire in wires[:2]:
                assert b" 200 OK" in wire.answer()
            time.sleep(1.2)
        wires[0].send(whole[:-5], whole[-5:])  # one clock for both ways
        assert b" 200 OK" in wires[0].answer()
        began = time.monotonic()
        assert wires[0].has_ended()
        assert wires[1].has_ended()
        assert time.monotonic() - began < 60
