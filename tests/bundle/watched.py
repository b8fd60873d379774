"""A model's rows, and requests with them as the server hands them over."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tracking.waiting import until

from jupyter_mlops.bundle.reference import as_json, reference_profile
from jupyter_mlops.bundle.runtime.batch import Batch
from jupyter_mlops.bundle.runtime.schema import Column
from jupyter_mlops.bundle.runtime.watch import Answered, EngineInfo, Watch, WatchSettings
from jupyter_mlops.snapshot.schema import infer_schema

if TYPE_CHECKING:
    from pathlib import Path

CITIES = ("Lyon", "Porto", "Turku")


def rows(count: int, seed: int = 0, shift: float = 0.0) -> pd.DataFrame:
    """A column of every type; `shift` moves the numbers and the shares of the cities."""
    random = np.random.default_rng(seed)
    shares = np.array([0.6, 0.3, 0.1]) + np.array([-1, 0, 1]) * min(shift, 1) / 4
    income = random.normal(30 + 5 * shift, 10, count).round(2)
    income[random.random(count) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "age": random.integers(18, 90, count),
            "income": income,
            "small": random.normal(0, 1, count).astype(np.float32),
            "member": random.random(count) < 0.3,
            "city": random.choice(CITIES, count, p=shares),
            "since": pd.Timestamp("2020-01-01", tz="UTC")
            + pd.to_timedelta(random.integers(0, 10**6, count), unit="min"),
        }
    )


def columns_of(frame: pd.DataFrame) -> list[Column]:
    return [Column(each.name, each.type, each.nullable, each.dtype) for each in infer_schema(frame).columns]


def as_batch(frame: pd.DataFrame, columns: list[Column]) -> Batch:
    """The rows as a protocol makes them: plain values, times as arrays."""
    values: list[Any] = []
    for column in columns:
        series = frame[column.name]
        if column.type == "datetime":
            values.append(series.dt.tz_convert(None).to_numpy())
        elif column.dtype == "float32":
            values.append(series.to_numpy())
        else:
            values.append([None if pd.isna(value) else value for value in series.tolist()])
    return Batch(columns, values, len(frame))


@dataclass
class Service:
    """A watch over a model that was trained on 2,000 rows."""

    folder: Path
    settings: WatchSettings = field(default_factory=WatchSettings)
    classes: list[Any] | None = field(default_factory=lambda: ["no", "yes"])
    trained_on: pd.DataFrame = field(default_factory=lambda: rows(2_000))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        answers = self.answers(len(self.trained_on))
        profile = reference_profile(self.trained_on, infer_schema(self.trained_on), answers, self.classes)
        (self.folder / "reference.json").write_text(as_json(profile), encoding="utf-8")
        self.columns = columns_of(self.trained_on)
        engines = {"3": EngineInfo("income", "3", "0123456789abcdef", "compiled", self.classes)}
        self.watch = Watch(self.folder, self.columns, engines, self.settings)
        self.watch.start()

    def answers(self, count: int) -> np.ndarray[Any, Any]:
        if self.classes is None:
            return np.linspace(-5, 5, count)
        return np.array(self.classes, dtype=object)[np.arange(count) % len(self.classes)]

    def ask(
        self,
        frame: pd.DataFrame,
        request_id: str = "r-1",
        answer: Any = None,
        method: str = "predict",
        chances: Any = None,
    ) -> None:
        given = self.answers(len(frame)) if answer is None else answer
        stages = (0.00003, 0.00002, 0.0002, 0.00001)
        batch = as_batch(frame, self.columns)
        seen = Answered(
            request_id,
            time.time(),
            "/invocations",
            "mlflow",
            "3",
            method,
            batch,
            given,
            0.0004,
            stages,
            chances,
        )
        self.watch.answered(seen)

    def counted(self, count: int) -> None:
        """Wait until so many rows were taken in."""
        until(lambda: self.watch.rows >= count, "counting")

    def stop(self) -> None:
        self.watch.stop(90)
