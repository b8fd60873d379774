"""A served bundle counts and logs what its clients sent, whatever protocol they speak."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from test_serving_process import ALONE, serving
from test_serving_safety import ask, until

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from jupyter_mlops.bundle.export import Bundle


# Runs serve.py where neither scikit-learn nor pandas can be imported, as in a compiled bundle's image.
SLIM = ALONE.replace('{"jupyter_mlops"', '{"jupyter_mlops", "pandas", "sklearn", "scipy", "skops", "joblib"')


def figure(text: bytes, name: str) -> float | None:
    """The value of one line of ``/metrics``."""
    found = [line.rpartition(b" ")[2] for line in text.splitlines() if line.startswith(name.encode() + b" ")]
    return float(found[0]) if found else None


def test_requests_reach_the_figures_the_log_and_their_true_labels(exported: Bundle, tmp_path: Path) -> None:
    example: list[dict[str, Any]] = json.loads((exported.path / "example.json").read_text())
    strange = {**example[0], "workclass": None}
    command = [
        sys.executable,
        str(exported.path / "serve.py"),
        "--log",
        str(tmp_path),
        "--log-mask",
        "race,sex",
    ]
    with serving(command) as (process, address):
        body = {"dataframe_records": [example[0], strange]}
        status, headers, _ = ask(address, "/invocations", body, **{"X-Request-Id": "mine-1"})
        assert (status, headers["x-request-id"], headers["x-model-version"]) == (200, "mine-1", "3")
        status, headers, _ = ask(address, "/v1/models/census%20income:predict", {"instances": [example[1]]})
        assert status == 200
        given = headers["x-request-id"]
        assert ask(address, "/invocations", {"dataframe_records": [{}]})[0] == 400
        assert ask(address, "/nowhere")[0] == 404
        labels = {"labels": [{"request_id": "mine-1", "row": 1, "label": "<=50K"}]}
        assert ask(address, "/feedback", labels)[::2] == (200, b'{"taken":1}')
        assert ask(address, "/feedback", {"labels": [{"label": 1}]})[0] == 400
        until(lambda: json.loads(ask(address, "/drift")[2])["rows"]["live"] == 3)
        status, headers, text = ask(address, "/metrics")
        assert headers["content-type"].startswith("text/plain")
        for route, protocol, code, count in (
            ("/invocations", "mlflow", 200, 1),
            ("/invocations", "mlflow", 400, 1),
            ("/v1/models/{model}:predict", "kserve_v1", 200, 1),
            ("other", "", 404, 1),
        ):
            labels_of = f'code="{code}",protocol="{protocol}",route="{route}"'
            assert figure(text, f"mlops_requests_total{{{labels_of}}}") == count, labels_of
        assert figure(text, 'mlops_input_missing_total{feature="workclass"}') == 1
        assert figure(text, "mlops_inflight") == 0
        assert figure(text, 'mlops_stage_seconds_count{stage="predict"}') == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
    (log,) = tmp_path.glob("requests-*.parquet")
    rows = pq.read_table(log).to_pylist()
    assert [row["request_id"] for row in rows] == ["mine-1", "mine-1", given]
    assert [row["age"] for row in rows] == [example[0]["age"], example[0]["age"], example[1]["age"]]
    assert not {"race", "sex"} & rows[0].keys()
    (feedback,) = tmp_path.glob("feedback-*.parquet")
    assert [(row["request_id"], row["row"]) for row in pq.read_table(feedback).to_pylist()] == [("mine-1", 1)]


def test_a_compiled_bundle_answers_as_its_model_and_is_held_against_training(
    compiled: Bundle, features: pd.DataFrame, model: Any, tmp_path: Path
) -> None:
    assert compiled.engine == "compiled"
    rows = features[500:900]
    with serving([sys.executable, "-I", "-c", SLIM, str(compiled.path / "serve.py")], cwd=tmp_path) as (
        _,
        address,
    ):
        records: list[dict[str, Any]] = json.loads(rows.to_json(orient="records"))
        answer = ask(address, "/invocations", {"dataframe_records": records})
        assert json.loads(answer[2])["predictions"] == model.predict(rows).tolist()
        unseen = {**records[0], "workclass": "astronaut", "age": 512}
        assert ask(address, "/invocations", {"dataframe_records": [unseen]})[0] == 200
        until(lambda: json.loads(ask(address, "/drift")[2])["rows"]["live"] == 401)
        drift = json.loads(ask(address, "/drift")[2])
        text = ask(address, "/metrics")[2]
    assert drift["rows"]["reference"] == len(features)
    found = {feature["name"]: feature for feature in drift["features"]}
    assert found["workclass"]["live"]["unseen"] == 1
    assert found["age"]["live"]["out_of_range"] == 1
    assert sum(found["age"]["live"]["counts"]) == 401
    assert 0 <= found["age"]["psi"] < 0.1
    assert figure(text, 'mlops_input_unseen_total{feature="workclass"}') == 1
    assert figure(text, 'mlops_predictions_total{class="<=50K",version="3"}') > 200


@pytest.mark.parametrize("given", ["with space", "x" * 129, "é"])
def test_an_id_that_cannot_be_told_back_is_replaced(given: str) -> None:
    from jupyter_mlops.bundle.runtime.http import Request
    from jupyter_mlops.bundle.runtime.predictions import request_id

    request = Request("POST", "/", [(b"x-request-id", given.encode())])
    found = request_id(request)
    assert found != given.encode()
    assert found != request_id(request)
