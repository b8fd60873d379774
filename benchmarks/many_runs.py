"""Thousands of MLflow runs in seconds: the rows that MLflow writes to its SQLite store, inserted directly.

Try it: ``python -m benchmarks.many_runs sqlite:////tmp/many/mlflow.db --runs 10000``
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SCORES = ("auc", "accuracy", "precision", "recall", "f1", "log_loss", "brier", "rmse", "mae", "r2")
_SPLITS = ("valid", "test", "train")
_FIRST_START = 1_767_225_600_000
"""2026-01-01 in MLflow's milliseconds."""
_APART = 61_000
_PARAMS = {
    "learning_rate": lambda draw: f"{10 ** draw.uniform(-4, -0.5):.6g}",
    "max_depth": lambda draw: str(draw.randint(2, 12)),
    "model": lambda draw: draw.choice(
        ("LogisticRegression", "RandomForestClassifier", "HistGradientBoosting")
    ),
    "C": lambda draw: f"{10 ** draw.uniform(-3, 3):.4g}",
    "n_estimators": lambda draw: str(draw.choice((50, 100, 200, 400))),
    "min_samples_leaf": lambda draw: str(draw.randint(1, 40)),
    "max_features": lambda draw: draw.choice(("sqrt", "log2", "None")),
    "random_state": lambda draw: str(draw.randint(0, 4)),
    "subsample": lambda draw: f"{draw.uniform(0.5, 1):.3f}",
    "scaler": lambda draw: draw.choice(("StandardScaler()", "RobustScaler()", "None")),
}
_INSERTS = {
    "runs": "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, "
    "start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id, deleted_time) "
    "VALUES (?, ?, 'UNKNOWN', '', '', 'ann', ?, ?, ?, '', 'active', ?, ?, NULL)",
    "tags": "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
    "params": "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
    "metrics": "INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) "
    "VALUES (?, ?, ?, ?, ?, ?)",
    "latest_metrics": "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
    "VALUES (?, ?, ?, ?, ?, ?)",
    "inputs": "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, "
    "step) VALUES (?, 'DATASET', ?, 'RUN', ?, 0)",
    "input_tags": "INSERT INTO input_tags (input_uuid, name, value) VALUES (?, 'mlflow.data.context', ?)",
}


