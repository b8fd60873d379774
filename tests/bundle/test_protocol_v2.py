"""The Open Inference Protocol V2: one answer by JSON, bytes, columns and matrix; errors name the tensor."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from asking import as_bytes, connected, request_of, tensor
from sklearn.ensemble import HistGradientBoostingRegressor

from jupyter_mlops.bundle.export import BundleSource, export_bundle
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from asking import Answer, Connection

    from jupyter_mlops.bundle.export import Bundle

MODEL = "/v2/models/census%20income"
SECRET = "Amanda Secret"
DATATYPES = {"integer": "INT64", "string": "BYTES"}


@pytest.fixture(scope="module")
def rows(features: pd.DataFrame) -> pd.DataFrame:
    """Rows without missing cells: bytes have no word for a missing text."""
    return features[1000:1200].dropna()


def tensors_of(frame: pd.DataFrame, *, binary: bool = False) -> list[dict[str, Any]]:
    found = []
    for name, column in frame.items():
        datatype = "BYTES" if isinstance(column.dtype, pd.StringDtype) else "INT64"
        cells = list(column) if datatype == "BYTES" else column.to_numpy()
        data = as_bytes(cells) if binary else [cell if datatype == "BYTES" else int(cell) for cell in cells]
        found.append(tensor(str(name), datatype, [len(frame)], data))
    return found


def infer(census: Connection, tensors: list[dict[str, Any]], **more: Any) -> Answer:
    body, headers = request_of(tensors, **more)
    return census.post(f"{MODEL}/infer", body, kind=None, headers=headers)


def test_metadata_tells_every_column_and_output(census: Connection, exported: Bundle, model: Any) -> None:
    assert census.get("/v2").json["extensions"] == ["binary_tensor_data"]
    told = census.get(MODEL).json
    assert (told["name"], told["versions"], told["platform"]) == (
        "census income",
        ["3"],
        "jupyter-mlops_sklearn",
    )
    columns = json.loads((exported.path / "schema.json").read_text())["columns"]
    assert [(each["name"], each["datatype"], each["parameters"]["nullable"]) for each in told["inputs"]] == [
        (column["name"], DATATYPES[column["type"]], column["nullable"]) for column in columns
    ]
    classes = {"classes": model.classes_.tolist()}
    assert told["outputs"] == [
        {"name": "predict", "datatype": "BYTES", "shape": [-1], "parameters": classes},
        {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2], "parameters": classes},
    ]
    assert census.get(f"{MODEL}/versions/3").json == told


def test_health_answers_by_status_and_by_body(census: Connection) -> None:
    assert census.get("/v2/health/live").json == {"live": True}
    for path in ("/v2/health/ready", f"{MODEL}/ready", f"{MODEL}/versions/3/ready"):
        answer = census.get(path)
        assert (answer.status, answer.json["ready"]) == (200, True)
    for path in ("/v2/models/other", f"{MODEL}/versions/4", f"{MODEL}/versions/4/infer"):
        answer = census.get(path)
        assert (answer.status, answer.json["error_code"]) == (404, "NOT_FOUND")
        assert "no such address" in answer.json["error"]


def test_json_bytes_and_both_mixed_give_the_models_own_answers(
    census: Connection, rows: pd.DataFrame, model: Any
) -> None:
    wanted = model.predict(rows).tolist()
    as_json, as_binary = tensors_of(rows), tensors_of(rows, binary=True)
    mixed = [pair[index % 2] for index, pair in enumerate(zip(as_json, as_binary, strict=True))]
    tall = [{**each, "shape": [len(rows), 1]} for each in as_binary]
    nested = [
        {**each, "shape": [len(rows), 1], "data": [[cell] for cell in each["data"]]} for each in as_json
    ]
    noted = [{**each, "parameters": {"content_type": "np"}} for each in as_json]
    for tensors in (as_json, as_binary, mixed[::-1], tall, nested, noted):
        answer = infer(census, tensors, id="question 7")
        assert answer.json == {
            "model_name": "census income",
            "model_version": "3",
            "id": "question 7",
            "outputs": [{"name": "predict", "datatype": "BYTES", "shape": [len(rows)], "data": wanted}],
        }
    assert "id" not in infer(census, as_json).json


def test_outputs_are_chosen_one_by_one_as_json_or_bytes(
    census: Connection, rows: pd.DataFrame, model: Any
) -> None:
    wanted = model.predict_proba(rows)
    tensors = tensors_of(rows)
    both = [{"name": "predict_proba", "parameters": {"binary_data": True}}, {"name": "predict"}]
    answer = infer(census, tensors, outputs=both)
    assert answer.headers["content-type"] == "application/octet-stream"
    length = int(answer.headers["inference-header-content-length"])
    probabilities, labels = json.loads(answer.body[:length])["outputs"]
    assert labels["data"] == model.predict(rows).tolist()
    assert probabilities == {
        "name": "predict_proba",
        "datatype": "FP64",
        "shape": [len(rows), 2],
        "parameters": {"binary_data_size": wanted.nbytes},
    }
    assert answer.body[length:] == wanted.tobytes()
    answer = infer(census, tensors, parameters={"binary_data_output": True})
    length = int(answer.headers["inference-header-content-length"])
    assert answer.body[length:] == as_bytes(model.predict(rows).tolist())
    as_json = infer(census, tensors, outputs=[{"name": "predict_proba"}]).json["outputs"][0]["data"]
    assert as_json == wanted.ravel().tolist()


def test_null_is_welcome_where_training_had_missing_values(
    census: Connection, features: pd.DataFrame, model: Any
) -> None:
    missing = features[features["workclass"].isna()][:3]
    tensors = tensors_of(missing)
    for each in tensors:
        each["data"] = [cell if cell == cell else None for cell in each["data"]]  # noqa: PLR0124 - NaN is not
    assert infer(census, tensors).json["outputs"][0]["data"] == model.predict(missing).tolist()


def edited(index: int, **changes: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda tensors: [*tensors[:index], {**tensors[index], **changes}, *tensors[index + 1 :]]


WRONG = [
    (edited(0, shape=[3]), "WRONG_SHAPE", "$.inputs[0]"),
    (edited(2, shape=[1, 2]), "WRONG_SHAPE", "$.inputs[2].shape"),
    (edited(0, shape=[2, 1, 1]), "WRONG_SHAPE", "$.inputs[0].shape"),
    (edited(0, shape=[-2]), "WRONG_SHAPE", "$.inputs[0].shape"),
    (edited(0, shape=[True]), "WRONG_SHAPE", "$.inputs[0].shape"),
    (edited(0, shape=None), "BAD_FORMAT", "$.inputs[0].shape"),
    (edited(1, shape=[1], data=["Private"]), "WRONG_SHAPE", "$.inputs[1].shape"),
    (edited(0, data=[[1], [2, 3]], shape=[2, 1]), "WRONG_SHAPE", "$.inputs[0].data[1]"),
    (edited(0, data=SECRET), "BAD_FORMAT", "$.inputs[0].data"),
    (edited(0, data=[1, SECRET]), "WRONG_TYPE", "$.inputs[0].data[1]"),
    (edited(0, data=[1, None]), "MISSING_VALUE", "$.inputs[0].data[1]"),
    (edited(0, data=[1, 300], datatype="UINT8"), "OUT_OF_RANGE", "$.inputs[0].data[1]"),
    (edited(0, data=[1, 1.5], datatype="FP32"), "WRONG_TYPE", "$.inputs[0].data[1]"),
    (edited(0, datatype="FP16"), "BAD_FORMAT", "$.inputs[0].datatype"),
    (edited(0, datatype="BYTES"), "WRONG_TYPE", "$.inputs[0].datatype"),
    (edited(1, datatype="INT64"), "WRONG_TYPE", "$.inputs[1].datatype"),
    (edited(0, name=SECRET), "MISSING_COLUMN", "$.inputs"),
    (edited(0, name="workclass"), "MISSING_COLUMN", "$.inputs"),
    (edited(0, name=None), "BAD_FORMAT", "$.inputs[0].name"),
    (edited(0, parameters=[]), "BAD_FORMAT", "$.inputs[0].parameters"),
    (edited(0, parameters={"binary_data_size": -8}), "BAD_FORMAT", "$.inputs[0].parameters.binary_data_size"),
    (edited(0, parameters={"binary_data_size": 16}), "WRONG_SIZE", "$.inputs[0]"),
    (edited(0, data=np.array([1]).tobytes()), "WRONG_SIZE", "$.inputs[0]"),
    (
        edited(0, data=np.array([1.0, np.nan]).tobytes(), datatype="FP64"),
        "MISSING_VALUE",
        "$.inputs[0].data[1]",
    ),
    (
        edited(0, data=np.array([1.0, np.inf]).tobytes(), datatype="FP64"),
        "OUT_OF_RANGE",
        "$.inputs[0].data[1]",
    ),
    (
        edited(0, data=np.array([1, 2**63], np.uint64).tobytes(), datatype="UINT64"),
        "OUT_OF_RANGE",
        "$.inputs[0].data[1]",
    ),
    (edited(1, data=b"\xff\xff\xff\xff"), "WRONG_SIZE", "$.inputs[1]"),
    (edited(1, data=b"\0\0"), "WRONG_SIZE", "$.inputs[1]"),
    (edited(1, data=b"\0\0\0\0"), "WRONG_SIZE", "$.inputs[1]"),
    (edited(1, data=b"\0\0\0\0\x01\0\0\0\xff"), "INVALID_TEXT", "$.inputs[1].data[1]"),
    (lambda tensors: [*tensors, tensors[0]], "DUPLICATE_COLUMN", "$.inputs"),
    (lambda tensors: [*tensors, tensor(SECRET, "INT64", [2], [1, 2])], "UNKNOWN_COLUMN", "$.inputs"),
    (lambda tensors: [tensor("x", "FP64", [2, 14], [0.0] * 28)], "WRONG_TYPE", "$.inputs[0].datatype"),
    (lambda tensors: [{**each, "shape": [0], "data": []} for each in tensors], "NO_ROWS", "$.inputs[0]"),
    (lambda tensors: [], "MISSING_COLUMN", "$.inputs"),
]


@pytest.mark.parametrize(
    ("edit", "code", "path"), WRONG, ids=[f"{n}-{each[1]}" for n, each in enumerate(WRONG)]
)
def test_a_tensor_that_does_not_fit_is_named(
    census: Connection, rows: pd.DataFrame, edit: Any, code: str, path: str
) -> None:
    answer = infer(census, edit(tensors_of(rows[:2])))
    assert (answer.status, answer.json["error_code"], answer.json["path"]) == (400, code, path)
    assert path in answer.json["error"]
    assert SECRET not in answer.body.decode()


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"outputs": [{"name": SECRET}]}, "$.outputs[0].name"),
        ({"outputs": [{"name": "predict"}, {"name": "predict"}]}, "$.outputs[1].name"),
        ({"outputs": [{"name": ["predict"]}]}, "$.outputs[0].name"),
        (
            {"outputs": [{"name": "predict", "parameters": {"binary_data": 1}}]},
            "$.outputs[0].parameters.binary_data",
        ),
        ({"outputs": 5}, "$.outputs"),
        ({"parameters": 5}, "$.parameters"),
        ({"id": 5}, "$.id"),
    ],
)
def test_a_wish_that_cannot_be_met_is_named(
    census: Connection, rows: pd.DataFrame, more: dict[str, Any], path: str
) -> None:
    answer = infer(census, tensors_of(rows[:1]), **more)
    assert (answer.status, answer.json["path"]) == (400, path)
    assert SECRET not in answer.body.decode()


@pytest.mark.parametrize(
    ("body", "length", "code"),
    [
        (b"", None, "EMPTY_BODY"),
        (b"{}", "0", "EMPTY_BODY"),
        (b"{", None, "INVALID_JSON"),
        (b"{}", None, "BAD_FORMAT"),
        (b"[]", None, "BAD_FORMAT"),
        (b'{"inputs": [5]}', None, "BAD_FORMAT"),
        (b'{"inputs": []}', "15", "BAD_FORMAT"),
        (b'{"inputs": []}', "-1", "BAD_FORMAT"),
        (b'{"inputs": []}', "9" * 5000, "BAD_FORMAT"),
        (b'{"inputs": []} ', "14", "WRONG_SIZE"),
    ],
)
def test_a_header_that_is_no_length_of_the_json_is_refused(
    census: Connection, body: bytes, length: str | None, code: str
) -> None:
    headers = {} if length is None else {"Inference-Header-Content-Length": length}
    answer = census.post(f"{MODEL}/infer", body, kind=None, headers=headers)
    assert (answer.status, answer.json["error_code"]) == (400, code)


def test_the_content_type_may_be_absent_or_name_bytes(census: Connection, rows: pd.DataFrame) -> None:
    body, _ = request_of(tensors_of(rows[:1]))
    for kind in (None, "application/json; charset=utf-8", "APPLICATION/JSON", "application/octet-stream"):
        assert census.post(f"{MODEL}/infer", body, kind=kind).status == 200, kind
    for kind in ("text/csv", "application/json; charset=latin-1"):
        answer = census.post(f"{MODEL}/infer", body, kind=kind)
        assert (answer.status, answer.json["error_code"]) == (415, "UNSUPPORTED_MEDIA_TYPE"), kind


@pytest.fixture(scope="module")
def numbers() -> pd.DataFrame:
    generator = np.random.default_rng(7)
    size = 400
    frame = pd.DataFrame(
        {
            "level": generator.normal(1e9, 1e6, size),
            "small": generator.normal(size=size).astype("float32"),
            "count": generator.integers(-(2**40), 2**40, size),
            "maybe": pd.array(generator.integers(0, 5, size), dtype="Int64"),
        }
    )
    frame.loc[::7, "level"] = np.nan
    frame.loc[::5, "maybe"] = pd.NA
    return frame


@pytest.fixture(scope="module")
def regressor(numbers: pd.DataFrame) -> HistGradientBoostingRegressor:
    plain = numbers.astype("float64")
    target = np.sin(plain.sum(axis=1)) + plain["small"]
    return HistGradientBoostingRegressor(max_iter=20, random_state=0).fit(numbers, target)


@pytest.fixture(scope="module")
def numeric(
    source: BundleSource,
    regressor: HistGradientBoostingRegressor,
    numbers: pd.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Connection]:
    folder = tmp_path_factory.mktemp("numeric")
    skops.io.dump(regressor, folder / "model.skops")
    example = json.loads(numbers[:3].to_json(orient="records", double_precision=15))
    numeric_source = replace(
        source,
        name="Größe/€ 7",
        model_file=folder / "model.skops",
        schema=infer_schema(numbers),
        example=example,
    )
    bundle = export_bundle(numeric_source, folder / "bundle")
    with connected(bundle.path, folder / "state") as connection:
        yield connection


NUMERIC = "/v2/models/Gr%C3%B6%C3%9Fe%2F%E2%82%AC%207"


def test_a_matrix_of_numbers_is_all_columns_at_once(
    numeric: Connection, numbers: pd.DataFrame, regressor: HistGradientBoostingRegressor
) -> None:
    matrix = numbers.astype("float64").to_numpy()
    wanted = regressor.predict(numbers).tolist()
    cells = [[None if np.isnan(cell) else cell for cell in row] for row in matrix.tolist()]
    flat = [cell for row in cells for cell in row]
    for data in (matrix.tobytes(), cells, flat):
        body, headers = request_of([tensor("any name", "FP64", matrix.shape, data)])
        answer = numeric.post(f"{NUMERIC}/infer", body, kind=None, headers=headers)
        assert answer.json["outputs"] == [
            {"name": "predict", "datatype": "FP64", "shape": [len(numbers)], "data": wanted}
        ]
    body, headers = request_of([tensor("any name", "FP64", [2, 3], [0.0] * 6)])
    answer = numeric.post(f"{NUMERIC}/infer", body, kind=None, headers=headers)
    assert (answer.status, answer.json["path"]) == (400, "$.inputs[0].shape")
    cells[1][2] = 0.5  # a count
    body, headers = request_of([tensor("any name", "FP64", matrix.shape, cells)])
    answer = numeric.post(f"{NUMERIC}/infer", body, kind=None, headers=headers)
    assert (answer.json["error_code"], answer.json["path"]) == ("WRONG_TYPE", "$.inputs[0].data[1][2]")


def test_every_numeric_datatype_is_what_it_is_in_numpy(
    numeric: Connection, numbers: pd.DataFrame, regressor: HistGradientBoostingRegressor
) -> None:
    some = pd.DataFrame({"level": [1.0, 2.0], "small": [3.0, 4.0], "count": [5, 6], "maybe": [7, 8]})
    wanted = regressor.predict(some.astype(numbers.dtypes.to_dict())).tolist()
    for datatype in (
        "FP64",
        "FP32",
        "INT64",
        "INT32",
        "INT16",
        "INT8",
        "UINT64",
        "UINT32",
        "UINT16",
        "UINT8",
    ):
        dtype = np.dtype(datatype.lower().replace("fp", "float"))
        for binary in (True, False):
            tensors = [
                tensor(name, datatype, [2], cells.tobytes() if binary else cells.tolist())
                for name, cells in ((str(name), some[name].to_numpy(dtype)) for name in some)
            ]
            body, headers = request_of(tensors)
            answer = numeric.post(f"{NUMERIC}/infer", body, kind=None, headers=headers)
            assert answer.json["outputs"][0]["data"] == wanted, (datatype, binary)


def test_nan_is_what_is_missing_and_infinity_is_refused(
    numeric: Connection, numbers: pd.DataFrame, regressor: HistGradientBoostingRegressor
) -> None:
    row = pd.DataFrame({"level": [np.nan], "small": [0.5], "count": [5], "maybe": [np.nan]})
    wanted = regressor.predict(row.astype({"small": "float32", "maybe": "Int64"})).tolist()
    tensors = [
        tensor("level", "FP64", [1], np.array([np.nan]).tobytes()),
        tensor("small", "FP32", [1], [0.5]),
        tensor("count", "INT64", [1], [5]),
        tensor("maybe", "FP64", [1], np.array([np.nan]).tobytes()),
    ]
    body, headers = request_of(tensors)
    assert numeric.post(f"{NUMERIC}/infer", body, headers=headers).json["outputs"][0]["data"] == wanted
    told = numeric.get(NUMERIC).json["outputs"]
    assert told == [{"name": "predict", "datatype": "FP64", "shape": [-1]}]
    for index, datatype, cell in ((0, "FP64", np.inf), (1, "FP64", 1e300), (1, "FP32", np.nan)):
        data = np.array([cell], "float64" if datatype == "FP64" else "float32").tobytes()
        wrong = [
            *tensors[:index],
            {**tensors[index], "datatype": datatype, "data": data},
            *tensors[index + 1 :],
        ]
        body, headers = request_of(wrong)
        answer = numeric.post(f"{NUMERIC}/infer", body, headers=headers)
        assert (answer.status, answer.json["path"]) == (400, f"$.inputs[{index}].data[0]")
