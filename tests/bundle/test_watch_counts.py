"""Live values are counted in the bins of training's rows, as a comparison of the frames would count them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from bundle.watched import Service, columns_of, rows

from jupyter_mlops.bundle.reference import as_json, reference_profile
from jupyter_mlops.bundle.runtime.problems import StartError
from jupyter_mlops.bundle.runtime.watch import EngineInfo, Watch, WatchSettings
from jupyter_mlops.drift import compare_frames
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from pathlib import Path


def features(drift: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in drift["features"]}


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_live_distances_are_those_of_a_comparison_of_the_frames(tmp_path: Path, shift: float) -> None:
    service = Service(tmp_path)
    live = rows(1_500, seed=1, shift=shift)
    service.ask(live)
    service.stop()
    compared = compare_frames(service.trained_on, live).columns.set_index("column")["psi"]
    told = {name: each["psi"] for name, each in features(service.watch.drift()).items()}
    assert told == pytest.approx(compared.to_dict(), abs=1e-12)
    assert (told["income"] > 0.1) == (shift > 0)


def test_the_gauges_of_drift_forget_what_came_two_stretches_ago(tmp_path: Path) -> None:
    service = Service(tmp_path)

    def gauge() -> float:
        (line,) = re.findall(
            r'mlops_drift\{feature="income",stat="psi"\} (.*)', service.watch.metrics().decode()
        )
        return float(line)

    service.ask(rows(1_000, seed=1, shift=1.0))
    service.counted(1_000)
    drifted = gauge()
    assert drifted > 0.1
    service.watch.mark()
    assert gauge() == drifted
    service.watch.mark()
    assert b"mlops_drift{" not in service.watch.metrics()
    service.ask(rows(1_000, seed=2))
    service.counted(2_000)
    assert gauge() < 0.02
    income = features(service.watch.drift())["income"]
    assert income["psi"] > 0.02 > income["recent_psi"]
    assert sum(income["live"]["counts"]) + income["live"]["missing"] == 2_000
    service.stop()


def test_counts_are_the_same_however_rows_arrive_and_add_up_over_servers(tmp_path: Path) -> None:
    live = rows(700, seed=2)
    whole, single, half = (Service(tmp_path / name) for name in ("whole", "single", "half"))
    whole.ask(live)
    for at in range(700):
        single.ask(live[at : at + 1])
    half.ask(live[:300])
    for service in (whole, single, half):
        service.stop()
    counted = [features(service.watch.drift()) for service in (whole, single, half)]
    assert counted[0] == counted[1]
    assert sum(counted[0]["age"]["live"]["counts"]) == 700
    rest = Service(tmp_path / "rest")
    rest.ask(live[300:])
    rest.stop()
    others = features(rest.watch.drift())
    for name, each in counted[2].items():
        added = [a + b for a, b in zip(each["live"]["counts"], others[name]["live"]["counts"], strict=True)]
        assert added == counted[0][name]["live"]["counts"]


def test_missing_unseen_and_out_of_range_values_are_counted_and_never_shown(tmp_path: Path) -> None:
    service = Service(tmp_path)
    odd = rows(4)
    odd["income"] = [np.nan, np.nan, 1e9, float(service.trained_on["income"].max())]
    odd["city"] = ["Atlantis", "Lyon", "Atlantis", "El Dorado"]
    service.ask(odd)
    service.stop()
    drift = service.watch.drift()
    assert features(drift)["income"]["live"]["missing"] == 2
    assert features(drift)["income"]["live"]["out_of_range"] == 1
    assert features(drift)["city"]["live"]["unseen"] == 3
    assert features(drift)["city"]["live"]["others"] == 3
    metrics = service.watch.metrics().decode()
    assert 'mlops_input_missing_total{feature="income"} 2.0' in metrics
    assert 'mlops_input_unseen_total{feature="city"} 3.0' in metrics
    assert 'mlops_input_out_of_range_total{feature="income"} 1.0' in metrics
    assert "Atlantis" not in metrics + json.dumps(drift, allow_nan=False)


def test_predictions_are_counted_by_class_or_by_bin(tmp_path: Path) -> None:
    labels = Service(tmp_path / "labels")
    labels.ask(rows(3), answer=np.array(["yes", "yes", "no"], dtype=object))
    labels.ask(rows(2), answer=np.array([[0.2, 0.8], [0.9, 0.1]]), method="predict_proba")
    labels.stop()
    (by_class,) = labels.watch.drift()["predictions"]
    assert dict(zip(by_class["categories"], by_class["live"]["counts"], strict=True)) == {"no": 2, "yes": 3}
    assert by_class["reference"]["counts"] == [1000, 1000]
    numbers = Service(tmp_path / "numbers", classes=None)
    numbers.ask(rows(4), answer=np.array([-9.0, 0.0, 0.1, 9.0]))
    numbers.stop()
    metrics = numbers.watch.metrics().decode()
    assert 'mlops_predicted_value_bucket{le="+Inf",version="3"} 4.0' in metrics
    (by_bin,) = numbers.watch.drift()["predictions"]
    assert by_bin["live"]["out_of_range"] == 2


def test_a_profile_has_exact_numbers_and_names_no_rare_text() -> None:
    frame = rows(2_000)
    frame["name"] = [f"person {number}" for number in range(1_990)] + ["guest"] * 10
    frame["nothing"] = pd.array([pd.NA] * 1_999 + [1], dtype="Int64")
    profile = json.loads(as_json(reference_profile(frame, infer_schema(frame))))
    by_name = {each["name"]: each for each in profile["columns"]}
    assert by_name["name"]["categories"] == ["guest"]
    assert by_name["name"]["others"] == 1_990
    assert by_name["nothing"]["missing"] == 1_999
    assert by_name["income"]["maximum"] == frame["income"].max()
    assert sum(by_name["income"]["counts"]) + by_name["income"]["missing"] == 2_000
    assert 9 <= len(by_name["income"]["counts"]) <= 20
    with pytest.raises(BadInputError, match="no column 'age'"):
        reference_profile(frame.drop(columns="age"), infer_schema(frame))


def test_without_a_profile_only_missing_values_are_counted(tmp_path: Path) -> None:
    columns = columns_of(rows(100))
    engine = EngineInfo("income", "3", "", "sklearn", ["no", "yes"])
    watch = Watch(tmp_path, columns, {"3": engine}, WatchSettings())
    drift = watch.drift()
    assert {each["psi"] for each in drift["features"]} == {None}
    assert b"mlops_drift{" not in watch.metrics()
    with pytest.raises(StartError, match="no column 'citty'"):
        Watch(tmp_path, columns, {"3": engine}, WatchSettings(mask=("citty",)))
    (tmp_path / "reference.json").write_text('{"rows": 3}')
    with pytest.raises(StartError, match=r"reference\.json"):
        Watch(tmp_path, columns, {"3": engine}, WatchSettings())


def test_what_cannot_be_taken_is_counted_and_does_not_block(tmp_path: Path) -> None:
    service = Service(tmp_path, WatchSettings(queue=50))
    service.stop()  # nobody takes anything from now on
    for _ in range(10):
        service.ask(rows(20))
    assert service.watch.lost == 160
    metrics = service.watch.metrics().decode()
    assert "mlops_log_dropped_total 160.0" in metrics
    assert 'mlops_requests_total{code="200",protocol="mlflow",route="/invocations"} 10.0' in metrics
    assert 'mlops_rows_total{version="3"} 200.0' in metrics
