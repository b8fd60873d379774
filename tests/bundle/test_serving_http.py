"""A real server process, asked over real HTTP: right answers, and errors that name the field only."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_mlops.bundle.server import RunningServer, start_server, stop_server

if TYPE_CHECKING:
    import pandas as pd

    from jupyter_mlops.bundle.export import Bundle

Ask = Callable[..., tuple[int, Any]]
JSON = "application/json"
SECRET = "Amanda Secret"


@pytest.fixture(scope="module")
def server(exported: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    state = tmp_path_factory.mktemp("servers")
    yield start_server(exported.path, port=None, state=state, tie_to_parent=True)
    stop_server(state, None)


@pytest.fixture(scope="module")
def ask(server: RunningServer) -> Ask:
    """Send one request; the answer is the status and the parsed body."""

    def send(
        body: Any = None,
        *,
        method: str = "POST",
        path: str = "/invocations",
        kind: str | None = JSON,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=60)
        sent = body if isinstance(body, bytes | str | type(None)) else json.dumps(body)
        data = sent.encode() if isinstance(sent, str) else sent
        connection.request(
            method, path, data, {**({"Content-Type": kind} if kind else {}), **(headers or {})}
        )
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        is_json = answer.headers.get_content_type() == JSON
        return answer.status, json.loads(text) if is_json else text

    return send


@pytest.fixture(scope="module")
def records(features: pd.DataFrame) -> list[dict[str, Any]]:
    """200 rows no other fixture sent, as JSON values."""
    rows: list[dict[str, Any]] = json.loads(features[1000:1200].to_json(orient="records"))
    return rows


@pytest.fixture(scope="module")
def expected(model: Any, features: pd.DataFrame) -> list[str]:
    answers: list[str] = model.predict(features[1000:1200]).tolist()
    return answers


def one(records: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {"dataframe_records": [records[0], {**records[1], **changes}]}


def test_every_json_form_gives_the_models_own_predictions(
    ask: Ask, records: list[dict[str, Any]], expected: list[str]
) -> None:
    names = list(records[0])
    shuffled = names[::-1]
    forms = {
        "dataframe_records": records,
        "dataframe_split": {
            "columns": shuffled,
            "data": [[row[name] for name in shuffled] for row in records],
        },
        "instances": [[row[name] for name in names] for row in records],
        "inputs": {name: [row[name] for row in records] for name in shuffled},
    }
    for form, data in forms.items():
        assert ask({form: data}) == (200, {"predictions": expected}), form
    assert ask({"instances": records}) == (200, {"predictions": expected})


def test_csv_gives_the_same(ask: Ask, features: pd.DataFrame, expected: list[str]) -> None:
    text = features[1000:1200].to_csv(index=False)
    assert ask(text, kind="text/csv; charset=utf-8") == (200, {"predictions": expected})
    assert ask("\ufeff" + text.replace("\n", "\r\n"), kind="text/csv") == (200, {"predictions": expected})


def test_probabilities_come_in_the_order_the_schema_names(
    ask: Ask, records: list[dict[str, Any]], model: Any, features: pd.DataFrame
) -> None:
    status, answer = ask({"dataframe_records": records, "params": {"method": "predict_proba"}})
    assert status == 200
    wanted = model.predict_proba(features[1000:1200]).tolist()
    assert answer["predictions"] == [pytest.approx(row) for row in wanted]
    assert ask(method="GET", path="/schema")[1]["classes"] == model.classes_.tolist()


def test_an_unseen_category_is_the_pipelines_business(ask: Ask, records: list[dict[str, Any]]) -> None:
    assert ask(one(records, workclass="astronaut"))[0] == 200


def test_null_is_welcome_where_training_had_missing_values(ask: Ask, records: list[dict[str, Any]]) -> None:
    assert ask(one(records, workclass=None))[0] == 200


def test_a_whole_number_may_be_written_with_a_point(ask: Ask, records: list[dict[str, Any]]) -> None:
    assert ask(one(records, age=39.0))[0] == 200


def test_health_version_schema_and_help(ask: Ask, exported: Bundle) -> None:
    assert ask(method="GET", path="/ping") == (200, "")
    assert ask(method="GET", path="/health") == (200, "")
    version = {"name": "census income", "version": "3", "run_id": "0123456789abcdef"}
    assert ask(method="GET", path="/version") == (200, version)
    schema = ask(method="GET", path="/schema")[1]
    assert schema["columns"] == json.loads((exported.path / "schema.json").read_text())["columns"]
    status, page = ask(method="GET", path="/", headers={"Accept": "text/html"})
    assert status == 200
    assert "census income 3" in page
    assert "hours-per-week" in page


WRONG_CELLS = [
    ({"age": "39"}, "WRONG_TYPE", "$.dataframe_records[1].age", "expected an integer, got a string"),
    ({"age": True}, "WRONG_TYPE", "$.dataframe_records[1].age", "expected an integer, got a boolean"),
    ({"age": 39.5}, "WRONG_TYPE", "$.dataframe_records[1].age", "expected an integer, got a number"),
    ({"age": None}, "MISSING_VALUE", "$.dataframe_records[1].age", "expected an integer, got null"),
    ({"age": 2**63}, "OUT_OF_RANGE", "$.dataframe_records[1].age", "64 bits"),
    ({"age": [39]}, "WRONG_TYPE", "$.dataframe_records[1].age", "got an array"),
    (
        {"hours-per-week": SECRET},
        "WRONG_TYPE",
        '$.dataframe_records[1]["hours-per-week"]',
        "expected an integer, got a string",
    ),
    ({"workclass": 7}, "WRONG_TYPE", "$.dataframe_records[1].workclass", "a string or null, got an integer"),
    ({"workclass": {"a": SECRET}}, "WRONG_TYPE", "$.dataframe_records[1].workclass", "got an object"),
    ({"workclass": "half \ud83d"}, "INVALID_JSON", "$", "not valid JSON"),
    ({"age": 2.0**60}, "OUT_OF_RANGE", "$.dataframe_records[1].age", "64 bits"),
    ({"age": -(2**63) - 1}, "OUT_OF_RANGE", "$.dataframe_records[1].age", "64 bits"),
    ({SECRET: 1}, "UNKNOWN_COLUMN", "$.dataframe_records[1]", "1 column is not in the schema"),
]


@pytest.mark.parametrize("wrong", WRONG_CELLS, ids=lambda wrong: wrong[3])
def test_a_wrong_cell_is_named_by_its_path(
    ask: Ask, records: list[dict[str, Any]], wrong: tuple[dict[str, Any], str, str, str]
) -> None:
    changes, code, path, says = wrong
    status, answer = ask(one(records, **changes))
    assert (status, answer["error_code"], answer["path"]) == (400, code, path)
    assert says in answer["message"]
    assert SECRET not in json.dumps(answer)


def test_a_missing_column_is_named(ask: Ask, records: list[dict[str, Any]]) -> None:
    short = {name: value for name, value in records[0].items() if name not in {"age", "marital-status"}}
    status, answer = ask({"dataframe_records": [records[0], short]})
    assert (status, answer["error_code"], answer["path"]) == (400, "MISSING_COLUMN", "$.dataframe_records[1]")
    assert '"age", "marital-status"' in answer["message"]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ("", "EMPTY_BODY", "$"),
        ("{", "INVALID_JSON", "$"),
        (b"\xff\xfe", "INVALID_TEXT", "$"),
        ("[" * 100_000, "INVALID_JSON", "$"),
        ('{"instances": [NaN]}', "BAD_FORMAT", "$.instances[0]"),
        ('{"instances": [NaN1]}', "INVALID_JSON", "$"),
        ('{"instances": [-Infinity]}', "INVALID_JSON", "$"),
        ("1" * 5000, "INVALID_JSON", "$"),
        ("[]", "BAD_FORMAT", "$"),
        ("{}", "BAD_FORMAT", "$"),
        ('{"instances": [], "inputs": {}}', "BAD_FORMAT", "$"),
        ('{"instances": [], "other": 1}', "BAD_FORMAT", "$"),
        ('{"instances": []}', "NO_ROWS", "$.instances"),
        ('{"instances": 5}', "BAD_FORMAT", "$.instances"),
        ('{"instances": [1, 2]}', "BAD_FORMAT", "$.instances[0]"),
        ('{"instances": [[1, 2]]}', "RAGGED_ROWS", "$.instances[0]"),
        ('{"dataframe_records": [[1]]}', "BAD_FORMAT", "$.dataframe_records[0]"),
        ('{"dataframe_records": []}', "NO_ROWS", "$.dataframe_records"),
        ('{"dataframe_split": {"data": []}}', "BAD_FORMAT", "$.dataframe_split"),
        ('{"dataframe_split": {"columns": [1], "data": []}}', "BAD_FORMAT", "$.dataframe_split.columns[0]"),
        (
            '{"dataframe_split": {"columns": ["age"], "data": []}}',
            "MISSING_COLUMN",
            "$.dataframe_split.columns",
        ),
        ('{"inputs": {"age": [1]}}', "MISSING_COLUMN", "$.inputs"),
        ('{"instances": [], "params": []}', "BAD_FORMAT", "$.params"),
        ('{"instances": [], "params": {"method": "__class__"}}', "BAD_PARAMETER", "$.params.method"),
        ('{"instances": [], "params": {"method": ["predict"]}}', "BAD_PARAMETER", "$.params.method"),
        ('{"instances": [], "params": {"temperature": 1}}', "BAD_PARAMETER", "$.params"),
    ],
)
def test_a_body_of_another_shape_is_refused(ask: Ask, body: str | bytes, code: str, path: str) -> None:
    status, answer = ask(body)
    assert (status, answer["error_code"], answer["path"]) == (400, code, path)
    assert set(answer) == {"error_code", "message", "path"}


def test_ragged_and_doubled_columns_are_refused(ask: Ask, records: list[dict[str, Any]]) -> None:
    names = list(records[0])
    rows = [[row[name] for name in names] for row in records[:3]]
    status, answer = ask({"dataframe_split": {"columns": names, "data": [*rows, rows[0][:-1]]}})
    assert (status, answer["error_code"], answer["path"]) == (400, "RAGGED_ROWS", "$.dataframe_split.data[3]")
    doubled = {"columns": [*names, "age"], "data": [[*row, 1] for row in rows]}
    status, answer = ask({"dataframe_split": doubled})
    assert (status, answer["error_code"]) == (400, "DUPLICATE_COLUMN")
    inputs = {name: [row[name] for row in records[:3]] for name in names}
    status, answer = ask({"inputs": {**inputs, "hours-per-week": [1, 2]}})
    assert (status, answer["error_code"], answer["path"]) == (
        400,
        "RAGGED_ROWS",
        '$.inputs["hours-per-week"]',
    )
    status, answer = ask({"inputs": {**inputs, "hours-per-week": [1, 2, "3"]}})
    assert (answer["error_code"], answer["path"]) == ("WRONG_TYPE", '$.inputs["hours-per-week"][2]')
    status, answer = ask({"dataframe_split": {"columns": names, "data": [rows[0], ["39", *rows[1][1:]]]}})
    assert (answer["error_code"], answer["path"]) == ("WRONG_TYPE", "$.dataframe_split.data[1][0]")


def test_a_number_too_large_for_a_double_is_refused(ask: Ask, records: list[dict[str, Any]]) -> None:
    body = json.dumps(one(records, age=12345)).replace("12345", "1e400")
    status, answer = ask(body)
    assert (status, answer["error_code"]) == (400, "INVALID_JSON")


@pytest.mark.parametrize(
    ("edit", "code", "path"),
    [
        (lambda head, row: "", "EMPTY_BODY", "$"),
        (lambda head, row: head, "NO_ROWS", "$.csv"),
        (lambda head, row: row, "MISSING_COLUMN", "$.csv.header"),
        (lambda head, row: f"{head},extra\n{row},1", "UNKNOWN_COLUMN", "$.csv.header"),
        (lambda head, row: f"{head}\n{row}\n{row},1", "RAGGED_ROWS", "$.csv[1]"),
        (lambda head, row: f"{head}\n{SECRET}{row}", "WRONG_TYPE", "$.csv[0][0]"),
        (lambda head, row: f"{head}\n,{row.partition(',')[2]}", "MISSING_VALUE", "$.csv[0][0]"),
        (lambda head, row: f"{head}\nnan,{row.partition(',')[2]}", "WRONG_TYPE", "$.csv[0][0]"),
        (lambda head, row: f'{head}\n"{row}', "INVALID_CSV", "$"),
    ],
)
def test_bad_csv_is_refused(
    ask: Ask, features: pd.DataFrame, edit: Callable[[str, str], str], code: str, path: str
) -> None:
    head, row = features.head(1).to_csv(index=False).splitlines()
    status, answer = ask(edit(head, row), kind="text/csv")
    assert (status, answer["error_code"], answer["path"]) == (400, code, path)
    assert SECRET not in json.dumps(answer)
    assert "State-gov" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (None, {}),
        ("text/plain", {}),
        ("application/json; charset=latin-1", {}),
        (JSON, {"Content-Encoding": "gzip"}),
    ],
)
def test_another_content_type_is_415(ask: Ask, kind: str | None, headers: dict[str, str]) -> None:
    status, answer = ask("{}", kind=kind, headers=headers)
    assert (status, answer["error_code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_over_the_limit_is_413_with_and_without_a_length(ask: Ask, server: RunningServer) -> None:
    large = b" " * (16 * 2**20 + 1)
    status, answer = ask(large)
    assert (status, answer["error_code"]) == (413, "BODY_TOO_LARGE")
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=60)
    chunks = (large[at : at + 2**20] for at in range(0, len(large), 2**20))
    connection.request("POST", "/invocations", chunks, {"Content-Type": JSON}, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("POST", "/invocations/", 404, "NOT_FOUND"),
        ("GET", "/invocations", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/ping", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/schema", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_wrong_addresses_and_methods_answer_in_json(
    ask: Ask, method: str, path: str, status: int, code: str
) -> None:
    answered, answer = ask(method=method, path=path)
    assert (answered, answer["error_code"]) == (status, code)


def test_after_all_that_it_still_predicts_and_logged_no_value(
    ask: Ask, server: RunningServer, records: list[dict[str, Any]], expected: list[str]
) -> None:
    assert ask({"dataframe_records": records}) == (200, {"predictions": expected})
    log = Path(server.log).read_text()
    assert SECRET not in log
    assert "Traceback" not in log
