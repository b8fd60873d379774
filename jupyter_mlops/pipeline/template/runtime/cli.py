"""``python -m NAME run`` and ``python -m NAME steps``."""

from __future__ import annotations

import argparse
import contextlib
import sys
import traceback
from collections.abc import Sequence

from .errors import PipelineError, StepError
from .params import load_settings, override, place_data
from .running import Given, Outcome, run
from .steps import Project, Step


def main(pipeline: Project, arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code: 0, 1 if a step failed, 2 if it was misused."""
    asked = _parser(pipeline).parse_args(arguments)
    try:
        return _steps(pipeline) if asked.command == "steps" else _run(pipeline, asked)
    except StepError as error:
        traceback.print_exception(error.__cause__)
        print(f"\n{error}", file=sys.stderr)
        return 1
    except PipelineError as error:
        print(error, file=sys.stderr)
        return 2


def _parser(pipeline: Project) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {pipeline.name}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("steps", help="list the steps, and what they take and make")
    again = commands.add_parser("run", help="run the steps that have changed, and track it with MLflow")
    again.add_argument(
        "--data", action="append", default=[], metavar="[NAME=]PLACE",
        help="a file, an address, a database as ADDRESS#TABLE, or snapshot:DIGEST",
    )  # fmt: skip
    again.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="instead of that of params.yaml"
    )
    again.add_argument("--from", dest="start", metavar="STEP", help="make this step and those after it again")
    again.add_argument("--force", action="store_true", help="make all steps again")
    again.add_argument("--no-track", action="store_true", help="without a run in MLflow")
    return parser


def _steps(pipeline: Project) -> int:
    for step in pipeline.steps:
        print(f"{step.name}: {step.title}")
        for word, names in (("takes", step.takes), ("options", step.options), ("makes", step.makes)):
            if names:
                print(f"    {word} {', '.join(names)}")
    return 0


def _run(pipeline: Project, asked: argparse.Namespace) -> int:
    params, sources = load_settings(pipeline.folder)
    given = Given(override(params, asked.param), place_data(sources, asked.data))
    if asked.start is not None:
        pipeline.step(asked.start)  # a word that is none is told before a run is begun

    def told(step: Step, seconds: float | None, _: Outcome) -> None:
        done = "unchanged, taken from .cache" if seconds is None else f"{seconds:.1f} s"
        print(f"{step.name}: {done}", flush=True)

    with contextlib.ExitStack() as stack:
        run_id = None
        if not asked.no_track:
            from .tracking import log, tracked

            run_id = stack.enter_context(tracked(pipeline))
        outcome = run(
            pipeline,
            given,
            start=asked.start,
            force=asked.force,
            cache=pipeline.folder / ".cache",
            on_step=told,
        )
        if run_id is not None:
            log(pipeline, given, outcome)
    _show(outcome, run_id)
    return 0


def _show(outcome: Outcome, run_id: str | None) -> None:
    for name, value in outcome.metrics.items():
        print(f"{name} = {value:.6g}")
    if run_id is not None:
        print(f"MLflow run {run_id}")
