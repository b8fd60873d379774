"""Two versions in one bundle: who answers follows a rule that changes while the server runs."""

from __future__ import annotations

import http.client
import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from test_serving_process import run, serving

from jupyter_mlops.bundle.choice import Original
from jupyter_mlops.bundle.export import Bundle, BundleSource, export_bundle
from jupyter_mlops.bundle.runtime.manifest import verify
from jupyter_mlops.errors import BadInputError
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    import pandas as pd

Ask = Callable[..., tuple[int, str | None, Any]]


@pytest.fixture(scope="module")
def pair(
    source: BundleSource,
    challenger: BundleSource,
    model: Any,
    other_model: Any,
    features: pd.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> Bundle:
    first, second = (
        replace(each, original=Original(fitted, (features[:500],), "training"))
        for each, fitted in ((source, model), (challenger, other_model))
    )
    return export_bundle(first, tmp_path_factory.mktemp("pair") / "bundle", challenger=second)


@pytest.fixture(scope="module")
def address(pair: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server of both, and the file with its rule."""
    rule = tmp_path_factory.mktemp("rule") / "rollout.json"
    with serving([sys.executable, str(pair.path / "serve.py"), "--rollout", str(rule)]) as (_, found):
        yield found, rule


def asking(address: str) -> Ask:
    """Sends one request after the other: status, the version that answered, content."""
    connection = http.client.HTTPConnection(address, timeout=60)

    def send(path: str, body: Any = None, **headers: str) -> tuple[int, str | None, Any]:
        kind = {"Content-Type": "application/json"}
        connection.request("GET" if body is None else "POST", path, body and json.dumps(body), kind | headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("x-model-version"), json.loads(answer.read())

    return send


def until(counts: Callable[[], dict[str, Any]], rows: int) -> dict[str, Any]:
    """The counts of a shadow when it has come so far."""
    end = time.monotonic() + 60
    while (found := counts())["rows"] < rows:
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def ask(address: tuple[str, Path]) -> Ask:
    return asking(address[0])


@pytest.fixture
def rows(features: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(features[1000:1200].to_json(orient="records"))
    return found


def follow(ask: Ask, **rule: Any) -> None:
    status, _, content = ask("/admin/rollout", rule)
    assert status == 200, content
    assert content["kept"]


def test_a_bundle_of_two_has_both_in_its_list_and_checks_both(pair: Bundle, tmp_path: Path) -> None:
    own = {f"challenger/{name}" for name in ("bundle.json", "example.json", "model.json", "schema.json")}
    assert own <= set(pair.files)
    assert pair.challenger == "4"
    assert "!challenger\n" in (pair.path / ".dockerignore").read_text()
    bundle = Path(shutil.copytree(pair.path, tmp_path / "copy"))
    (bundle / "rollout.json").write_text('{"mode": "canary", "share": 0.5}')
    done = run(bundle, "--check")
    assert done.returncode == 0, done.stderr
    assert "the challenger predicted its own, too: 5 rows" in done.stdout
    (bundle / "rollout.json").write_text('{"mode": "canary", "share": 7}')
    done = run(bundle, "--port", "0")
    assert (done.returncode, "expected a number from 0 to 1 ($.share)" in done.stderr) == (1, True)
    for name in ("model.bin", "bundle.json"):
        with (bundle / "challenger" / name).open("ab") as file:
            file.write(b" ")
        done = run(bundle, "--port", "0")
        named = "challenger/bundle.json" if name == "bundle.json" else f"challenger/: {name}"
        assert done.stderr.startswith(f"error: {named} is not the file that was exported")
    assert verify(bundle) == ["challenger/bundle.json: changed", "challenger/model.bin: changed"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "other"}, "other is another model than census income"),
        ({"version": "3"}, "Version 3 cannot be its own challenger"),
        ({"age": None}, "it has no age"),
        ({"more": 1}, "it also has more"),
        ({"age": 1.5}, r"age is number \(float64\), not integer \(int64\)"),
        ({"workclass": "text"}, "never trained with missing values in workclass"),
    ],
)
def test_versions_that_take_other_requests_make_no_pair(
    source: BundleSource,
    challenger: BundleSource,
    features: pd.DataFrame,
    tmp_path: Path,
    change: dict[str, Any],
    says: str,
) -> None:
    if change.keys() & {"name", "version"}:
        other = replace(challenger, **change)
    else:
        name, value = next(iter(change.items()))
        frame = features.drop(columns=name) if value is None else features.assign(**{name: value})
        other = replace(challenger, schema=infer_schema(frame))
    with pytest.raises(BadInputError, match=says):
        export_bundle(source, tmp_path / "bundle", engine="sklearn", challenger=other)
    assert not (tmp_path / "bundle").exists()


def test_a_canary_gets_its_share_and_everyone_sees_who_answered(
    ask: Ask, rows: list[dict[str, Any]], model: Any, features: pd.DataFrame
) -> None:
    body = {"dataframe_records": rows}
    expected = model.predict(features[1000:1200]).tolist()
    follow(ask, mode="champion")
    assert ask("/invocations", body) == (200, "3", {"predictions": expected})
    follow(ask, mode="canary", share=1)
    status, version, content = ask("/invocations", body)
    assert (status, version) == (200, "4")
    assert content["predictions"] != expected
    follow(ask, mode="canary", share=0.3)
    seen = Counter(ask("/invocations", {"dataframe_records": rows[:1]})[1] for _ in range(100))
    assert 10 <= seen["4"] <= 52  # 30, and more than four deviations on each side
    # An address that names a version gets that one, and answers say whose they are.
    inputs = [
        {
            "name": name,
            "datatype": "INT64" if isinstance(value, int) else "BYTES",
            "shape": [1],
            "data": [value],
        }
        for name, value in rows[0].items()
    ]
    assert ask("/v2/models/census%20income")[2]["versions"] == ["3", "4"]
    for version in ("3", "4"):
        path = f"/v2/models/census%20income/versions/{version}"
        assert ask(path)[2]["versions"] == [version]
        for _ in range(5):
            status, answered, content = ask(f"{path}/infer", {"inputs": inputs})
            assert (status, answered, content["model_version"]) == (200, version, version)


@pytest.mark.parametrize("key", ["header:X-User-Id", "column:fnlwgt"])
def test_a_split_gives_one_key_one_version_always(ask: Ask, rows: list[dict[str, Any]], key: str) -> None:
    def version_for(number: int) -> str | None:
        body = {"dataframe_records": [{**rows[0], "fnlwgt": number}]}
        return ask("/invocations", body, **{"x-user-id": f"user {number}"})[1]

    follow(ask, mode="split", share=0.3, key=key)
    first = [version_for(number) for number in range(50)]
    assert first == [version_for(number) for number in range(50)]
    assert 3 <= first.count("4") <= 30
    follow(ask, mode="split", share=0.6, key=key)
    wider = [version_for(number) for number in range(50)]
    assert all(now == "4" for before, now in zip(first, wider, strict=True) if before == "4")
    if key.startswith("header"):
        assert ask("/invocations", {"dataframe_records": rows[:1]})[1] == "3"


def test_a_shadow_answers_nobody_and_its_disagreements_are_counted(
    ask: Ask, rows: list[dict[str, Any]], model: Any, other_model: Any, features: pd.DataFrame
) -> None:
    follow(ask, mode="shadow", share=1)
    before = ask("/admin/rollout")[2]["shadow"]
    frame = features[1000:1200]
    for method in ("predict", "predict_proba"):
        body = {"dataframe_records": rows, "params": {"method": method}}
        assert ask("/invocations", body)[:2] == (200, "3")
    found = until(lambda: ask("/admin/rollout")[2]["shadow"], before["rows"] + 400)
    likeliest = [each.predict_proba(frame).argmax(axis=1) for each in (model, other_model)]
    labels = [each.predict(frame) for each in (model, other_model)]
    differ = sum(int(np.sum(one != two)) for one, two in (labels, likeliest))
    assert found["disagreements"] - before["disagreements"] == differ > 0
    assert (found["failed"], found["dropped"]) == (0, 0)


def test_a_file_is_followed_and_a_broken_one_changes_nothing(
    ask: Ask, address: tuple[str, Path], rows: list[dict[str, Any]]
) -> None:
    file = address[1]
    follow(ask, mode="champion")
    assert json.loads(file.read_text()) == {"mode": "champion", "share": 0.0, "key": ""}

    def version() -> str | None:
        return ask("/invocations", {"dataframe_records": rows[:1]})[1]

    def comes(wanted: str) -> bool:
        end = time.monotonic() + 60
        while version() != wanted and time.monotonic() < end:
            time.sleep(0.05)
        return version() == wanted

    file.with_name("new").write_text('{"mode": "canary", "share": 1}')
    file.with_name("new").replace(file)
    assert comes("4")
    file.write_text("{")
    end = time.monotonic() + 1
    while time.monotonic() < end:
        assert version() == "4"
    file.unlink()
    assert comes("3")


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (["canary"], "$"),
        ({"mode": "canary", "share": 0.1, "weight": 1}, "$"),
        ({"mode": "all"}, "$.mode"),
        ({"mode": "canary"}, "$.share"),
        ({"mode": "canary", "share": 1.01}, "$.share"),
        ({"mode": "canary", "share": True}, "$.share"),
        ({"mode": "split", "share": 0.5}, "$.key"),
        ({"mode": "split", "share": 0.5, "key": "column:none"}, "$.key"),
        ({"mode": "split", "share": 0.5, "key": "header:a b"}, "$.key"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_place(ask: Ask, rule: Any, path: str) -> None:
    before = ask("/admin/rollout")[2]["mode"]
    status, _, content = ask("/admin/rollout", rule)
    assert (status, content["error_code"], content["path"]) == (400, "BAD_ROLLOUT", path)
    assert ask("/admin/rollout", {"mode": "champion"}, **{"Content-Type": "text/plain"})[0] == 415
    assert ask("/admin/rollout")[2]["mode"] == before


def test_scikit_learn_checks_the_compiled_form_of_the_same_version(
    source: BundleSource,
    model: Any,
    features: pd.DataFrame,
    people: pd.DataFrame,
    tmp_path: Path,
) -> None:
    """The champion's file is another model here, so that there is something to find."""
    rows = json.loads(features[1000:1200].to_json(orient="records"))
    strong, weak = (
        make_pipeline(clone(model[0]), LogisticRegression(C=C, max_iter=300)).fit(features, people["income"])
        for C in (1.0, 0.01)
    )
    skops.io.dump(weak, tmp_path / "weak.skops")
    frames = (features[:500],)
    champion = replace(
        source, model_file=tmp_path / "weak.skops", original=Original(strong, frames, "training")
    )
    second = replace(champion, version="4", original=Original(weak, frames, "training"))
    bundle = export_bundle(champion, tmp_path / "bundle", shadow=True, challenger=second)
    assert bundle.engine == "compiled"
    body = {"dataframe_records": rows, "params": {"method": "predict_proba"}}
    with serving([sys.executable, str(bundle.path / "serve.py"), "--shadow-share", "1"]) as (_, address):
        ask = asking(address)
        for rule in ({"mode": "champion"}, {"mode": "canary", "share": 1}):
            assert ask("/admin/rollout", rule)[0] == 200
            assert ask("/invocations", body)[0] == 200
        found = [
            until(lambda role=role: ask("/admin/rollout")[2]["versions"][role]["other_engine"], 200)  # type: ignore[misc]
            for role in ("champion", "challenger")
        ]
    assert found[0]["disagreements"] > 100
    assert found[0]["largest_difference"] > 1e-3
    assert found[1]["disagreements"] == 0
    assert found[1]["largest_difference"] < 1e-9
