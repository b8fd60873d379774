"""What people ask servers with: MLflow's, Triton's and KServe's clients, MLServer's types, and curl."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import tritonclient.http as triton
from asking import request_of, tensor
from tritonclient.utils import InferenceServerException

from jupyter_mlops.bundle.runtime.protocols import mlflow as mlflow_protocol
from jupyter_mlops.bundle.runtime.schema import Column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asking import Connection

    from jupyter_mlops.bundle.export import Bundle

MODEL = "census income"
CLIENTS = Path(__file__).parent / "clients"
PYTHON = Path(__file__).parents[2] / ".clients" / "bin" / "python"


@pytest.fixture(scope="module")
def rows(features: pd.DataFrame) -> pd.DataFrame:
    return features[1000:1100]


@pytest.fixture(scope="module")
def whole(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows without missing cells, which tensors of text have no word for."""
    return rows.dropna()


def ask(script: str, *arguments: str, sent: Any) -> Any:
    """Run a client in the environment of its own."""
    if not PYTHON.exists():
        pytest.fail("The clients' environment is not there: run `make clients`.")
    done = subprocess.run(
        [PYTHON, CLIENTS / script, *arguments],
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def curl(url: str, *arguments: str, sent: bytes = b"") -> tuple[int, str]:
    command = ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *arguments, url]
    done = subprocess.run(command, input=sent, capture_output=True, check=True, timeout=60)
    text, _, status = done.stdout.decode().rpartition("\n")
    return int(status), text


def test_mlflows_client_gets_a_frames_answers_missing_cells_and_all(
    census: Connection, rows: pd.DataFrame, model: Any
) -> None:
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

    assert rows.isna().any(axis=None)
    host, _, port = census.url.rpartition("//")[2].partition(":")
    client = ScoringServerClient(host, int(port))
    client.wait_server_ready(timeout=60)
    assert json.loads(client.get_version())["version"] == "3"
    assert client.invoke(rows).get_predictions()[0].tolist() == model.predict(rows).tolist()
    scores = client.invoke(rows, params={"method": "predict_proba"}).get_predictions()
    assert np.array_equal(scores.to_numpy(), model.predict_proba(rows))


def test_what_mlflow_saves_as_serving_input_gets_the_same_answers_here_and_there(
    census: Connection, rows: pd.DataFrame, model: Any, tmp_path: Path
) -> None:
    import mlflow.sklearn
    from mlflow.models import convert_input_example_to_serving_input, validate_serving_input

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.sklearn.save_model(
            model, tmp_path / "saved", serialization_format="cloudpickle", pip_requirements=[]
        )
        sent = convert_input_example_to_serving_input(rows)
        theirs = validate_serving_input(str(tmp_path / "saved"), sent)
    assert sent is not None
    ours = census.post("/invocations", sent.encode()).json["predictions"]
    assert ours == list(theirs)


def test_what_mlflow_writes_for_a_date_that_is_missing_is_missing() -> None:
    from mlflow.utils.proto_json_utils import dump_input_data

    moments = pd.to_datetime(["2026-01-31T12:00:00.5Z", None], utc=True, format="ISO8601")
    frame = pd.DataFrame({"seen": moments, "size": [1.5, np.nan]})
    columns = (
        Column("seen", "datetime", True, "datetime64[us, UTC]"),
        Column("size", "number", True, "float64"),
    )
    batch = mlflow_protocol.read(dump_input_data(frame).encode(), "application/json", columns).batch
    assert batch.array(0)[0] == np.datetime64("2026-01-31T12:00:00.5")
    assert np.isnat(batch.array(0)[1])
    assert np.isnan(batch.array(1)[1])


@pytest.fixture(scope="module")
def client(census: Connection) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(census.url.rpartition("/")[2]) as client:
        yield client


def test_tritons_client_learns_all_it_asks(client: triton.InferenceServerClient, rows: pd.DataFrame) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL)
    assert client.is_model_ready(MODEL, "3")
    assert not client.is_model_ready(MODEL, "4")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    assert [each["name"] for each in client.get_model_metadata(MODEL)["inputs"]] == list(rows)


