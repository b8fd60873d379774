"""Start a worker in a fresh process, in a project folder of its own, and read what it measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.stopwatch import Took

ROOT = Path(__file__).resolve().parent.parent
_DATA = ROOT / "example_notebooks" / "data"
_MINUTES = 15
# A store or an experiment of the user's must not receive the benchmark's runs.
_NOT_OURS = ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", "PYTHONSTARTUP")


class Bench:
    """A folder for the measurements; made by `open_bench`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = folder / "mlflow.db"
        self.run("new_store", folder)

    def project(self) -> Path:
        """A new project folder with the data and an MLflow store that has its tables but no runs."""
        project = Path(tempfile.mkdtemp(prefix="project-", dir=self.folder))
        shutil.copytree(_DATA, project / "data")
        shutil.copyfile(self._store, project / "mlflow.db")
        return project

    def measure(self, worker: str, *words: str, python: str = sys.executable) -> dict[str, Any]:
        """Run a worker in a new project, which is removed afterwards; returns what it measured."""
        project = self.project()
        try:
            return self.measure_in(project, worker, *words, python=python)
        finally:
            shutil.rmtree(project)

    def measure_in(
        self, project: Path, worker: str, *words: str, python: str = sys.executable
    ) -> dict[str, Any]:
        """Run a worker in a project that stays; its arguments are the result file and `words`."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        self.run(worker, project, str(result), *words, python=python)
        found: dict[str, Any] = json.loads(result.read_text("utf-8"))
        return found

    def ask(
        self, worker: str, task: dict[str, Any], *, python: str = sys.executable
    ) -> tuple[dict[str, Any], Took]:
        """Run a worker in an empty folder that holds `task`; its ``result.json``, and what that took."""
        with tempfile.TemporaryDirectory(prefix="task-", dir=self.folder) as name:
            folder = Path(name)
            (folder / "task.json").write_text(json.dumps(task), "utf-8")
            watch = Stopwatch()
            self.run(worker, folder, python=python)
            took = watch.took()
            found: dict[str, Any] = json.loads((folder / "result.json").read_text("utf-8"))
        return found, took

    def run(self, worker: str, folder: Path, *words: str, python: str = sys.executable) -> None:
        """Run ``benchmarks.workers.<worker>`` in `folder`.

        Raises:
            SystemExit: it failed, and its last lines are shown; or it took too long.
        """
        try:
            done = subprocess.run(
                [python, "-m", f"benchmarks.workers.{worker}", *words],
                cwd=folder,
                env=self._environment(folder),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                timeout=_MINUTES * 60,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise SystemExit(f"the worker {worker} was still running after {_MINUTES} minutes") from late
        if done.returncode:
            last = "\n".join(done.stderr.splitlines()[-5:])
            raise SystemExit(f"the worker {worker} {' '.join(words)} failed:\n{last}")

    def _environment(self, folder: Path) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in _NOT_OURS}
        one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return {
            **kept,
            **one_thread,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]),
            "PYTHONWARNINGS": "ignore",
            "IPYTHONDIR": str(self.folder / "ipython"),
            "MLOPS_PROJECT": str(folder),
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }


@contextmanager
def open_bench() -> Iterator[Bench]:
    """A temporary bench; ``TMPDIR`` says on which disk."""
    with tempfile.TemporaryDirectory(prefix="mlops-bench-", ignore_cleanup_errors=True) as folder:
        yield Bench(Path(folder).resolve())
