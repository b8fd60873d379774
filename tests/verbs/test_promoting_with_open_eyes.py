"""What is promoted although something stands against it says so, everywhere it is shown."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

import pytest

import jupyter_mlops
from jupyter_mlops.verbs.serve import stop

if TYPE_CHECKING:
    from notebook_in_process import Notebook

SMALL = """
from sklearn.linear_model import LinearRegression
small = X_train[["age", "education-num", "hours-per-week"]].head(200)
gains = X_train["capital-gain"].head(200)
"""

CLIP = """
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

class Clip(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.top_ = np.asarray(X).max(axis=0)
        return self

    def transform(self, X):
        return np.minimum(X, self.top_ / 2)
"""


@pytest.fixture(scope="module")
def small(notebook: Notebook) -> Notebook:
    notebook.done(SMALL)
    return notebook


def test_an_unverified_version_keeps_the_reason_with_it(small: Notebook) -> None:
    small.done(
        "import os\nshift = int.from_bytes(os.urandom(4), 'big')\n"
        "chance = LinearRegression().fit(small, gains + shift)\nlevel = float(chance.intercept_)"
    )
    card = small.done('%mlops promote chance --as chance --unverified --reason "the demo is today"').value
    assert dict(card.lines)["verified"] == "no: the demo is today"
    assert ("failed", "level") in [(outcome, what) for outcome, what, _ in card.checks]
    with small.here():
        version = jupyter_mlops.models("chance").to_dict()["versions"][0]
        move = jupyter_mlops.models("chance", moves=True).to_dict()["moves"][0]
        assert "  no" in str(jupyter_mlops.models("chance"))
    assert (version["verified"], version["reason"]) == (False, "the demo is today")
    assert move["why"] == "the demo is today"


def test_a_model_whose_replay_fails_can_be_registered_from_the_notebook_that_holds_it(
    small: Notebook,
) -> None:
    place = str(small.folder / "note.txt")
    small.done(
        f"writer = LinearRegression().fit(small, gains)\nwith open({place!r}, 'w') as note: note.write('x')"
    )
    card = small.done("%mlops promote writer --as writer --unverified --reason known").value
    assert card.checks[0][:2] == ("failed", "replay")
    assert card.to_dict()["verified"] is False


def test_a_metric_that_is_a_time_is_a_warning(small: Notebook) -> None:
    small.done(
        "import time\nbegan = time.perf_counter()\ntimed = LinearRegression().fit(small, gains)\n"
        "fit_seconds = time.perf_counter() - began\nr2 = timed.score(small, gains)"
    )
    card = small.done("%mlops promote timed --as timed").value
    outcomes = {what: outcome for outcome, what, _ in card.checks}
    assert outcomes["fit_seconds"] == "warned"
    assert outcomes["r2"] == "passed"
    assert card.to_dict()["verified"] is True


def test_a_class_of_the_notebook_travels_by_value_when_its_code_is_trusted(small: Notebook) -> None:
    small.done(CLIP)
    small.done("clipped = make_pipeline(Clip(), LinearRegression()).fit(small, gains)")
    card = small.done("%mlops promote clipped --as clipped --serialization cloudpickle").value
    assert card.to_dict()["verified"] is True
    assert dict(card.lines)["written as"] == "cloudpickle"
    with small.here():
        jupyter_mlops.export("clipped@champion", "clipped")
        served = jupyter_mlops.serve("clipped")
        try:
            rows = small["small"].head(10)
            request = urllib.request.Request(
                f"{served.url}/invocations",
                json.dumps({"dataframe_records": json.loads(rows.to_json(orient="records"))}).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                predicted = json.load(answer)["predictions"]
        finally:
            stop()
    assert predicted == pytest.approx(small["clipped"].predict(rows).tolist())


def test_a_run_can_be_named_when_two_cells_made_the_same_model(small: Notebook) -> None:
    for name in ("first", "second"):
        small.done(f"%%mlops track --name {name}\nsame = LinearRegression().fit(small, gains)")
    assert small.done("%mlops promote same --as same --run first").value.to_dict()["run"] == "first"
    assert small.done("%mlops promote same --as same").value.to_dict()["run"] == "second"


def test_a_run_is_promoted_by_its_model_not_by_a_step_of_it_or_a_transformer_beside_it(
    small: Notebook,
) -> None:
    small.done(
        "%%mlops track --name stepwise\n"
        "a_scaler, a_line = StandardScaler(), LinearRegression()\n"
        "z_model = make_pipeline(a_scaler, a_line).fit(small, gains)\n"
        "beside = StandardScaler().fit(small)\nfit_r2 = z_model.score(small, gains)"
    )
    promoted = small.done("%mlops promote stepwise --as stepwise").value.to_dict()
    assert promoted["verified"] is True
    with small.here():
        assert jupyter_mlops.models("stepwise").to_dict()["versions"][0]["metrics"] == promoted["metrics"]


def test_a_model_whose_content_cannot_be_digested_is_found_by_its_name(small: Notebook) -> None:
    small.done(
        "import itertools\n"
        "class Counting(LinearRegression):\n"
        "    def fit(self, X, y):\n"
        "        self.calls_ = itertools.count()\n"
        "        return super().fit(X, y)\n"
    )
    small.done("counting = Counting().fit(small, gains)\nbase = float(counting.intercept_)")
    card = small.done("%mlops promote counting --as counting --serialization cloudpickle").value
    assert ("passed", "base") in [(outcome, what) for outcome, what, _ in card.checks]
    assert ("warned", "fitted state") in [(outcome, what) for outcome, what, _ in card.checks]
