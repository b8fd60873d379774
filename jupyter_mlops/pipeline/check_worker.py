"""The clean process of a check: runs a project's steps and reports what they gave.

Started as ``python -m jupyter_mlops.pipeline.check_worker TASK.json``. The user's files can be read but not
written, as in a replay.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from jupyter_mlops.lineage.outputs import outputs
from jupyter_mlops.notebook.limits import bound_memory, end_with
from jupyter_mlops.notebook.no_network import refuse_network
from jupyter_mlops.notebook.read_only import make_read_only
from jupyter_mlops.snapshot import SnapshotStore, digest

_SAMPLES = (200, 1_000, 5_000, 20_000)


def main(task_file: Path) -> None:
    """Do the task and write its report beside it."""
    task: dict[str, Any] = json.loads(task_file.read_text("utf-8"))
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    folder = Path(task["folder"])
    make_read_only(Path(task["scratch"]), folder)
    bound_memory(task["memory"])
    if not task["network"]:
        refuse_network()
    end_with(task["parent"])
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    project = _Project(task)
    try:
        report = project.again() if task["again"] else project.first()
    except Exception as error:  # noqa: BLE001 - whatever the steps raise
        cause = error.__cause__ or error
        name = f" ({cause.name!r})" if isinstance(cause, NameError | ImportError) and cause.name else ""
        report = {"failed": project.now, "error": f"{type(cause).__name__}{name}"}
    Path(task["report"]).write_text(json.dumps(report), "utf-8")
    os._exit(0)  # threads and handlers of the user's code have nothing left to do here


class _Project:
    def __init__(self, task: dict[str, Any]) -> None:
        self._task = task
        self.now = ""
        """The last step that was done."""

    def first(self) -> dict[str, Any]:
        """Run all steps; what they gave, with digests of what each made."""
        found: dict[str, dict[str, str | None]] = {}

        def told(step: Any, seconds: float | None, outcome: Any) -> None:
            self.now = step.name
            found[step.name] = {name: digest(outcome.values[name]) for name in step.makes}

        outcome = self._run(on_step=told)
        return {"digests": found, "metrics": outcome.metrics, **self._predicted(outcome.values)}

    def again(self) -> dict[str, Any]:
        """Run it from the cache, then some steps of it anew, then on samples."""
        cached = self._run()
        anew = self._run(start=self._task["start"])
        return {
            "skipped": cached.skipped,
            "metrics": cached.metrics,
            "anew": anew.metrics,
            "rows": self._sample(),
        }

    def _sample(self) -> int | None:
        """The first number of rows that all steps run with and give finite metrics; None if it needs all."""
        for rows in _SAMPLES:
            try:
                outcome = self._run(sample=rows, keeps=False)
            except Exception:  # noqa: BLE001, S112 - too few rows for whatever the steps do
                continue
            if outcome.metrics.keys() >= set(self._task["metrics"]):
                return rows
        return None

    def _run(self, *, sample: int | None = None, keeps: bool = True, **options: Any) -> Any:
        name = self._task["name"]
        pipeline = importlib.import_module(f"{name}.pipeline").PIPELINE
        settings = importlib.import_module(f"{name}.runtime.params").load_settings
        running = importlib.import_module(f"{name}.runtime.running")
        given = running.Given(*settings(pipeline.folder), sample)
        cache = Path(self._task["cache"]) if keeps else None
        return running.run(pipeline, given, cache=cache, **options)

    def _predicted(self, values: dict[str, Any]) -> dict[str, Any]:
        model, rows = self._task["model"], self._task["rows"]
        if not model:
            return {}
        found: dict[str, Any] = {"model": digest(values[model])}
        if rows:
            frame = SnapshotStore(Path(self._task["snapshots"])).get(rows)
            found["predictions"], found["probabilities"] = outputs(values[model], frame)
        return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
