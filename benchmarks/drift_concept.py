"""Detectors of concept drift beside dummies that look at nothing: planted changes, people's marks, a market.

Dummies alarm as often as the detector beside them, at a fixed interval or at random. With
``MLOPS_DRIFT_DATA`` also the series of the Turing Change Point Dataset that five people marked, and the
electricity market, where a model is made anew at each alarm. Needs river.
"""

from __future__ import annotations

import json
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.runner import Report
from benchmarks.tables import Table
from jupyter_mlops.drift.concept import change_point_score, detect_concept_drift
from jupyter_mlops.drift.concept.detectors import DETECTORS, at_random, fixed_interval, make

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from benchmarks.runner import Options
    from jupyter_mlops.drift.concept import Score

_AT, _AFTER, _WITHIN = 50_000, 40_000, 5000
_SEEDS, _QUICK_SEEDS, _DRAWS = 20, 2, 200
_QUICK_ROWS = 3000
_NOTES = (
    "planted: 90,000 errors, 20 % at first, 30 % from row 50,000 on; found: an alarm within 5,000 of it.",
    "The change is not in the middle, where a single alarm at a fixed interval is.",
    "change points, as TCPD has it: a margin of 5 points, recall averaged over annotators, 0 in every set.",
    "Brent is looked at in the 500 points that the annotators saw: every tenth row from 3,200 on.",
    "random: the mean of 200 draws; silent: no alarm at all.",
    "electricity: each row is predicted, then learned by a Hoeffding tree, which starts anew after an alarm.",
)
_NO_DATA = "MLOPS_DRIFT_DATA names no folder: no change points and no electricity."


def measure(options: Options) -> Report:
    """Planted changes, then the data sets if they are there."""
    planted = measure_planted(_QUICK_SEEDS if options.is_quick else _SEEDS, options)
    tables = [planted_table(planted)]
    data: dict[str, Any] = {"planted": planted}
    folder = os.environ.get("MLOPS_DRIFT_DATA")
    if folder:
        place = Path(folder).expanduser()
        data["change points"] = measure_change_points(place / "change_points")
        data["electricity"] = measure_electricity(
            pd.read_parquet(place / "electricity.parquet")[: _QUICK_ROWS if options.is_quick else None],
            options,
        )
        tables += [change_points_table(data["change points"]), electricity_table(data["electricity"])]
    return Report(tuple(tables), _NOTES if folder else (*_NOTES, _NO_DATA), data)