def make_runs(
    uri: str,
    runs: int = 10_000,
    metrics: int = 30,
    params: int = 10,
    seed: int = 0,
    *,
    steps: int = 1,
    experiment: str = "Default",
) -> list[str]:
    """Add runs to a SQLite store, which is made by MLflow if it is not there.

    Args:
        uri: ``sqlite:///…`` with an absolute path.
        runs: how many.
        metrics: how many each; a run in fifty failed and has half of them.
        params: how many each.
        seed: the same numbers for the same seed; ids are new each time.
        steps: values of each metric, the last of which counts.
        experiment: its name; it is made if it is not there.

    Returns:
        The runs' ids, oldest first.
    """
    path = Path(uri.removeprefix("sqlite:///"))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        SqlAlchemyStore(uri, (path.parent / "mlartifacts").as_uri()).engine.dispose()
    draw = random.Random(seed)
    rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in _INSERTS}
    with closing(sqlite3.connect(path, timeout=60)) as store, store:
        home, place = _experiment(store, experiment, path.parent / "mlartifacts")
        data = _datasets(store, home, draw)
        newest = store.execute("SELECT max(start_time) FROM runs").fetchone()[0] or _FIRST_START
        made = []
        for number in range(runs):
            run_id = uuid.uuid4().hex
            made.append(run_id)
            started = newest + (number + 1) * _APART
            failed = draw.random() < 0.02
            ended = started + draw.randint(900, 50_000)
            name = f"run-{number:05d}"
            artifacts = f"{place}/{run_id}/artifacts"
            status = "FAILED" if failed else "FINISHED"
            rows["runs"].append((run_id, name, status, started, ended, artifacts, home))
            rows["tags"] += [(key, value, run_id) for key, value in _tags(name, number)]
            rows["params"] += [(key, value, run_id) for key, value in _params(draw, params)]
            for key, values in _histories(draw, metrics // 2 if failed else metrics, steps):
                logged = [
                    (key, value, started + 10 * step, step, 0, run_id) for step, value in enumerate(values)
                ]
                rows["metrics"] += logged
                rows["latest_metrics"].append(logged[-1])
            given = uuid.uuid4().hex
            rows["inputs"].append((given, draw.choice(data), run_id))
            rows["input_tags"].append((given, "training"))
        for table, insert in _INSERTS.items():
            store.executemany(insert, rows[table])
    return made


def metric_names(count: int) -> list[str]:
    """Names of the metrics that `make_runs` writes."""
    names = [f"{split}_{score}" for split in _SPLITS for score in _SCORES]
    return [*names, *(f"metric_{number:03d}" for number in range(len(names), count))][:count]


def _experiment(store: sqlite3.Connection, name: str, artifacts: Path) -> tuple[int, str]:
    """The experiment's id and place of artifacts."""
    found = store.execute(
        "SELECT experiment_id, artifact_location FROM experiments WHERE name = ?", (name,)
    ).fetchone()
    if found:
        return int(found[0]), str(found[1])
    home = store.execute("SELECT max(experiment_id) + 1 FROM experiments").fetchone()[0]
    place = (artifacts / str(home)).as_uri()
    store.execute(
        "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, "
        "last_update_time, workspace) VALUES (?, ?, ?, 'active', ?, ?, 'default')",
        (home, name, place, _FIRST_START, _FIRST_START),
    )
    return int(home), place


def _datasets(store: sqlite3.Connection, home: int, draw: random.Random) -> list[str]:
    """Three versions of one frame; those that are there are used again, as MLflow does."""
    made = []
    for number in range(3):
        digest = f"{draw.getrandbits(64):016x}{number + 1:04x}"
        found = store.execute(
            "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = 'X_train' AND digest = ?",
            (home, digest),
        ).fetchone()
        made.append(found[0] if found else uuid.uuid4().hex)
        if not found:
            store.execute(
                "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, "
                "dataset_source, dataset_schema, dataset_profile) "
                "VALUES (?, ?, 'X_train', ?, 'mlops', '{}', NULL, NULL)",
                (made[-1], home, digest),
            )
    return made


def _tags(name: str, number: int) -> Iterator[tuple[str, str]]:
    yield "mlflow.runName", name
    yield "mlflow.source.type", "NOTEBOOK"
    yield "mlflow.source.name", "churn.ipynb"
    yield "mlflow.user", "ann"
    yield "mlops.kind", "cell"
    yield "mlops.session", f"{number // 50:032x}"
    yield "mlops.serial", str(number % 50 + 1)
    if number % 4 == 0:
        yield "mlops.hypothesis", f"less noise helps ({number % 7})"
        yield "mlflow.note.content", f"less noise helps ({number % 7})"


def _params(draw: random.Random, count: int) -> Iterator[tuple[str, str]]:
    known = [(name, make(draw)) for name, make in _PARAMS.items()]
    yield from known[:count]
    for number in range(len(known), count):
        yield f"param_{number:03d}", str(draw.randint(0, 9))


def _histories(draw: random.Random, count: int, steps: int) -> Iterator[tuple[str, Sequence[float]]]:
    """Values that rise or fall towards where the run ends."""
    skill = draw.betavariate(5, 2)
    for name in metric_names(count):
        end = min(0.999, max(0.001, skill + draw.gauss(0, 0.03)))
        falls = any(word in name for word in ("loss", "brier", "rmse", "mae"))
        aim = 1 - end if falls else end
        start = aim + 0.4 if falls else aim / 2
        yield name, [aim + (start - aim) * 0.9**step for step in range(steps - 1)] + [aim]


def main() -> None:
    """Make a store with many runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uri")
    for name, value in (("runs", 10_000), ("metrics", 30), ("params", 10), ("seed", 0), ("steps", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--experiment", default="Default")
    asked = parser.parse_args()
    made = make_runs(**vars(asked))
    print(f"{len(made)} runs in {asked.uri}")


if __name__ == "__main__":
    main()
