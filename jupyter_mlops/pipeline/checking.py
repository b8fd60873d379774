"""Is a written project's result that of the notebook? It runs in clean processes, anew and from its cache."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_mlops.errors import ReproduceError
from jupyter_mlops.lineage.alike import compare_rows, is_time, same_number
from jupyter_mlops.lineage.asked import NETWORK
from jupyter_mlops.lineage.clean_process import Limits, run_apart
from jupyter_mlops.lineage.memory_used import MORE_MEMORY, most_memory, needs_more
from jupyter_mlops.lineage.replay_store import replay_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_mlops.lineage.replay import Terms
    from jupyter_mlops.pipeline.steps import StepPlan

_WORKER = "jupyter_mlops.pipeline.check_worker"


@dataclass(frozen=True)
class Expected:
    """What a project must give again.

    `model` is the variable of the model, and `digest` that of its fitted state. `predictions` and
    `probabilities` are those of the notebook's model on the stored frame with the digest `rows`, where they
    are known. `features` is the variable with rows as the model takes them.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None
    digest: str | None = None
    features: str | None = None
    rows: str | None = None
    predictions: list[Any] | None = None
    probabilities: list[list[float]] | None = None


@dataclass(frozen=True)
class Figure:
    """One thing that was compared, and what came of it."""

    what: str
    figure: str
    is_equal: bool = True


@dataclass(frozen=True)
class Verdict:
    """What the checks found; `step` is the first whose result differs. `rows` are enough for its test."""

    figures: tuple[Figure, ...]
    step: str | None = None
    rows: int | None = None
    error: str | None = None

    @property
    def is_equal(self) -> bool:
        """True if nothing that decides is different."""
        return self.error is None and all(figure.is_equal for figure in self.figures)


def check_project(
    folder: Path,
    name: str,
    steps: Sequence[StepPlan],
    expected: Expected,
    terms: Terms,
    snapshots: Path,
    progress: Callable[[str, float], None],
) -> Verdict:
    """Run a project in two clean processes and compare what it gives.

    Args:
        folder: the project.
        name: of its package.
        steps: as planned, with the digests of what the notebook's code made.
        expected: the notebook's results.
        terms: what the processes may take; its scratch folder must be empty.
        snapshots: the project's store.
        progress: told what happens and the share that is done.

    Raises:
        ReproduceError: a process took too long or too much memory.
    """
    metrics = sorted(expected.metrics)
    task = {
        "folder": str(folder),
        "name": name,
        "model": expected.model,
        "rows": expected.rows,
        "snapshots": str(snapshots),
        "cache": str(terms.scratch / "cache"),
        "metrics": metrics,
        "start": _start(steps),
    }
    progress("running the pipeline in a clean process", 0.0)
    first = _run({**task, "again": False}, terms, "first")
    if "failed" in first:
        return Verdict((), _after(first["failed"], steps), error=first["error"])
    figures = _compared(expected, first)
    found = Verdict(tuple(figures), _first_other(steps, first["digests"]))
    if not found.is_equal:
        return found
    progress("running it once more, from its cache", 0.5)
    again = _run({**task, "again": True}, terms, "again")
    if "failed" in again:
        return Verdict((), None, error=f"{again['error']} when it ran from its cache")
    for what, values in (("from the cache", again["metrics"]), (f"from {task['start']} on", again["anew"])):
        same = values.keys() == first["metrics"].keys() and all(
            same_number(values[key], first["metrics"][key]) or is_time(key) for key in values
        )
        figures.append(Figure(what, "equal" if same else "other metrics", same))
    return Verdict(tuple(figures), None, again["rows"])


def _start(steps: Sequence[StepPlan]) -> str:
    """The step from which it is made anew: training, with what is before it from the cache."""
    names = [step.segment.name for step in steps if step.segment.stage == "train"]
    return names[0] if names else steps[-1].segment.name


def _after(done: str, steps: Sequence[StepPlan]) -> str:
    names = [step.segment.name for step in steps]
    at = names.index(done) + 1 if done in names else 0
    return names[min(at, len(names) - 1)]


def _compared(expected: Expected, found: Mapping[str, Any]) -> list[Figure]:
    figures = []
    for name, value in expected.metrics.items():
        again = found["metrics"].get(name)
        if again is None:
            figures.append(Figure(name, f"recorded {value:.6g}, not computed", is_time(name)))
        elif same_number(value, again):
            figures.append(Figure(name, f"{value:.6g} again"))
        else:
            figures.append(Figure(name, f"recorded {value:.6g}, now {again:.6g}", is_time(name)))
    if expected.predictions is not None and found.get("predictions") is not None:
        rows = compare_rows(
            expected.predictions,
            found["predictions"],
            (expected.probabilities, found.get("probabilities")),
        )
        said = f"{rows.before:,} rows equal" if rows.are_equal else f"{rows.differ or 0:,} rows differ"
        figures.append(Figure("predictions", said, rows.are_equal))
    elif expected.model is not None:
        is_same = expected.digest is not None and expected.digest == found.get("model")
        is_judged = bool(expected.metrics) or expected.digest is None or found.get("model") is None
        said = "equal, by content digest" if is_same else "not compared by content; metrics decide"
        figures.append(Figure("fitted state", said, is_same or is_judged))
    return figures


def _first_other(steps: Sequence[StepPlan], digests: Mapping[str, Mapping[str, str | None]]) -> str | None:
    for step in steps:
        made = digests.get(step.segment.name, {})
        for name, known in step.digests.items():
            if known is not None and made.get(name) not in {known, None}:
                return step.segment.name
    return None


def _run(task: Mapping[str, Any], terms: Terms, what: str) -> dict[str, Any]:
    place = terms.scratch / what
    work = place / "work"
    work.mkdir(parents=True)
    limits = Limits(terms.timeout, terms.memory or most_memory())
    report, file = terms.scratch / f"{what}.json", place / "task.json"
    project = str(Path(task["snapshots"]).parents[1])
    own = {
        "scratch": str(terms.scratch),
        "report": str(report),
        "memory": limits.memory,
        "network": NETWORK in terms.allow,
        "parent": os.getpid(),
    }
    file.write_text(json.dumps({**task, **own}), "utf-8")
    environment = {
        **replay_environment(place),
        "MLOPS_PROJECT": project,  # where `snapshot:DIGEST` is looked up
        "MPLBACKEND": "agg",
        "TMPDIR": str(work),
    }
    ended = run_apart(
        [sys.executable, "-m", _WORKER, str(file)],
        folder=work,
        environment=environment,
        errors=place / "stderr.txt",
        limits=limits,
        on_line=lambda line: None,
    )
    if report.exists():
        told: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return told
    if ended.beyond == "time":
        raise ReproduceError(
            f"the pipeline was still running after {limits.seconds:.0f} seconds in a clean process",
            "Give it longer with --timeout.",
        )
    if ended.beyond == "memory":
        raise ReproduceError(f"the pipeline {needs_more(limits.memory)}", MORE_MEMORY)
    raise ReproduceError(
        f"the clean process of the pipeline ended with exit code {ended.code} before it was done",
        "Check free memory, and that the code runs after `Restart kernel`.",
    )
