"""What MLflow itself knows of a run's surroundings: the data it read and the models it logged."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_mlops.settings import without_secrets
from jupyter_mlops.tracking.client import connect, store_errors

if TYPE_CHECKING:
    from jupyter_mlops.settings import Settings
    from jupyter_mlops.tracking.read_runs import Run

_MOST_MODELS = 50
_MOST_CHARACTERS = 400


@dataclass(frozen=True)
class Linked:
    """Data that a run read, or a model it logged: its name, and what is known of it by label."""

    name: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RunLinks:
    """What went into a run and what came out of it."""

    data: tuple[Linked, ...]
    models: tuple[Linked, ...]


def run_links(settings: Settings, run: Run) -> RunLinks:
    """Ask MLflow for the datasets and the logged models of a run.

    Raises:
        StoreError: the tracking store cannot be used.
    """
    client = connect(settings)
    with store_errors(settings.tracking_uri):
        found = client.get_run(run.run_id)
        inputs = found.inputs.dataset_inputs if found.inputs else []
        models = client.search_logged_models(
            [found.info.experiment_id], f"source_run_id = '{found.info.run_id}'", max_results=_MOST_MODELS
        )
    return RunLinks(tuple(map(_data, inputs)), tuple(map(_model, models)))


def _data(used: Any) -> Linked:
    tags = {tag.key: tag.value for tag in used.tags}
    facts = {
        "context": tags.get("mlflow.data.context"),
        "digest": used.dataset.digest,
        "source": _source(used.dataset.source),
        **_sizes(used.dataset.profile),
    }
    return Linked(used.dataset.name, _told(facts))


def _model(model: Any) -> Linked:
    metrics = {metric.key: f"{metric.value:.6g}" for metric in model.metrics or ()}
    facts = {"type": model.model_type, "status": str(model.status), **metrics, **(model.params or {})}
    return Linked(model.name or model.model_id, _told(facts))


def _source(text: str | None) -> str | None:
    """The address in MLflow's description of a source, where there is one."""
    with contextlib.suppress(ValueError, TypeError):
        told = json.loads(text or "")
        known = (str(told[key]) for key in ("uri", "url", "path") if key in told)
        return next(map(without_secrets, known), None)
    return None


def _sizes(text: str | None) -> dict[str, str]:
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        told = json.loads(text or "{}")
        return {key.removeprefix("num_"): f"{told[key]:,}" for key in ("num_rows",) if key in told}
    return {}


def _told(facts: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((label, str(value)[:_MOST_CHARACTERS]) for label, value in facts.items() if value)
