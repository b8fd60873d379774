"""The MLflow run of a pipeline's run: parameters, metrics, data and the model with its signature."""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import PipelineError
from .running import Given, Outcome
from .sources import without_secrets
from .steps import Project

_EXAMPLE_ROWS = 5
_MAX_TEXT = 500
_STORE = "MLFLOW_TRACKING_URI"


@contextmanager
def tracked(pipeline: Project) -> Iterator[str]:
    """An MLflow run that is finished, or failed, with what is done while it lasts; gives its id.

    It goes where MLflow's own settings say, else into `mlflow.db` of the project's folder. Under
    ``mlflow run`` it is the run that MLflow has begun.
    """
    try:
        import mlflow
    except ImportError as error:
        raise PipelineError(
            "MLflow is not installed here", "Install it, or leave it out: --no-track"
        ) from error
    if not os.environ.get(_STORE) and not os.environ.get("MLFLOW_RUN_ID"):
        mlflow.set_tracking_uri(f"sqlite:///{(pipeline.folder / 'mlflow.db').as_posix()}")
    if not os.environ.get("MLFLOW_RUN_ID") and not os.environ.get("MLFLOW_EXPERIMENT_NAME"):
        mlflow.set_experiment(pipeline.name)
    with mlflow.start_run() as begun:
        yield str(begun.info.run_id)


def log(pipeline: Project, given: Given, outcome: Outcome) -> None:
    """Write a run's facts and its model into the active MLflow run."""
    import mlflow

    active = mlflow.active_run()
    known = active.data.params if active else {}  # `mlflow run` has logged those it was given
    params = {name: str(value)[:_MAX_TEXT] for name, value in given.params.items()}
    if pipeline.model is not None:
        found = _model_params(outcome.values[pipeline.model])
        params = {**{name: text for name, text in found.items() if name not in params}, **params}
    mlflow.log_params({name: text for name, text in params.items() if name not in known})
    mlflow.log_metrics(outcome.metrics)
    for name, place in given.sources.items():
        _log_data(name, place, outcome.data.get(name, ""))
    mlflow.set_tag("pipeline.steps_skipped", ", ".join(outcome.skipped) or "none")
    for name in ("params.yaml", "requirements.txt"):
        if (pipeline.folder / name).is_file():
            mlflow.log_artifact(str(pipeline.folder / name), "pipeline")
    if pipeline.model is not None:
        _log_model(pipeline, outcome)


def _log_data(name: str, place: str, digest: str) -> None:
    """The data source as an input of the run, known by the digest of its content."""
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    shown = without_secrets(place)
    digest = digest or hashlib.sha256(shown.encode()).hexdigest()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = MetaDataset(CodeDatasetSource({"source": shown}), name=name, digest=digest[:36])
    mlflow.log_input(data, context="training")


def _log_model(pipeline: Project, outcome: Outcome) -> None:
    import mlflow
    import mlflow.sklearn
    from mlflow.models import infer_signature

    model = outcome.values[str(pipeline.model)]
    rows = outcome.values.get(pipeline.features) if pipeline.features else _rows(model, outcome)
    signature = None
    logging.getLogger("mlflow.sklearn").setLevel(logging.ERROR)  # the model is a pickle: that is chosen here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about integers without missing values, for each column
        if rows is not None:
            signature = infer_signature(rows, model.predict(rows[:_EXAMPLE_ROWS]))
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=signature,
            input_example=None if rows is None else rows[:_EXAMPLE_ROWS],
            serialization_format="cloudpickle",
            pip_requirements=_requirements(pipeline.folder),
            code_paths=[str(pipeline.folder / pipeline.name)],
        )


def _rows(model: Any, outcome: Outcome) -> Any:
    """The columns that the model was fitted on, of the first frame that has them; None without one."""
    names = list(getattr(model, "feature_names_in_", ()))
    frames = (value for value in outcome.values.values() if hasattr(value, "columns"))
    return next((frame[names] for frame in frames if names and set(names) <= set(frame.columns)), None)


def _requirements(folder: Path) -> list[str] | None:
    try:
        lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    except OSError:
        return None
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")] or None


def _model_params(model: Any) -> Mapping[str, str]:
    """Parameters of the model that are not its defaults; of a pipeline, those of its last step."""
    last = model.steps[-1][1] if getattr(model, "steps", None) else model
    found = {"estimator": type(last).__name__}
    try:
        params, defaults = last.get_params(deep=False), type(last)().get_params(deep=False)
    except (AttributeError, TypeError):
        return found
    simple = (int, float, str, bool, type(None))
    changed = {
        name: value
        for name, value in params.items()
        if isinstance(value, simple) and value != defaults.get(name)
    }
    return found | {name: str(value)[:_MAX_TEXT] for name, value in changed.items()}