@pytest.mark.parametrize("binary", [True, False])
def test_tritons_client_gets_answers_by_json_and_by_bytes(
    client: triton.InferenceServerClient, whole: pd.DataFrame, model: Any, binary: bool
) -> None:
    inputs = []
    for described in client.get_model_metadata(MODEL)["inputs"]:
        cells = whole[described["name"]].to_numpy()
        cells = cells.astype(object if described["datatype"] == "BYTES" else np.int64)
        given = triton.InferInput(described["name"], cells.shape, described["datatype"])
        given.set_data_from_numpy(cells, binary_data=binary)
        inputs.append(given)
    answer = client.infer(MODEL, inputs, request_id="7")  # without outputs it wants bytes
    assert answer.get_response()["id"] == "7"
    labels = [label.decode() for label in answer.as_numpy("predict")]
    assert labels == model.predict(whole).tolist()
    wanted = [
        triton.InferRequestedOutput("predict", binary_data=not binary),
        triton.InferRequestedOutput("predict_proba", binary_data=binary),
    ]
    answer = client.infer(MODEL, inputs, outputs=wanted)
    assert np.array_equal(answer.as_numpy("predict_proba"), model.predict_proba(whole))
    with pytest.raises(
        InferenceServerException, match=r"13 columns of the schema are missing.*\(\$\.inputs\)"
    ):
        client.infer(MODEL, inputs[:1])


def test_kserves_sdk_gets_answers_by_both_protocols(
    census: Connection, whole: pd.DataFrame, model: Any
) -> None:
    said = ask("ask_kserve.py", census.url, MODEL, sent=whole.to_dict(orient="list"))
    labels = model.predict(whole).tolist()
    assert (said["v1 live"], said["v1 ready"], said["v2 live"], said["v2 ready"]) == (
        True,
        True,
        True,
        [True, True],
    )
    assert said["v1"] == labels
    assert "14 columns of the schema are missing" in said["v1 error"]
    assert said["v2 json"] == said["v2 binary"] == {"id": "7", "name": MODEL, "labels": labels}


def test_mlservers_types_read_and_write_what_is_spoken_here(
    census: Connection, whole: pd.DataFrame, model: Any
) -> None:
    path = f"/v2/models/{MODEL.replace(' ', '%20')}"
    tensors = [
        tensor(str(name), "BYTES" if isinstance(cells[0], str) else "INT64", [len(whole)], cells)
        for name, cells in whole.to_dict(orient="list").items()
    ]
    request = json.loads(request_of(tensors, id="7")[0])
    said = {
        "server": census.get("/v2").json,
        "model": census.get(path).json,
        "answer": census.post(f"{path}/infer", request).json,
        "error": census.post(f"{path}/infer", {}).json,
        "request": request,
    }
    read = ask("read_as_mlserver.py", sent=said)
    assert read["inputs"] == [[each["name"], each["datatype"], [-1]] for each in said["model"]["inputs"]]
    assert read["outputs"] == [["predict", "BYTES", [-1]], ["predict_proba", "FP64", [-1, 2]]]
    assert read["labels"] == model.predict(whole).tolist()
    assert read["id"] == "7"
    assert "$.inputs" in read["error"]
    assert census.post(f"{path}/infer", read["sent"]).json == said["answer"]


def test_curl_sends_csv_and_json_and_is_told_what_to_say(
    census: Connection, rows: pd.DataFrame, model: Any
) -> None:
    text = rows.to_csv(index=False).encode()
    labels = model.predict(rows).tolist()
    url = f"{census.url}/invocations"
    as_csv = ("--data-binary", "@-", "-H", "Content-Type: text/csv")
    assert curl(url, *as_csv, sent=text) == (200, json.dumps({"predictions": labels}, separators=(",", ":")))
    assert curl(url, *as_csv, "-H", "Accept: text/csv", sent=text) == (200, "\n".join(labels) + "\n")
    status, refused = curl(url, "--data-binary", "@-", sent=text)  # curl says that it is a form
    assert status == 415
    assert "expected Content-Type application/json or text/csv" in refused
    body, _ = request_of([tensor("x", "FP64", [1, 14], [0] * 14)])
    infer = f"{census.url}/v2/models/census%20income/infer"
    for said in ("Content-Type: application/json", "Content-Type:"):
        status, refused = curl(infer, "--data-binary", "@-", "-H", said, sent=body)
        assert (status, json.loads(refused)["error_code"]) == (400, "WRONG_TYPE"), said


def test_a_container_started_as_sagemaker_does_answers_and_stops(
    exported: Bundle, rows: pd.DataFrame, model: Any
) -> None:
    """The word serve, an empty 200 for a ping, CSV in and out, and an end soon after SIGTERM."""
    command = [sys.executable, str(exported.path / "serve.py"), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = "http://" + process.stdout.readline().strip().rpartition("//")[2]
            assert curl(f"{url}/ping") == (200, "")
            sent = rows.to_csv(index=False).encode()
            kinds = ("-H", "Content-Type: text/csv", "-H", "Accept: text/csv")
            status, text = curl(f"{url}/invocations", "--data-binary", "@-", *kinds, sent=sent)
            assert (status, text.splitlines()) == (200, model.predict(rows).tolist())
            process.send_signal(signal.SIGTERM)
            assert process.wait(90) == 0
        finally:
            process.kill()