def measure_planted(seeds: int, options: Options) -> dict[str, list[dict[str, Any]]]:
    """Rows of the alarms for each detector and seed."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in DETECTORS}
    for seed in range(seeds):
        options.say(f"planted, seed {seed}")
        g = np.random.default_rng(seed)
        errors = np.r_[g.random(_AT) < 0.2, g.random(_AFTER) < 0.3].astype(int)
        frame = pd.DataFrame({"wrong": errors})
        for name, runs in found.items():
            before = time.process_time()
            result = detect_concept_drift(frame, column="wrong", detector=name, seed=seed)
            runs.append(
                {
                    "cpu": time.process_time() - before,
                    "own": [alarm.row for alarm in result.alarms],
                    **{dummy: list(rows) for dummy, rows in result.dummies.items()},
                }
            )
    return found


def planted_table(found: dict[str, list[dict[str, Any]]]) -> Table:
    """How often the change was found, how late, and how many alarms were false."""
    rows = []
    for name, runs in found.items():
        for who in ("own", "fixed interval", "random"):
            delays = [_delay(run[who]) for run in runs]
            hits = [delay for delay in delays if delay is not None]
            false = [len([row for row in run[who] if row < _AT]) for run in runs]
            rows.append(
                (
                    name if who == "own" else f"{name}: {who}",
                    f"{len(hits)} of {len(runs)}",
                    f"{np.median(hits):,.0f}" if hits else "",
                    f"{np.mean(false):.2f}",
                    f"{np.mean([run['cpu'] for run in runs]):.2f}" if who == "own" else "",
                )
            )
    return Table("Planted", ("detector", "found", "median delay", "false before", "CPU s"), tuple(rows))


def measure_change_points(place: Path) -> list[dict[str, Any]]:
    """Scores for each series, column and detector."""
    found = []
    for series, told in json.loads((place / "annotations.json").read_text("utf-8")).items():
        seen = told["first_row"] + told["row_step"] * np.arange(told["annotated_length"])
        frame = pd.read_csv(place / told["file"]).iloc[seen].reset_index(drop=True)
        marks = list(told["annotations"].values())
        for column in told["value_columns"]:
            for name in ("adwin", "page-hinkley"):
                result = detect_concept_drift(frame, column=column, detector=name)
                alarms = [alarm.row for alarm in result.alarms]
                drawn = [
                    change_point_score(at_random(len(frame), len(alarms), seed), marks)
                    for seed in range(_DRAWS)
                ]
                found.append(
                    {
                        "series": f"{series}, {column}",
                        "detector": name,
                        "alarms": [int(seen[row]) for row in alarms],
                        "own": _scores([change_point_score(alarms, marks)]),
                        "fixed": _scores([change_point_score(result.dummies["fixed interval"], marks)]),
                        "random": _scores(drawn),
                        "silent": _scores([change_point_score([], marks)]),
                    }
                )
    return found


def change_points_table(found: list[dict[str, Any]]) -> Table:
    """One row for each series and detector."""
    rows = [
        (
            f"{one['series']}: {one['detector']}",
            f"{len(one['alarms'])}",
            *(f"{value:.2f}" for value in one["own"].values()),
            *(f"{one[dummy]['f1']:.2f}" for dummy in ("fixed", "random", "silent")),
        )
        for one in found
    ]
    for name in ("adwin", "page-hinkley"):
        those = [one for one in found if one["detector"] == name]
        means = [np.mean([one["own"][what] for one in those]) for what in ("precision", "recall", "f1")]
        others = [np.mean([one[dummy]["f1"] for one in those]) for dummy in ("fixed", "random", "silent")]
        rows.append((f"mean: {name}", "", *(f"{value:.2f}" for value in [*means, *others])))
    columns = ("series", "alarms", "precision", "recall", "F1", "F1 fixed", "F1 random", "F1 silent")
    return Table("Change points", columns, tuple(rows))


def measure_electricity(frame: pd.DataFrame, options: Options) -> list[dict[str, Any]]:
    """Prequential accuracy of what is told by no model, by a model, and by one that starts anew at alarms."""
    labels = frame["class"].tolist()
    rows = frame.drop(columns="class").to_dict("records")
    same = [0, *(int(a == b) for a, b in pairwise(labels))]
    found = [{"what": "same label as before", "accuracy": float(np.mean(same)), "restarts": 0}]

    def tried(what: str, restarts: Callable[[int, int], bool]) -> int:
        options.say(f"electricity, {what}")
        accuracy, number = _prequential(rows, labels, restarts)
        found.append({"what": what, "accuracy": accuracy, "restarts": number})
        return number

    tried("tree", lambda row, wrong: False)
    for name in DETECTORS:
        number = tried(f"tree, anew by {name}", _alarms_of(name))
        tried("… at a fixed interval", _at(fixed_interval(len(rows), number)))
        tried("… at random", _at(at_random(len(rows), number, 0)))
    tried("tree, anew every 50 rows", lambda row, wrong: row % 50 == 49)
    return found


def electricity_table(found: list[dict[str, Any]]) -> Table:
    """One row a way."""
    rows = tuple((one["what"], f"{one['accuracy']:.2%}", f"{one['restarts']:,}") for one in found)
    return Table("Electricity: prequential accuracy", ("what", "accuracy", "restarts"), rows)


def _prequential(
    rows: Sequence[dict[Any, Any]], labels: Sequence[int], restarts: Callable[[int, int], bool]
) -> tuple[float, int]:
    from river.tree import HoeffdingTreeClassifier

    model, right, number = HoeffdingTreeClassifier(), 0, 0
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        wrong = int((model.predict_one(row) or 0) != label)
        right += 1 - wrong
        if restarts(i, wrong):
            model = HoeffdingTreeClassifier()
            number += 1
        model.learn_one(row, label)
    return right / len(rows), number


def _alarms_of(name: str) -> Callable[[int, int], bool]:
    detector = make(name, {})

    def alarmed(row: int, wrong: int) -> bool:
        del row
        detector.update(wrong)
        return detector.drift_detected

    return alarmed


def _at(places: Collection[int]) -> Callable[[int, int], bool]:
    chosen = set(places)
    return lambda row, wrong: row in chosen


def _delay(rows: Sequence[int]) -> int | None:
    return next((row - _AT for row in rows if _AT <= row < _AT + _WITHIN), None)


def _scores(scores: Sequence[Score]) -> dict[str, float]:
    return {
        what: float(np.mean([getattr(score, what) for score in scores]))
        for what in ("precision", "recall", "f1")
    }
