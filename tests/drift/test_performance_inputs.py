"""What cannot be estimated is said in two lines, without a value of the data; odd rows are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.drift.performance import PerformanceResult, estimate_performance
from jupyter_mlops.errors import BadInputError

SECRET = "Zanzibar"


def loans(rows: int = 400, seed: int = 0) -> pd.DataFrame:
    g = np.random.default_rng(seed)
    score = g.random(rows)
    return pd.DataFrame(
        {
            "id": range(rows),
            "at": pd.date_range("2026-01-01", periods=rows, freq="h"),
            "score": score,
            "other": 1 - score,
            "repaid": (g.random(rows) < score).astype(int),
            "amount": g.normal(100, 10, rows),
        }
    )


def asked(before: Any = None, later: Any = None, **more: Any) -> PerformanceResult:
    before = loans() if before is None else before
    later = loans(seed=1) if later is None else later
    return estimate_performance(before, later, **({"target": "repaid", "score": "score"} | more))


def words(said: list[str]) -> pd.DataFrame:
    return loans(len(said)).assign(repaid=said)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no target": ({"target": "repayed"}, "Did you mean 'repaid'"),
    "no score column": ({"later": loans().drop(columns="score")}, "current data has no column 'score'"),
    "no frame": ({"later": [1, 2]}, "is a list, not"),
    "no rows": ({"later": loans()[:0]}, "has no rows"),
    "few rows": ({"before": loans(30)}, "30 rows with a label"),
    "nothing said": ({"score": None}, "Nothing of what the model said"),
    "score and scores": ({"scores": {0: "other", 1: "score"}}, "both given"),
    "one column twice": ({"score": "repaid"}, "name the same column"),
    "one class": ({"before": loans().assign(repaid=1)}, "has 1 class."),
    "no class": ({"before": loans().assign(repaid=np.nan)}, "has no classes"),
    "no positive one": ({"before": words(["yes", "no"] * 50)}, "positive one is not known"),
    "a strange positive one": ({"positive": SECRET}, "none of the target's two labels"),
    "three classes, one score": ({"before": words(["a", "b", "c"] * 50)}, "has 3 classes, and score="),
    "scores of too few classes": ({"score": None, "scores": {1: "score"}}, "leaves out 1 and adds 0"),
    "above 1": ({"later": loans().assign(score=lambda rows: rows["score"] * 100)}, "outside of 0 to 1"),
    "infinite": ({"later": loans().assign(score=np.inf)}, "infinite values"),
    "all missing": ({"later": loans().assign(score=np.nan)}, "missing values only"),
    "text for a score": ({"later": loans().assign(score=SECRET)}, "holds no numbers"),
    "other labels": ({"later": loans().assign(repaid=SECRET)}, "400 of 400 labels are none of"),
    "other predictions": (
        {"prediction": "said", "before": loans().assign(said=1), "later": loans().assign(said=SECRET)},
        "400 of 400 current predictions",
    ),
    "labels nowhere": (
        {"labels": loans().assign(id=lambda rows: rows["id"] + 1000), "key": "id"},
        "No label belongs to a current row",
    ),
    "keys of another type": (
        {"labels": loans().assign(id=lambda rows: rows["id"].astype(str)), "key": "id"},
        "No label belongs to a current row",
    ),
    "two labels": ({"labels": pd.concat([loans(), loans()]), "key": "id"}, "have several labels"),
    "labels without key": ({"labels": loans(10)}, "10 labels for 400 rows, and no key"),
    "labels without target": ({"labels": loans()[["id"]], "key": "id"}, "labels have no column 'repaid'"),
    "rows without key": ({"later": loans().drop(columns="id"), "labels": loans(), "key": "id"}, "'id'"),
    "no time": ({"every": "1D"}, "needs times"),
    "numbers for times": ({"time": "amount"}, "holds numbers, not times"),
    "text for times": ({"time": "at", "later": loans().assign(at=SECRET)}, "cannot be read as times"),
    "no such period": ({"time": "at", "every": "fortnight"}, "none that is known"),
    "no rows in a chunk": ({"chunk_rows": 0}, "not a whole number above 0"),
    "two ways to cut": ({"chunk_rows": 10, "chunks": 2}, "in two ways"),
    "no such metric": ({"metrics": ["roc_acu"]}, "Did you mean 'roc_auc'"),
    "no metric": ({"metrics": []}, "metrics= is empty"),
    "no such task": ({"task": "ranking"}, "none of auto, binary"),
    "another task": ({"task": "regression"}, "does not go with"),
    "a regression of words": (
        {"target": "what", "score": None, "prediction": "amount", "before": loans().assign(what=SECRET)},
        "holds no numbers",
    ),
    "no name for a target": ({"target": None}, "target= is not the name"),
    "scores without classes": ({"score": None, "scores": ["score"]}, "which column belongs to which class"),
    "nested labels": ({"before": loans().assign(repaid=[[1]] * 400)}, "nested values"),
    "no prediction": (
        {"prediction": "said", "before": loans().assign(said=1), "later": loans().assign(said=np.nan)},
        "No current row has both",
    ),
    "errors too large": (
        {"target": "amount", "score": None, "prediction": "score", "before": loans().assign(amount=1e200)},
        "too large to be squared",
    ),
    "the target as a feature": (
        {"target": "amount", "score": None, "prediction": "score", "features": ["amount"]},
        "names the target",
    ),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        asked(**given)
    message = str(caught.value)
    assert told in message
    assert len(message.splitlines()) == 2
    assert SECRET not in message


def test_rows_that_say_nothing_are_left_out_and_counted() -> None:
    before, later = loans(), loans(seed=1)
    before.loc[:9, "repaid"] = np.nan
    later.loc[:39, "score"] = np.nan
    later.loc[390:, "at"] = pd.NaT
    result = asked(before, later, time="at", chunks=10)
    assert result.notes == (
        "10 reference rows lack a label or a prediction and do not count.",
        "40 current rows lack a prediction and do not count.",
        "10 current rows have no time and are in no chunk.",
    )
    auc = result.metric("roc_auc")
    assert [chunk.rows for chunk in result.chunks] == [39] * 10
    assert [chunk.scored for chunk in result.chunks][:2] == [0, 38]
    assert np.isnan(auc.estimated[0])
    assert auc.estimated_state[0] == "unknown"
    assert result.to_dict()["metrics"][0]["estimated"][0] is None


def test_labels_of_which_none_has_arrived_are_no_mistake() -> None:
    later = loans(seed=1).drop(columns="repaid")
    none_yet = loans()[["id", "repaid"]][:0]
    result = asked(later=later, labels=none_yet, key="id")
    assert result.to_dict() == asked(later=later).to_dict()
    assert result.metrics[0].realised is None


def test_times_of_arrow_have_periods() -> None:
    told = [
        asked(before, later, time="at", every="7D").to_json()
        for before, later in (
            (loans(), loans(seed=1)),
            tuple(each.convert_dtypes(dtype_backend="pyarrow") for each in (loans(), loans(seed=1))),
        )
    ]
    assert told[0] == told[1]


def test_two_classes_with_a_score_each_are_two_classes() -> None:
    assert asked(score=None, scores={0: "other", 1: "score"}).to_dict() == asked().to_dict()


def test_one_row_and_a_chunk_of_one_class_have_no_area_and_no_alarm() -> None:
    later = loans(seed=1).sort_values("repaid")
    result = asked(later=later, chunks=4)
    auc = result.metric("roc_auc")
    assert auc.realised is not None
    assert np.isnan(auc.realised[0])
    assert result.states(auc)[0] in {"ok", "too few rows"}
    single = asked(later=later[:1])
    assert [chunk.rows for chunk in single.chunks] == [1]
    assert "alarm" not in single.states(single.metric("accuracy"))


def test_a_regression_leaves_out_what_a_model_of_the_error_cannot_use() -> None:
    g = np.random.default_rng(0)
    frame = loans().assign(
        said=lambda rows: rows["amount"] + 1,
        many=[f"w{each}" for each in g.integers(0, 10**9, 400)],
        nested=[[1]] * 400,
        empty=np.nan,
        wild=np.where(g.random(400) < 0.1, np.inf, 1.0),
    )
    result = estimate_performance(frame, frame, target="amount", prediction="said", key="id", chunks=2)
    assert result.notes == (
        "The model of the error does without 'at', 'nested', 'empty': no numbers or texts.",
    )
    assert result.metric("mae").estimated == pytest.approx((1, 1))
    assert result.verdict == "ok"
