"""Ask a server over one connection that stays open, and write tensors as bytes."""

from __future__ import annotations

import http.client
import json
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.bundle.server import start_server, stop_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One keep-alive connection to ``http://host:port``; it is opened again when it was idle for too long.

    Attributes:
        opened: how often it was opened.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.opened = 1
        self._http = http.client.HTTPConnection(url.rpartition("/")[2], timeout=60)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send("GET", path, None, headers or {})

    def post(
        self,
        path: str,
        body: Any,
        *,
        kind: str | None = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", path, data, {**({"Content-Type": kind} if kind else {}), **(headers or {})})

    def send(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            self._http.request(method, path, data, dict(headers))
            answer = self._http.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.opened += 1
            self._http.close()
            self._http.request(method, path, data, dict(headers))
            answer = self._http.getresponse()
        return Answer(
            answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.read()
        )

    def close(self) -> None:
        self._http.close()


@contextmanager
def connected(bundle: Path, state: Path) -> Iterator[Connection]:
    """A connection to a server of its own."""
    server = start_server(bundle, port=None, state=state, tie_to_parent=True)
    connection = Connection(server.url)
    try:
        yield connection
    finally:
        connection.close()
        stop_server(state, None)


def as_bytes(values: np.ndarray[Any, Any] | Sequence[str]) -> bytes:
    """Cells as the binary extension of V2 has them."""
    if hasattr(values, "tobytes"):
        return bytes(values.tobytes())
    encoded = [value.encode() for value in values]
    return b"".join(struct.pack("<I", len(each)) + each for each in encoded)


def tensor(name: str, datatype: str, shape: Sequence[int], data: Any) -> dict[str, Any]:
    """A tensor for `request_of`: its data are bytes, or cells for JSON."""
    return {"name": name, "datatype": datatype, "shape": list(shape), "data": data}


def request_of(tensors: Sequence[dict[str, Any]], **more: Any) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an inference request; tensors whose data are bytes follow the JSON."""
    inputs, chunks = [], []
    for each in tensors:
        told = dict(each)
        if isinstance(each["data"], bytes):
            chunks.append(told.pop("data"))
            told["parameters"] = {"binary_data_size": len(chunks[-1])}
        inputs.append(told)
    head = json.dumps({"inputs": inputs, **more}).encode()
    return b"".join([head, *chunks]), {"Inference-Header-Content-Length": str(len(head))} if chunks else {}
