"""What `drift` takes for its two sides: models, snapshots, data of runs, files, other libraries' frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import jupyter_mlops
from jupyter_mlops.cli import run as mlops
from jupyter_mlops.drift.profile import profile_frame
from jupyter_mlops.errors import BadInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from the_story import Story


@pytest.fixture
def older(at_story: Story) -> pd.DataFrame:
    """The hold-out ten years later, with a column of times."""
    import pandas as pd

    held = at_story.frame().reset_index(drop=True)
    times = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(held)), unit="h")
    return held.assign(age=held["age"] + 10, when=times)


def test_a_model_stands_for_its_training_rows_and_tells_its_answers_and_performance(
    older: pd.DataFrame,
) -> None:
    report = jupyter_mlops.drift("income@champion", older, time="when", every="10D")
    kinds = report.columns.set_index("column")
    assert kinds.loc["age", "verdict"] == "drift"
    assert {"prediction", "score"} <= set(kinds.index)
    assert "when" not in kinds.index
    performance = report.performance
    assert performance is not None
    assert len(performance.chunks) == len(report.over_time.labels)
    assert "roc_auc" in {metric.name for metric in performance.metrics}
    assert all(metric.realised is None for metric in performance.metrics)
    told = json.loads(report.to_json())
    assert told["performance"]["metrics"][0]["estimated"][0] > 0


def test_true_answers_that_are_there_make_the_performance_realised(
    at_story: Story, older: pd.DataFrame
) -> None:
    answers = older.assign(income=at_story.values["y_test"].to_numpy())
    report = jupyter_mlops.drift("income", answers, target="income")
    assert report.performance is not None
    assert report.performance.metrics[0].realised is not None


def test_data_of_a_run_is_compared_with_a_file(at_story: Story, older: pd.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / "older.parquet"
    older.to_parquet(file)
    report = jupyter_mlops.drift("plain line:X_train", file, columns=["age"])
    assert report.drifted == ["age"]
    assert report.performance is None


def test_a_profile_and_a_frame_of_polars_are_sides_like_others(older: pd.DataFrame) -> None:
    report = jupyter_mlops.drift(profile_frame(older), pl.from_pandas(older), time="when")
    assert report.drifted == []
    with pytest.raises(BadInputError, match="'by' needs rows"):
        jupyter_mlops.drift(profile_frame(older), older, by="sex")


def test_all_columns_together_and_the_reference_itself_are_looked_at_when_asked(older: pd.DataFrame) -> None:
    report = jupyter_mlops.drift(
        older.drop(columns="when"), older.drop(columns="when"), together=True, calibrate=True, by="sex"
    )
    assert {test.verdict for test in report.multivariate or ()} == {"ok"}
    assert report.with_itself is not None
    assert report.with_itself.flagged <= 2
    assert {each.label for each in report.segments.segments} == {"Male", "Female"}
    assert report.dataset_verdict == "ok"


def test_the_shell_ends_with_the_answer(at_story: Story, older: pd.DataFrame, tmp_path: Path) -> None:
    older.to_parquet(tmp_path / "b.parquet")
    at_story.frame().to_parquet(tmp_path / "a.parquet")
    same, other = str(tmp_path / "a.parquet"), str(tmp_path / "b.parquet")
    assert mlops(["drift", same, same, "--json"]) == 0
    assert mlops(["drift", same, other, "--columns", "age"]) == 1
    assert mlops(["drift", "income@champion", other, "--time", "nowhere"]) == 2


@pytest.mark.parametrize(
    ("reference", "error"),
    [("nothing@champion", NotFoundError), ("no.csv", NotFoundError), ("plain line:Z", NotFoundError)],
)
def test_what_is_not_there_is_named(older: pd.DataFrame, reference: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        jupyter_mlops.drift(reference, older)


def test_rows_that_the_model_does_not_take_are_refused(older: pd.DataFrame) -> None:
    with pytest.raises(BadInputError, match="no column 'age'"):
        jupyter_mlops.drift("income@champion", older.drop(columns="age"))


def test_a_frame_is_validated_against_a_model_and_against_data_of_a_run(older: pd.DataFrame) -> None:
    assert jupyter_mlops.validate(older[["age"]], "plain line:X_train", columns=["age"]).ok
    report = jupyter_mlops.validate(older.assign(age=-1), "income@champion", columns=["age"])
    assert not report.ok


def test_where_a_models_rows_are_not_at_hand_its_profile_stands_for_them(
    at_story: Story, older: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_mlops.settings import load_settings

    monkeypatch.setenv("MLFLOW_TRACKING_URI", load_settings().tracking_uri)
    monkeypatch.setenv("MLOPS_PROJECT", str(tmp_path))  # another machine, with the same registry
    report = jupyter_mlops.drift("income@champion", older.drop(columns="when"))
    kinds = report.columns.set_index("column")
    assert kinds.loc["age", "verdict"] == "drift"
    assert kinds.loc["fnlwgt", "verdict"] == "ok"
    assert "income" not in kinds.index
    assert {"prediction", "score"} <= set(kinds.index)
    assert kinds.loc["prediction", "kind"] != "one-sided"
