"""The card of a run as a view: what it tells, what it weighs, and what it asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from notebook_in_process import Notebook

from jupyter_mlops.tracking.read_runs import find_run
from jupyter_mlops.verbs.run_card_of import run_card_payload
from jupyter_mlops.verbs.show import _widget

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = """
import pandas as pd
frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.5]})
"""
FIT = """%%mlops track --name "a line" --hypothesis "flat"
slope = 2
error = float((frame.y - slope * frame.x).sum())
"""
STEPS = """
from mlflow import MlflowClient
from mlflow.entities import Metric
MlflowClient().log_batch("{run_id}", [Metric("loss", 1 / step, step, step) for step in range(1, 500)])
"""


@pytest.fixture(scope="module")
def lined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    made = Notebook(tmp_path_factory.mktemp("card"))
    for cell in ("%mlops track on", DATA, FIT):
        made.done(cell)
    yield made
    made.close()


def payload(notebook: Notebook, card: Any) -> dict[str, Any]:
    with notebook.here():
        return run_card_payload(card.settings, find_run(card.settings, card.run_id))


def test_a_view_comes_with_the_still_card_and_the_same_text(lined: Notebook) -> None:
    card = lined.done("%mlops show 'a line'").value
    with lined.here():
        bundle = card._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/plain"] == str(card)


def test_it_tells_the_result_the_data_with_commands_the_code_and_the_packages(lined: Notebook) -> None:
    card = lined.done("%mlops show 'a line'").value
    told = payload(lined, card)
    assert (told["name"], told["status"], told["hypothesis"]) == ("a line", "finished", "flat")
    assert ["slope", "2"] in told["params"]
    assert {"name": "error", "value": 0.5, "text": "", "lower": True} in told["metrics"]
    (data,) = [each for each in told["data"] if each["name"] == "frame"]
    assert (data["shape"], data["kept"]) == ("3 × 2", True)
    assert data["commands"] == ["%mlops restore 'a line:frame'", "%mlops drift 'a line:frame' frame"]
    assert told["code"]["cells"][-1][1].startswith("slope = 2")
    assert told["code"]["commands"][1] == "%mlops reproduce 'a line'"
    assert dict(told["environment"]["packages"])["mlflow"]
    restored = lined.done(f"{data['commands'][0]} --as back").value
    assert restored.to_dict()["shape"] == [3, 2]


def test_where_a_newer_run_has_the_name_commands_name_the_id(lined: Notebook) -> None:
    first = lined.done("%mlops show 'a line'").value
    lined.done('%%mlops track --name "a line"\nslope = 3')
    lined.done("%mlops runs")  # brings it to MLflow
    assert payload(lined, first)["code"]["commands"][1] == f"%mlops reproduce {first.run_id}"


def test_steps_become_a_history_that_stays_light(lined: Notebook) -> None:
    lined.done("%%mlops track --name long\nslope = 4")
    card = lined.done("%mlops show long").value
    lined.done(STEPS.replace("{run_id}", card.run_id))
    told = payload(lined, card)
    (history,) = told["history"]
    assert (history["name"], history["steps"][0], history["steps"][-1]) == ("loss", 1, 499)
    assert len(history["steps"]) <= 100
    assert len(json.dumps(told)) < 100_000


def test_a_hypothesis_that_is_typed_in_the_view_is_written(lined: Notebook) -> None:
    lined.done("%%mlops track --name guessed\nslope = 5")
    card = lined.done("%mlops show guessed").value
    with lined.here():
        view = _widget(card.settings, card.run_id, {})
        view._answers["hypothesis"]({"text": "it <b>bends</b>"})
    assert lined.done("%mlops show guessed").value.to_dict()["hypothesis"] == "it <b>bends</b>"


def test_a_run_whose_code_is_not_known_says_so(lined: Notebook) -> None:
    lined.done("import mlflow\nmlflow.MlflowClient().create_run('0', run_name='bare').info.run_id")
    told = payload(lined, lined.done("%mlops show bare").value)
    assert told["code"] == {"cells": [], "note": "its code was not recorded", "commands": []}
