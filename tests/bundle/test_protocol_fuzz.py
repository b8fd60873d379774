"""10,000 harmed bodies of all protocols over one connection: refused or answered, never told back."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from asking import Connection, as_bytes, request_of, tensor
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.bundle.server import start_server, stop_server
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Harm = Callable[[random.Random, "Good"], tuple[bytes, dict[str, str]]]

COUNT = 10_000
COUNT_MIXED = 1_500
SECRET = "Amanda Secret"
SECRET_NUMBER = 40_313_373
INFER = "/v2/models/census%20income/infer"
JSON = {"Content-Type": "application/json"}
ODD: Sequence[Any] = (
    None, True, False, 0, -1, 1.5, -0.0, 1e308, 2**63, -(2**63), 10**30, "", SECRET, "predict", "NaN", "\0",
    "é" * 300, [], {}, [[]], [None], {"": None}, {SECRET: SECRET}, [[[[[[]]]]]], [1, "a", None], 1e39, 3.5e38,
    "2026-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00",
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


@contextmanager
def server_of(bundle: Bundle, state: Path) -> Iterator[tuple[Connection, Path]]:
    """A connection, and the server's log."""
    server = start_server(bundle.path, port=None, state=state, tie_to_parent=True)
    connection = Connection(server.url)
    try:
        yield connection, Path(server.log)
    finally:
        connection.close()
        stop_server(state, None)


def good_requests(frame: pd.DataFrame, dtypes: dict[str, str]) -> list[Good]:
    """The rows in every protocol; `dtypes` are what is not int64 or text, null goes as JSON."""
    records = json.loads(frame.to_json(orient="records", date_format="iso"))
    lists = {name: [row[name] for row in records] for name in records[0]}
    split = {"columns": list(lists), "data": [list(row.values()) for row in records]}
    as_json, as_binary = [], []
    for name, cells in lists.items():
        is_text = isinstance(cells[0], str)
        dtype = dtypes.get(name, "int64")
        datatype = "BYTES" if is_text else dtype.replace("float", "FP").upper()
        as_json.append(tensor(name, datatype, [len(cells)], cells))
        if None not in cells:
            cells = as_bytes(cells if is_text else np.array(cells, dtype))  # noqa: PLW2901
        as_binary.append(tensor(name, datatype, [len(frame)], cells))
    binary, length = request_of(as_binary, id=SECRET, outputs=[{"name": "predict"}])
    cut = int(length["Inference-Header-Content-Length"])
    asked = {"inputs": as_json, "id": SECRET, "parameters": {"binary_data_output": True}}
    text = frame.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S%z").encode()
    return [
        Good("/invocations", {"dataframe_records": records, "params": {"method": "predict_proba"}}, JSON),
        Good("/invocations", {"dataframe_split": split}, JSON),
        Good("/invocations", {"instances": split["data"]}, JSON),
        Good("/invocations", {"inputs": lists}, JSON),
        Good("/invocations", text, {"Content-Type": "text/csv"}),
        Good("/v1/models/census%20income:predict", {"instances": records}, JSON),
        Good(INFER, asked, {}),
        Good(INFER, json.loads(binary[:cut]), length, binary[cut:]),
    ]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Every type a column can have."""
    generator = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "level": generator.normal(size=60),
            "small": generator.normal(size=60).astype("float32"),
            "maybe": pd.array(generator.integers(0, 5, 60), dtype="Int64"),
            "flag": generator.random(60) > 0.5,
            "said": [True, None, False] * 20,
            "kind": [SECRET, "other", None] * 20,
            "day": pd.to_datetime(["2026-01-31"] * 60).as_unit("ns"),
            "seen": pd.to_datetime(["2026-01-31T12:00:00Z"] * 60).as_unit("us"),
        }
    )
    frame.loc[::7, "level"] = np.nan
    frame.loc[::5, "maybe"] = pd.NA
    return frame


@pytest.fixture(scope="module")
def mixed(frame: pd.DataFrame, source: BundleSource, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A model that scikit-learn has to answer for, and that takes no infinity."""
    folder = tmp_path_factory.mktemp("mixed")
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    prepare = make_column_transformer(
        (numbers, ["level", "small", "maybe"]), (OneHotEncoder(handle_unknown="ignore"), ["kind"])
    )
    model = make_pipeline(prepare, LogisticRegression()).fit(frame, frame["flag"])
    skops.io.dump(model, folder / "model.skops")
    example = json.loads(frame[1:2].to_json(orient="records", date_format="iso"))
    example[0]["day"] = example[0]["day"].removesuffix("Z")
    return export_bundle(
        replace(source, model_file=folder / "model.skops", schema=infer_schema(frame), example=example),
        folder / "bundle",
    )


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
            holder[key] = copy.deepcopy(chance.choice(ODD))
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


def send_harmed(connection: Connection, good: list[Good], count: int) -> None:
    wanted = [connection.send("POST", each.path, each.body + each.tail, each.headers) for each in good]
    assert [answer.status for answer in wanted] == [200] * len(good), [answer.body for answer in wanted]
    chance = random.Random(20_261_121)
    harms: list[Harm] = [harm_bytes, harm_bytes, harm_tree, harm_tree, harm_tree, harm_headers]
    statuses: Counter[int] = Counter()
    for _ in range(count):
        each = chance.choice(good)
        body, headers = chance.choice(harms)(chance, each)
        answer = connection.send("POST", each.path, body, headers)
        statuses[answer.status] += 1
        assert answer.status in {200, 400, 415}, (answer, each.path, headers, body)
        if answer.status != 200:
            assert {"error_code", "path"} < answer.json.keys(), (answer, body)
            assert SECRET.encode() not in answer.body, (answer, body)
            assert str(SECRET_NUMBER).encode() not in answer.body, (answer, body)
    assert connection.opened == 1
    assert statuses[400] > count / 2, statuses
    after = [connection.send("POST", each.path, each.body + each.tail, each.headers) for each in good]
    assert [answer.body for answer in after] == [answer.body for answer in wanted]


def check_log(log: Path) -> None:
    text = log.read_text()
    assert SECRET not in text
    assert " failed with " not in text
    assert "Warning" not in text


def test_no_body_makes_it_fail_or_tell_a_value(
    compiled: Bundle, features: pd.DataFrame, tmp_path: Path
) -> None:
    rows = features.dropna()[:3].assign(workclass=SECRET, fnlwgt=SECRET_NUMBER)
    with server_of(compiled, tmp_path) as (connection, log):
        send_harmed(connection, good_requests(rows, {}), COUNT)
        check_log(log)


def test_no_cell_of_any_type_makes_scikit_learn_fail(
    mixed: Bundle, frame: pd.DataFrame, tmp_path: Path
) -> None:
    dtypes = {"level": "float64", "small": "float32", "flag": "bool", "said": "bool"}
    rows = frame[1:4].assign(kind=SECRET, maybe=SECRET_NUMBER)
    rows["day"] = "2026-01-31T12:00:00"
    with server_of(mixed, tmp_path) as (connection, log):
        send_harmed(connection, good_requests(rows, dtypes), COUNT_MIXED)
        check_log(log)
