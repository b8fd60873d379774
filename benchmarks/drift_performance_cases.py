"""Models whose performance is estimated: on what they are, and on what comes later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.drift_data import read
from jupyter_mlops.drift.performance import PerformanceResult, estimate_performance
from jupyter_mlops.drift.performance.classification import BINARY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A reference, later rows with labels, and how to ask about them."""

    name: str
    reference: pd.DataFrame
    current: pd.DataFrame
    asked: dict[str, Any] = field(default_factory=dict)

    def estimated(self) -> PerformanceResult:
        """The result, with the labels known."""
        return estimate_performance(self.reference, self.current, **self.asked)


def cases(place: Path | None) -> Iterator[Case]:
    """All of them but the car loans, one after the other."""
    yield digits()
    yield planted_regression()
    if place:
        yield rides(place)
        yield from electricity(place)


def car_loans(place: Path) -> Case:
    """NannyML's, with drift from chunk 6 on."""
    before, later, labels = (
        pd.read_parquet(place / f"car_loan_{name}.parquet") for name in ("reference", "analysis", "targets")
    )
    asked = {
        "target": "repaid", "score": "y_pred_proba", "prediction": "y_pred", "labels": labels, "key": "id",
        "time": "timestamp", "chunk_rows": 5000, "metrics": BINARY.metrics,
    }  # fmt: skip
    return Case("car loans", before, later, asked)


def digits() -> Case:
    """Ten classes; in the later half pixels are blurred by noise, which a model has not seen."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order], y[order]
    model = LogisticRegression(max_iter=2000).fit(X[:400], y[:400])
    noise = np.random.default_rng(1).normal(0, 4, X.shape) * (np.arange(len(X)) >= 1400)[:, None]
    frame = pd.DataFrame(model.predict_proba(X + noise), columns=[f"p{k}" for k in range(10)]).assign(digit=y)
    asked = {"target": "digit", "scores": {k: f"p{k}" for k in range(10)}, "chunk_rows": 200}
    return Case("digits, noise later", frame[400:1000], frame[1000:], asked)


def planted_regression() -> Case:
    """Errors that grow with a feature, and later rows that have more of it."""

    def rows(n: int, seed: int, most: float) -> pd.DataFrame:
        g = np.random.default_rng(seed)
        size = g.uniform(1, most, n)
        kind = g.choice(["new", "old"], n)
        return pd.DataFrame(
            {
                "size": size,
                "kind": kind,
                "said": 3 * size,
                "price": 3 * size + g.normal(0, 0.2 * size * np.where(kind == "old", 2, 1)),
            }
        )

    before = pd.concat([rows(15_000, 0, 5), rows(5000, 1, 10)]).sample(frac=1, random_state=0)
    later = pd.concat([rows(5000, 2, 5), rows(5000, 3, 10)])
    return Case(
        "planted regression", before, later, {"target": "price", "prediction": "said", "chunk_rows": 1000}
    )


def rides(place: Path) -> Case:
    """Power from a cyclist's sensors: fitted on the first ride, the last one is unlike all before."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    frame = pd.read_csv(place / "bike_rides.csv", parse_dates=["timestamp"])
    sensors = ["heart-rate", "cadence", "speed", "acceleration", "slope"]
    ride = frame["timestamp"].dt.date.rank(method="dense").to_numpy()
    model = HistGradientBoostingRegressor(random_state=0).fit(
        frame.loc[ride == 1, sensors], frame.loc[ride == 1, "power"]
    )
    said = frame.assign(said=model.predict(frame[sensors]))
    asked = {"target": "power", "prediction": "said", "time": "timestamp", "chunk_rows": 1000}
    return Case("rides", said[(ride == 2) | (ride == 3)], said[ride == 4], asked)


def electricity(place: Path) -> Iterator[Case]:
    """The market changes its rules: concept drift, of which an estimate knows nothing."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    frame = pd.read_parquet(place / "electricity.parquet")
    features = frame.drop(columns="class")
    model = HistGradientBoostingClassifier(random_state=0).fit(features[:8000], frame["class"][:8000])
    said = frame.assign(score=model.predict_proba(features)[:, 1])
    asked = {"target": "class", "score": "score", "chunk_rows": 1500, "metrics": ["accuracy", "roc_auc"]}
    yield Case("electricity, the next 7,500", said[8000:17_000], said[17_000:24_500], asked)
    yield Case("electricity, all later", said[8000:17_000], said[17_000:], asked)


def undrifted(place: Path) -> list[Case]:
    """References whose shuffled halves differ by chance alone; of the rides single seconds, out of order."""
    loans, ridden = car_loans(place), rides(place)
    scores = {"target": "repaid", "score": "y_pred_proba", "prediction": "y_pred"}
    return [
        Case("car loans", loans.reference, loans.current, scores),
        census(place),
        Case("rides", ridden.reference, ridden.current, {"target": "power", "prediction": "said"}),
    ]


def census(place: Path) -> Case:
    """Incomes in the census: fitted on 10,000 rows, asked about the others."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = read(place, "adult_income_data.csv")
    numbers = frame.select_dtypes("number")
    label = (frame["income"] == ">50K").astype(int)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(numbers[:10_000], label[:10_000])
    said = pd.DataFrame({"score": model.predict_proba(numbers)[:, 1], "rich": label})[10_000:]
    return Case("census", said, said, {"target": "rich", "score": "score"})
