"""Running the steps in order; what is kept of a step is not made again."""

from __future__ import annotations

import math
import numbers
import random
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .cache import Cache, Result, random_digest, set_random_state
from .errors import PipelineError, StepError
from .keys import key_of
from .sources import content_digest, reading
from .steps import Project, Step


@dataclass
class Outcome:
    """What a run gave: values and metrics by name, the steps that were skipped, and digests of the data."""

    values: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """What a run is given: parameters and data sources by name, and rows to read at most of each table."""

    params: Mapping[str, Any]
    sources: Mapping[str, str]
    sample: int | None = None


def run(
    pipeline: Project,
    given: Given,
    *,
    start: str | None = None,
    force: bool = False,
    cache: Path | None = None,
    on_step: Callable[[Step, float | None, Outcome], None] = lambda step, seconds, outcome: None,
) -> Outcome:
    """Run all steps whose code, parameters, inputs or data have changed since their result was kept.

    Args:
        pipeline: the steps.
        given: parameters and data.
        start: make this step and those after it again, whatever is kept.
        force: make all of them again.
        cache: folder for results; nothing is kept without one.
        on_step: told after each step how many seconds it took, or None if it was skipped; and what there is.

    Raises:
        StepError: a step's code failed; results of the steps before it are kept.
        PipelineError: there is no such step, or something that it needs is missing.
    """
    first = 0 if force else len(pipeline.steps)
    if start is not None:
        first = min(first, pipeline.steps.index(pipeline.step(start)))
    kept, outcome = Cache(cache), Outcome()
    digests: dict[str, str] = {}
    random.seed(0)  # code that sets no seed still gives the same each time
    np.random.seed(0)
    if pipeline.set_up is not None:
        pipeline.set_up()
    with reading(given.sources, given.sample):
        for number, step in enumerate(pipeline.steps):
            begun = time.perf_counter()
            options, seen = _options(step, given)
            read = [name for name in seen if name in given.sources]
            outcome.data |= {name: seen[name] or "" for name in read}
            inputs = {name: digests[name] for name in step.takes}
            key = key_of(step, seen, inputs)
            is_known = all(seen[name] for name in read)  # else only reading it can tell
            result = kept.get(step.name, key) if number < first and is_known else None
            seconds = None
            if result is None:
                result = _made(step, options, outcome.values, kept, key)
                seconds = time.perf_counter() - begun
            else:
                outcome.skipped.append(step.name)
                if result.random is not None:
                    set_random_state(result.random)
            outcome.values |= result.values
            digests |= dict.fromkeys(step.makes, result.digest)
            on_step(step, seconds, outcome)
    outcome.metrics = _measured(pipeline, outcome.values)
    return outcome


def _options(step: Step, given: Given) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters and sources of a step; and the same with digests of the sources' content."""
    options: dict[str, Any] = {}
    seen: dict[str, Any] = {}
    for name in (*step.options, *step.sources):
        if name in given.sources:
            options[name] = given.sources[name]
            seen[name] = content_digest(given.sources[name])
        elif name in given.params:
            options[name] = deepcopy(given.params[name])
            seen[name] = given.params[name]
        else:
            raise PipelineError(
                f"the step {step.name} needs {name!r}, which is not in params.yaml",
                f"Add a line `{name}: VALUE` there.",
            )
    if given.sample is not None:
        seen["<sample>"] = given.sample
    return {name: options[name] for name in step.options}, seen


def _made(step: Step, options: Mapping[str, Any], values: Mapping[str, Any], kept: Cache, key: str) -> Result:
    before = random_digest()
    try:
        returned = step.function(*(values[name] for name in step.takes), **options)
    except PipelineError:
        raise
    except Exception as error:
        raise StepError(
            f"the step {step.name} failed with {type(error).__name__}",
            "Results of the steps before it are kept: mend it, and run it again.",
        ) from error
    return kept.put(step.name, key, step.named(returned), before)


def _measured(pipeline: Project, values: Mapping[str, Any]) -> dict[str, float]:
    """The metrics: numbers, and those of flat tables as ``name.key``."""
    found: dict[str, float] = {}
    for metric, name in pipeline.metrics.items():
        value = values[name]
        table = value if isinstance(value, dict) else {"": value}
        for key, number in table.items():
            if isinstance(number, numbers.Real) and math.isfinite(number):
                found[f"{metric}.{key}" if isinstance(value, dict) else metric] = float(number)
    return found
