"""10,000 harmed bodies of all protocols over one connection: refused or answered, never told back."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asking import Connection, as_bytes, request_of, tensor

from jupyter_mlops.bundle.server import start_server, stop_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from jupyter_mlops.bundle.export import Bundle

    Harm = Callable[[random.Random, "Good"], tuple[bytes, dict[str, str]]]

COUNT = 10_000
SECRET = "Amanda Secret"
SECRET_NUMBER = 40_313_373
INFER = "/v2/models/census%20income/infer"
JSON = {"Content-Type": "application/json"}
ODD: Sequence[Any] = (
    None, True, False, 0, -1, 1.5, -0.0, 1e308, 2**63, -(2**63), 10**30, "", SECRET, "predict", "NaN", "\0",
    "é" * 300, [], {}, [[]], [None], {"": None}, {SECRET: SECRET}, [[[[[[]]]]]], [1, "a", None],
)  # fmt: skip
ODD_BYTES = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"[" * 5000,
    b'"',
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"\\u0000",
    b"\\ud800",
    b",,",
    b"{}",
)


class Good:
    """A good request: its address, headers, the JSON or text of its body, and the bytes after that."""

    def __init__(self, path: str, content: Any, headers: dict[str, str], tail: bytes = b"") -> None:
        self.path = path
        self.content = content
        self.headers = headers
        self.tail = tail

    @property
    def body(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


@pytest.fixture(scope="module")
def served(compiled: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Path]]:
    state = tmp_path_factory.mktemp("fuzzed")
    server = start_server(compiled.path, port=None, state=state, tie_to_parent=True)
    connection = Connection(server.url)
    yield connection, Path(server.log)
    connection.close()
    stop_server(state, None)


@pytest.fixture(scope="module")
def good(features: pd.DataFrame) -> list[Good]:
    frame = features.dropna()[:3].assign(workclass=SECRET, fnlwgt=SECRET_NUMBER)
    records = json.loads(frame.to_json(orient="records"))
    lists = frame.to_dict(orient="list")
    split = {"columns": list(lists), "data": [list(row.values()) for row in records]}
    params = {"method": "predict_proba"}
    texts = {name: isinstance(cells[0], str) for name, cells in lists.items()}
    as_json = [tensor(name, "BYTES" if texts[name] else "INT64", [3], cells) for name, cells in lists.items()]
    as_binary = [
        {**each, "data": as_bytes(each["data"] if texts[each["name"]] else np.array(each["data"]))}
        for each in as_json
    ]
    binary, length = request_of(as_binary, id=SECRET, outputs=[{"name": "predict"}])
    cut = int(length["Inference-Header-Content-Length"])
    return [
        Good("/invocations", {"dataframe_records": records, "params": params}, JSON),
        Good("/invocations", {"dataframe_split": split}, JSON),
        Good("/invocations", {"instances": split["data"]}, JSON),
        Good("/invocations", {"inputs": lists}, JSON),
        Good("/invocations", frame.to_csv(index=False).encode(), {"Content-Type": "text/csv"}),
        Good("/v1/models/census%20income:predict", {"instances": records}, JSON),
        Good(INFER, {"inputs": as_json, "id": SECRET, "parameters": {"binary_data_output": True}}, {}),
        Good(INFER, json.loads(binary[:cut]), length, binary[cut:]),
    ]


def harm_bytes(chance: random.Random, good: Good) -> tuple[bytes, dict[str, str]]:
    whole = bytearray(good.body + good.tail)
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(whole) + 1)
        end = min(len(whole), start + chance.choice((0, 1, 1, 4, 50)))
        kind = chance.randrange(4)
        if kind == 0:
            whole[start:end] = chance.choice(ODD_BYTES)
        elif kind == 1:
            whole[start:end] = chance.randbytes(end - start)
        elif kind == 2:
            whole[start:start] = whole[start:end]
        else:
            del whole[start : chance.choice((end, len(whole)))]
    return bytes(whole), good.headers


def harm_tree(chance: random.Random, good: Good) -> tuple[bytes, dict[str, str]]:
    """Change some nodes of the JSON; the length in the header follows."""
    if isinstance(good.content, bytes):
        return harm_bytes(chance, good)
    content = json.loads(good.body)
    for _ in range(chance.randint(1, 2)):
        holder, key = _some_node(chance, content)
        kind = chance.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[chance.choice((SECRET, "inputs", "name", ""))] = holder.pop(key)
        elif kind == 1:
            holder.append(holder[key])
        else:
            holder[key] = chance.choice(ODD)
        if not content:
            break
    body = json.dumps(content).encode()
    headers = (
        {**good.headers, "Inference-Header-Content-Length": str(len(body))} if good.tail else good.headers
    )
    return body + good.tail, headers


def harm_headers(chance: random.Random, good: Good) -> tuple[bytes, dict[str, str]]:
    length = len(good.body) + chance.choice((0, 1, -1, 10**6, -(10**6), 10**30))
    more = chance.choice(
        (
            {"Inference-Header-Content-Length": str(length)},
            {"Inference-Header-Content-Length": SECRET},
            {"Content-Type": chance.choice(("", "text/plain", "application/json; charset=utf-16", SECRET))},
            {"Content-Encoding": "gzip"},
            {"Accept": chance.choice(("text/csv", SECRET, "*/*;q=a"))},
        )
    )
    return good.body + good.tail, {**good.headers, **more}


def _some_node(chance: random.Random, tree: Any) -> tuple[Any, Any]:
    holder, key = None, None
    node = tree
    while isinstance(node, dict | list) and node and (holder is None or chance.random() < 0.8):
        holder, key = node, chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        node = holder[key]
    return holder, key


def test_no_body_makes_it_fail_or_tell_a_value(served: tuple[Connection, Path], good: list[Good]) -> None:
    connection, log = served
    wanted = [connection.send("POST", each.path, each.body + each.tail, each.headers) for each in good]
    assert [answer.status for answer in wanted] == [200] * len(good)
    chance = random.Random(20_261_121)
    harms: list[Harm] = [harm_bytes, harm_bytes, harm_tree, harm_tree, harm_tree, harm_headers]
    statuses: dict[int, int] = {}
    for _ in range(COUNT):
        each = chance.choice(good)
        body, headers = chance.choice(harms)(chance, each)
        answer = connection.send("POST", each.path, body, headers)
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        assert answer.status == 200 or 400 <= answer.status < 500, (answer, each.path, headers, body)
        if answer.status != 200:
            assert {"error_code", "path"} < answer.json.keys(), (answer, body)
            assert SECRET.encode() not in answer.body, (answer, body)
            assert str(SECRET_NUMBER).encode() not in answer.body, (answer, body)
    assert connection.opened == 1
    assert sum(statuses.values()) == COUNT
    assert statuses[400] > COUNT / 2, statuses
    assert set(statuses) == {200, 400, 415}, statuses
    after = [connection.send("POST", each.path, each.body + each.tail, each.headers) for each in good]
    assert [answer.body for answer in after] == [answer.body for answer in wanted]
    assert SECRET not in log.read_text()
    assert " failed with " not in log.read_text()
